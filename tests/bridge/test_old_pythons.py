"""The bridge runs in the host's own Python, from 3.8 on, and talks to an engine of any other version."""

from __future__ import annotations

import ast
import subprocess
import sys
from multiprocessing.connection import Listener
from pathlib import Path

import pytest

from softlight_bridge import handshake
from softlight_bridge.wire import Line
from tests.bridge.ground import Ground, grey, trial_job
from tests.bridge.pythons import BRIDGE, VERSIONS, other_python

MODULES = sorted((BRIDGE / "softlight_bridge").glob("*.py"))
KEY = bytes(range(32))

PEER = f"""
import sys
sys.path.insert(0, {str(BRIDGE)!r})
from multiprocessing.connection import Client
from softlight_bridge import handshake
from softlight_bridge.wire import Line
side, address, key = sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3])
line = Line(Client(address))
try:
    met = handshake.greet(line, key, "Old 1.0") if side == "client" else handshake.receive(line, key)
    print("met", met.version)
except handshake.Refused as error:
    print("refused", error)
"""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_is_python_3_8(path: Path) -> None:
    ast.parse(path.read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_the_standard_library_is_imported(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(str(node.module).partition(".")[0])
    assert names - {"softlight_bridge"} <= sys.stdlib_module_names


def python(version: str) -> str:
    found = other_python(version)
    if found is None:
        pytest.skip(f"no Python {version} here")
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_it_imports_in_every_python(version: str) -> None:
    names = [f"softlight_bridge.{path.stem}" for path in MODULES if path.stem != "windows"]
    code = f"import sys; sys.path.insert(0, {str(BRIDGE)!r}); import {', '.join(names)}"
    subprocess.run([python(version), "-I", "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize("right", [True, False], ids=["right key", "wrong key"])
@pytest.mark.parametrize("side", ["client", "engine"])
@pytest.mark.parametrize("version", VERSIONS)
def test_keys_are_understood_between_versions(ground: Ground, version: str, side: str, right: bool) -> None:
    found = python(version)
    with Listener(str(ground.folder / "s"), "AF_UNIX") as listener:
        told = (KEY if right else bytes(32)).hex()
        peer = subprocess.Popen(
            [found, "-I", "-c", PEER, side, str(ground.folder / "s"), told], stdout=subprocess.PIPE, text=True
        )
        line = Line(listener.accept())
        outcome = ""
        try:
            if side == "client":
                outcome = handshake.receive(line, KEY).host
            else:
                outcome = handshake.greet(line, KEY, "New 1.0").version
        except handshake.Refused:
            outcome = "refused"
        except handshake.Unanswered:
            outcome = "hung up"
        line.close()
        said = peer.communicate()[0]
    if right:
        assert outcome == ("Old 1.0" if side == "client" else "0.1.0") and said.startswith("met 0.1.0")
    else:
        assert outcome in ("refused", "hung up") and "met" not in said


@pytest.mark.parametrize("version", VERSIONS)
def test_a_job_from_every_python(ground: Ground, version: str) -> None:
    found = python(version)
    ground.engine().run(trial_job(), grey)
    code = f"""
import sys
sys.path.insert(0, {str(BRIDGE)!r})
from softlight_bridge.client import Engine
from softlight_bridge.messages import Job, PixelFormat, Raster
rgb = PixelFormat("RGB", "u8")
mask = Raster(7, 5, PixelFormat("Y", "u8"), b"\\xff" * 35)
rgba = PixelFormat("RGBA", "u8")
job = Job("trial", {{}}, (7, 5), rgb, "perceptual", None, mask, (0, 0), rgba, "u8", ("normal",))
told = []
result = Engine(("/nowhere",), "Old").run(
    job, lambda box: Raster(7, 5, rgb, b"\\x40" * 105), lambda done, text: told.append(text)
)
print(bytes(result.layers[0].pixels.data) == b"\\xa0\\xa0\\xa0\\xff" * 35)
"""
    done = subprocess.run(
        [found, "-I", "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("True\n", "", 0)
