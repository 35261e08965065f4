"""The locked requirements say what `pyproject.toml` asks for, everywhere; without a network."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from installers.requirements.lock import COMMAND
from installers.requirements.matrix import (
    BACKENDS,
    BUILD,
    CONSTRAINTS,
    PIP,
    ROOT,
    TOOLS,
    Platform,
    cells,
    lock_path,
)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CELLS = [pytest.param(*cell, id=f"{cell[0]}-{cell[1].target}-{cell[2]}") for cell in cells()]


@dataclass(frozen=True)
class Pin:
    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        (only,) = self.requirement.specifier
        assert only.operator == "=="
        return only.version


def pins(name: str) -> list[Pin]:
    text = lock_path(name).read_text("utf-8").replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement, *hashes = line.split("--hash=")
            found.append(Pin(Requirement(requirement.strip()), tuple(word.strip() for word in hashes)))
    return found


def asked(name: str) -> list[Requirement]:
    project = PROJECT["project"]
    if name in TOOLS:
        tools = {BUILD: PROJECT["build-system"]["requires"], PIP: ["pip"]}
        return [Requirement(line) for line in tools[name]]
    return [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"][name]]


def holds(requirement: Requirement, platform: Platform, python: str) -> bool:
    environment = {
        "sys_platform": platform.system,
        "platform_machine": platform.machine,
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    return requirement.marker is None or requirement.marker.evaluate(environment)


@pytest.mark.parametrize(("name", "platform", "python"), CELLS)
def test_a_list_pins_all_that_is_asked_for_once(name: str, platform: Platform, python: str) -> None:
    locked: dict[str, Pin] = {}
    for pin in pins(name):
        if holds(pin.requirement, platform, python):
            assert pin.name not in locked
            locked[pin.name] = pin
    wanted = [requirement for requirement in asked(name) if holds(requirement, platform, python)]
    assert wanted
    for requirement in wanted:
        pin = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pin.version), (
            f"{requirement} against {pin.version}; run {COMMAND}"
        )
    for line in CONSTRAINTS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            constraint = Requirement(line)
            if constraint.name in locked and holds(constraint, platform, python):
                assert constraint.specifier.contains(locked[constraint.name].version)


@pytest.mark.parametrize("name", [*BACKENDS, *TOOLS])
def test_every_pin_has_checksums(name: str) -> None:
    for pin in pins(name):
        assert pin.hashes, pin.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in pin.hashes), pin.name
        assert pin.requirement.url is None


@pytest.mark.parametrize("name", [*BACKENDS, *TOOLS])
def test_a_list_says_what_renews_it_and_names_no_index(name: str) -> None:
    text = lock_path(name).read_text("utf-8")
    assert COMMAND in "".join(text.splitlines(keepends=True)[:3])
    assert not re.search(r"^\s*-[^-]|--(?!hash=sha256:)|://", text, re.MULTILINE)


def test_the_back_ends_differ_by_their_onnxruntime_alone() -> None:
    for requirement in asked("cpu"):
        if not requirement.name.startswith("onnxruntime"):
            versions = {
                (pin.version, str(pin.requirement.marker))
                for name in BACKENDS
                for pin in pins(name)
                if pin.name == canonicalize_name(requirement.name)
            }
            of_one = [pin for pin in pins("cpu") if pin.name == canonicalize_name(requirement.name)]
            assert len(versions) == len(of_one), requirement.name
