"""Our stubs of Krita's scripting interface against every real Krita: each name is there, with its arguments.

Run:   python -m pytest -m hosts tests/hosts/test_krita_stubs.py
Needs: what `roots.py` needs; 8 s for each Krita. 5.1 and 5.2 run by default.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import find_root
from workplace import Workplace

pytestmark = pytest.mark.hosts

STUBS = Path(__file__).parents[2] / "stubs" / "krita.pyi"
INSIDE = Path(__file__).parent / "inside" / "krita_stubs.py"
LATER = {("Document", "createTransparencyMask"): "5.2"}
"""What is missing in an older Krita, which the plug-in asks with `hasattr`."""
UNSCOPED = {("DockWidgetFactoryBase", "DockPosition"), ("DockWidgetFactory", "DockPosition")}
"""PyQt5's Krita names the places of dockers without their scope, which the plug-in knows."""


class Claim(NamedTuple):
    """A name that the stubs promise."""

    owner: str
    name: str
    arguments: tuple[int, int] | None
    """Least and most that a call takes beside `self`; None for what is no method."""


def claims() -> Iterator[Claim]:
    for owner in ast.parse(STUBS.read_text("utf-8")).body:
        if not isinstance(owner, ast.ClassDef):
            continue
        yield Claim(owner.name, "__name__", None)
        for member in owner.body:
            if isinstance(member, ast.FunctionDef) and member.name != "__init__":
                static = any(isinstance(one, ast.Name) and one.id == "staticmethod"
                             for one in member.decorator_list)  # fmt: skip
                most = len(member.args.args) - (not static)
                yield Claim(owner.name, member.name, (most - len(member.args.defaults), most))
            elif isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                yield Claim(owner.name, member.target.id, None)


def taken(doc: str, name: str) -> tuple[int, int] | None:
    """Least and most arguments by SIP's docstring, "name(self, a: str, b: int = 0) -> bool"; None without."""
    for line in doc.splitlines():
        told = re.match(rf"{name}\((.*)\)(?: ->.*)?$", line.strip())
        if told:
            arguments = [one for one in re.split(r",\s*(?![^\[]*\])", told[1]) if one and one != "self"]
            return sum("=" not in one for one in arguments), len(arguments)
    return None


@pytest.mark.parametrize("name", [
    pytest.param("bookworm", id="5.1"),
    pytest.param("trixie", id="5.2"),
    pytest.param("forky", id="5.3", marks=pytest.mark.all_hosts),
    pytest.param("sid", id="6.0", marks=pytest.mark.all_hosts),
])  # fmt: skip
def test_every_name_is_real(name: str, place: Workplace) -> None:
    root, out = find_root(name), place.folder / "found.json"
    shutil.copy(INSIDE, place.folder)
    promised = list(claims())
    done = root.run(
        ["kritarunner", "-s", INSIDE.stem, "-f", "compare"],
        {
            **place.environment,
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(place.folder),
            "SOFTLIGHT_NAMES": json.dumps([[claim.owner, claim.name] for claim in promised]),
            "SOFTLIGHT_OUT": str(out),
        },
        timeout=120,
    )
    assert out.exists(), done.stdout + done.stderr
    told = json.loads(out.read_text("utf-8"))
    missing, other, compared = [], [], 0
    for claim, (_, _, there, doc) in zip(promised, told["found"], strict=True):
        key = claim.owner, claim.name
        if not there:
            if key not in UNSCOPED and told["version"] >= LATER.get(key, "0"):
                missing.append(key)
            continue
        real = taken(doc, claim.name)
        if claim.arguments is not None and real is not None:
            compared += 1
            least, most = claim.arguments
            if most > real[1] or least < real[0]:
                other.append((*key, claim.arguments, doc))
    assert not missing
    assert not other
    assert compared > 70, "Krita's own signatures were not found"
