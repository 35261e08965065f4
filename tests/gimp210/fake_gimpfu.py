"""A gimpfu for tests outside GIMP: the constants of our stub, and a register that remembers."""

from __future__ import annotations

import ast
import sys
import types
from pathlib import Path
from typing import Any

STUBS = Path(__file__).parents[2] / "stubs"


def constants() -> dict[str, int]:
    """The stub's constants with their values, `NAME: Literal[number]`."""
    found = {}
    for node in ast.parse((STUBS / "gimpfu.pyi").read_text("utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Subscript):
            assert isinstance(node.target, ast.Name) and isinstance(node.annotation.slice, ast.Constant)
            found[node.target.id] = int(node.annotation.slice.value)
    return found


def members() -> dict[str, dict[str, int | None]]:
    """The classes of the stub of `gimp`: their attributes, and how many arguments their methods take."""
    found: dict[str, dict[str, int | None]] = {}
    for node in ast.parse((STUBS / "gimp.pyi").read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = {}
            for member in node.body:
                if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                    found[node.name][member.target.id] = None
                elif isinstance(member, ast.FunctionDef):
                    found[node.name][member.name] = len(member.args.args) - 1
    return found


def functions(stub: str) -> dict[str, list[str]]:
    """The functions of a stub with the names of their arguments."""
    return {
        node.name: [argument.arg for argument in node.args.args]
        for node in ast.parse((STUBS / stub).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def install(monkeypatch: Any) -> list[tuple[Any, ...]]:
    """Put the fake modules where imports find them; return what will be registered."""
    registered: list[tuple[Any, ...]] = []
    gimpfu, gimp = types.ModuleType("gimpfu"), types.ModuleType("gimp")
    for name, value in constants().items():
        setattr(gimpfu, name, value)
    gimpfu.CancelError = type("CancelError", (RuntimeError,), {})  # type: ignore[attr-defined]
    gimpfu.pdb = types.SimpleNamespace()  # type: ignore[attr-defined]

    def register(*arguments: Any, **named: Any) -> None:
        registered.append((*arguments, named))

    gimpfu.register = register  # type: ignore[attr-defined]
    gimpfu.main = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gimpfu", gimpfu)
    monkeypatch.setitem(sys.modules, "gimp", gimp)
    for name in [name for name in sys.modules if name.startswith("softlight_gimp210")]:
        monkeypatch.delitem(sys.modules, name)
    return registered
