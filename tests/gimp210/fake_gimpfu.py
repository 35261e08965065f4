"""A gimpfu for tests outside GIMP, made from our stubs of it: constants, and a register that remembers.

Nothing of GIMP works in it; what touches a picture is tested in the real one (`tests/hosts`), and there the
stubs are compared with the real modules.
"""

from __future__ import annotations

import ast
import types
from pathlib import Path
from typing import Any, NamedTuple

STUBS = Path(__file__).parents[2] / "stubs"


class Call(NamedTuple):
    """How something of a stub is called."""

    arguments: tuple[str, ...]
    """Their names, without `self`."""
    results: int


class Fakes(NamedTuple):
    gimp: types.ModuleType
    gimpfu: types.ModuleType
    registered: list[dict[str, Any]]
    """What was registered: the arguments of each call, by name."""


def constants() -> dict[str, int]:
    """The stub's constants with their values, `NAME: Literal[number]`."""
    found = {}
    for node in _statements("gimpfu.pyi"):
        if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Subscript):
            assert isinstance(node.target, ast.Name) and isinstance(node.annotation.slice, ast.Constant)
            found[node.target.id] = int(str(node.annotation.slice.value))
    return found


def functions(stub: str) -> dict[str, Call]:
    """The functions of a stub."""
    return {node.name: _call(node) for node in _statements(stub) if isinstance(node, ast.FunctionDef)}


def members() -> dict[str, dict[str, Call | None]]:
    """The classes of the stub of `gimp`, with their methods and, with None, their attributes."""
    found: dict[str, dict[str, Call | None]] = {}
    for node in _statements("gimp.pyi"):
        if isinstance(node, ast.ClassDef):
            found[node.name] = {}
            for member in node.body:
                if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                    found[node.name][member.target.id] = None
                elif isinstance(member, ast.FunctionDef):
                    found[node.name][member.name] = _call(member)
    return found


def fakes() -> Fakes:
    """Make the modules; they go where imports find them for as long as ours are imported."""
    registered: list[dict[str, Any]] = []
    names = functions("gimpfu.pyi")["register"].arguments

    def register(*arguments: Any, **named: Any) -> None:
        assert len(arguments) <= len(names) and set(named) <= set(names[len(arguments) :])
        registered.append({**dict(zip(names, arguments)), **named})

    gimpfu = types.ModuleType("gimpfu")
    vars(gimpfu).update(constants())
    error = type("CancelError", (RuntimeError,), {})
    vars(gimpfu).update(CancelError=error, pdb=None, register=register, main=lambda: None)
    vars(gimpfu).update(_get_defaults=lambda name: [])
    return Fakes(types.ModuleType("gimp"), gimpfu, registered)


def _statements(stub: str) -> list[ast.stmt]:
    return ast.parse((STUBS / stub).read_text("utf-8")).body


def _call(node: ast.FunctionDef) -> Call:
    names = tuple(argument.arg for argument in node.args.args if argument.arg != "self")
    returned = node.returns
    if isinstance(returned, ast.Constant) and returned.value is None:
        return Call(names, 0)
    if isinstance(returned, ast.Subscript) and ast.unparse(returned.value) == "tuple":
        assert isinstance(returned.slice, ast.Tuple)
        return Call(names, len(returned.slice.elts))
    return Call(names, 1)
