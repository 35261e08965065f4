"""Our stubs of gimpfu, which types and unit tests rest on, against the real gimpfu in GIMP 2.10."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import find_gimp210
from workplace import workplace

from tests.gimp210.fake_gimpfu import constants, functions, members

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    """What GIMP says about every name of the stubs."""
    wanted = {
        "constants": sorted(constants()),
        "functions": sorted({*functions("gimp.pyi"), *functions("gimpfu.pyi")}),
        "members": {kind: sorted(names) for kind, names in members().items() if kind != "PDB"},
        "procedures": sorted(members()["PDB"]),
    }
    with workplace() as place:
        host = find_gimp210(place)
        (place.pictures / "stubs.json").write_text(json.dumps(wanted), "utf-8")
        found, log = host.run("gimp210_names", "names")
        assert "Traceback" not in log
        return dict(found)


def test_every_constant_has_the_real_value(real: dict[str, Any]) -> None:
    assert real["constants"] == constants()


def test_every_function_is_there(real: dict[str, Any]) -> None:
    assert all(real["functions"].values()), real["functions"]


def test_register_takes_the_same_arguments(real: dict[str, Any]) -> None:
    assert tuple(real["register"]) == functions("gimpfu.pyi")["register"].arguments


def test_every_member_of_every_class_is_there(real: dict[str, Any]) -> None:
    for kind, names in real["members"].items():
        assert all(names.values()), (kind, names)


def test_every_procedure_takes_and_returns_as_many_values(real: dict[str, Any]) -> None:
    expected = {name: [len(call.arguments), call.results] for name, call in members()["PDB"].items() if call}
    assert real["procedures"] == expected


def test_what_a_parasite_holds_is_what_was_put_in(real: dict[str, Any]) -> None:
    assert real["parasite"] == "x\0y"
