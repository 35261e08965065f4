"""Imports point one way."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core" / "softlight"
STORE = ROOT / "model_store" / "softlight_models"
BRIDGE = ROOT / "plugins" / "bridge" / "softlight_bridge"

LAYERS = (
    {"errors", "progress", "defects"},
    {"picture"},
    {"layers"},
    {"soft_light", "encoding", "tiles", "alignment"},
    {"compositor", "display", "degradation"},
    {"files"},
    {"runtime"},
    {"roles"},
    {"blend_pyramid"},
    {"doctor"},
    {"bug_report"},
    {"faces"},
    {"filters"},
    {"batch"},
    {"engine"},
    {"plugins"},
    {"cli"},
    {"__main__"},
)
"""The rooms of the core, the lowest first: each may use those before it."""

NEVER_IN_CORE = {"PyQt5", "PyQt6", "PySide6", "gi", "krita", "torch", "torchvision", "requests", "skimage"}

STANDARD = set(sys.stdlib_module_names)
PYTHON_2 = {"Queue", "__builtin__"}
"""What GIMP 2.10's Python 2.7 calls modules that have other names today."""
ADAPTERS = {
    "gimp/softlight_gimp": {"gi", "softlight_gimp", "softlight_bridge"},
    "gimp/softlight_gimp210": {"gimp", "gimpfu", "gimpenums", "gimpui", "gtk", "pygtk", "softlight_gimp210"}
    | PYTHON_2,
    "krita/softlight_krita": {"krita", "PyQt5", "PyQt6", "softlight_krita", "softlight_bridge"},
}
"""Each plug-in, and what it may import beside the standard library: its host, itself and the bridge."""


def modules(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the full names of all modules that the file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.update({str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names})
    return names


def top(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def rooms_used(path: Path) -> set[str]:
    """Return the rooms of the core that the file imports from."""
    known = set().union(*LAYERS)
    return {name.split(".")[1] for name in imported(path) if name.startswith("softlight.")} & known


def room_of(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(CORE), ids=lambda path: str(path.relative_to(ROOT)))
def test_core_imports_only_what_lies_below(path: Path) -> None:
    assert not top(imported(path)) & NEVER_IN_CORE
    room = room_of(path)
    if room == "__init__":
        assert rooms_used(path) == set()
        return
    level = next((number for number, rooms in enumerate(LAYERS) if room in rooms), None)
    assert level is not None, f"{room} has no place in the order of tests/test_imports.py yet"
    below = set().union(*LAYERS[:level]) | {room}
    assert rooms_used(path) <= below, f"{path} imports from above itself"


@pytest.mark.parametrize("path", modules(CORE), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_command_line_parses_arguments(path: Path) -> None:
    if room_of(path) != "cli":
        assert "argparse" not in top(imported(path))


@pytest.mark.parametrize("path", modules(STORE), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_model_store_knows_neither_the_runtime_nor_the_core(path: Path) -> None:
    # Only the store goes to the network.
    forbidden = (NEVER_IN_CORE - {"requests"}) | {"onnxruntime", "numpy", "cv2", "softlight"}
    assert not top(imported(path)) & forbidden


@pytest.mark.parametrize("path", modules(BRIDGE), ids=lambda path: path.name)
def test_the_bridge_needs_only_the_standard_library(path: Path) -> None:
    assert top(imported(path)) <= STANDARD | {"softlight_bridge"}


@pytest.mark.parametrize("plugin", ADAPTERS)
def test_plug_ins_need_only_their_host_and_the_bridge(plugin: str) -> None:
    paths = modules(ROOT / "plugins" / plugin)
    assert paths
    for path in paths:
        assert top(imported(path)) <= STANDARD | ADAPTERS[plugin], path


@pytest.mark.parametrize("path", modules(CORE / "plugins"), ids=lambda path: path.name)
def test_what_installs_plug_ins_needs_only_the_standard_library(path: Path) -> None:
    assert top(imported(path)) <= STANDARD | {"softlight"}
    assert rooms_used(path) <= {"errors", "filters", "plugins"}


@pytest.mark.parametrize("path", modules(CORE), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_engine_and_the_command_line_know_the_bridge(path: Path) -> None:
    if room_of(path) not in {"engine", "cli"}:
        assert "softlight_bridge" not in top(imported(path))


@pytest.mark.parametrize("name", ["errors.py", "progress.py", "filters/specification.py"])
def test_what_hosts_carry_as_data_needs_only_the_standard_library(name: str) -> None:
    assert not top(imported(CORE / name)) & {"numpy", "cv2", "PIL", "onnxruntime"}


def test_packages_of_a_filter_import_nothing_heavy() -> None:
    for package in (CORE / "filters" / "__init__.py", *CORE.glob("filters/*/__init__.py")):
        directly = {
            alias.name.partition(".")[0]
            for node in ast.parse(package.read_text("utf-8")).body
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert not directly & {"numpy", "cv2", "onnxruntime"}
