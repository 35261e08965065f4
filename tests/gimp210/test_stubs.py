"""The stubs of gimpfu hold what the plug-in uses and no more; `tests/hosts` has them against the real one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.gimp210.fake_gimpfu import constants, functions, members
from tests.gimp210.imported import FAKES, plugin

SOURCE = "\n".join(
    path.read_text("utf-8") for path in sorted(Path(plugin.__file__).parent.glob("*.py"))
)  # fmt: skip


def test_every_constant_has_its_value_in_the_fake() -> None:
    assert {name: getattr(FAKES.gimpfu, name) for name in constants()} == constants()
    assert len(constants()) > 20


def test_the_fake_has_all_that_the_stub_of_gimpfu_has() -> None:
    for name in functions("gimpfu.pyi"):
        assert callable(getattr(FAKES.gimpfu, name))
    assert issubclass(FAKES.gimpfu.CancelError, RuntimeError)


@pytest.mark.parametrize("name", sorted({*constants(), *functions("gimp.pyi"), *functions("gimpfu.pyi")}))
def test_every_name_of_a_stub_is_used(name: str) -> None:
    assert re.search(rf"\b{name}\b", SOURCE)


@pytest.mark.parametrize("kind", sorted(members()))
def test_every_member_of_a_stub_is_used(kind: str) -> None:
    unused = [
        name
        for name in members()[kind]
        if not name.startswith("__") and not re.search(rf"\b{name}\b", SOURCE)
    ]
    assert unused == []


def test_every_procedure_that_is_called_is_in_the_stub() -> None:
    """A type checker says so too, and here it costs nothing."""
    called = set(re.findall(r"\bpdb\.(\w+)\(", SOURCE))
    assert called <= set(members()["PDB"])
    assert len(called) > 20
