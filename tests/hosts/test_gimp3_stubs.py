"""What `stubs/gi` says about GIMP 3 is held against GIMP 3.0 and 3.2: names, parameters, kinds.

The plug-in's types are checked with these stubs alone, so that a wrong one would hide a fault in the plug-in.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_stubs.py
Needs: what `roots.py` needs; some 10 s each.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import find_root
from gimp3 import gimp3
from test_gimp3 import ROOTS

pytestmark = pytest.mark.hosts
STUBS = Path(__file__).parents[2] / "stubs" / "gi" / "repository"


def claims(path: Path) -> list[dict[str, Any]]:
    """All that a stub says exists: classes with bases, functions with parameters, values."""
    found: list[dict[str, Any]] = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base) for base in node.bases]
            ours = [base for base in bases if base not in ("IntEnum", "IntFlag", "Exception")]
            found.append({"kind": "class", "name": node.name, "bases": ours})
            found += [claim for entry in node.body for claim in described(entry, node.name + ".")]
        else:
            found += described(node, "")
    return found


def described(node: ast.stmt, prefix: str) -> Iterator[dict[str, Any]]:
    """What one statement of a stub says."""
    if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
        entries = [entry for entry in node.args.args if entry.arg not in ("self", "cls")]
        returned = node.returns
        several = isinstance(returned, ast.Subscript) and ast.unparse(returned.value) == "tuple"
        parts = returned.slice.elts if several else [returned]  # type: ignore[union-attr]
        yield {
            "kind": "function",
            "name": prefix + node.name,
            "parameters": [(entry.arg, ast.unparse(entry.annotation)) for entry in entries],
            "returns": [ast.unparse(part) for part in parts if part is not None],
        }
    elif isinstance(node, ast.AnnAssign) and not ast.unparse(node.target).startswith("__"):
        yield {"kind": "value", "name": prefix + ast.unparse(node.target)}
    elif isinstance(node, ast.Assign) and not isinstance(node.value, ast.Call):
        yield {"kind": "value", "name": prefix + ast.unparse(node.targets[0])}


@pytest.mark.parametrize("root", ROOTS)
def test_the_stubs_say_what_is(root: str) -> None:
    said = {path.stem: claims(path) for path in sorted(STUBS.glob("*.pyi")) if path.stem != "__init__"}
    with gimp3(find_root(root)) as gimp:
        told = gimp.run("gimp3_stubs", {"claims": said})
    assert not told["wrong"], "\n".join(told["wrong"])
    assert told["compared"] > 250
