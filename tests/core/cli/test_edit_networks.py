"""``softlight edit --method networks``: from a user's own entry and file to a picture."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.core.cli.conftest import SAMPLES, command_line, environment
from tests.core.cli.models.home import MODEL, Home
from tests.model_shelf import write_entry
from tests.published_faces import fran
from tests.published_motion import moving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders as Linux has them")

CHEEK, SKY = np.s_[255:270, 225:245], np.s_[20:80, 420:500]
"""In the portrait of Hopper."""


def edited(home: Home, *arguments: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command_line("edit", *arguments, "--method", "networks", "--provider", "cpu"),
        capture_output=True,
        encoding="utf-8",
        env=environment(home.place),
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def bring_expression(home: Home, files: Path) -> None:
    """Write an entry of a user's own for six files, and import them."""
    files.mkdir()
    text = [
        'role = "expression"\ncontract = "live-portrait"\ntitle = "Moving"\nuse_when = "A test runs."\n'
        'vendor = "Tests"\npreference = 50\norigin = "made for this test"\n'
        '[licence]\nspdx = "CC0-1.0"\nlimit = "none"\nterms = "Free for any use."'
    ]
    for network, content in moving().items():
        (files / f"{network}.onnx").write_bytes(content)
        text.append(
            f'[[files]]\nnetwork = "{network}"\nname = "{network}.onnx"\n'
            f'sha256 = "{hashlib.sha256(content).hexdigest()}"'
        )
    home.entries.mkdir(parents=True, exist_ok=True)
    (home.entries / "moving.toml").write_text("\n".join(text), "utf-8")
    home.done("import", files, "--accept-licence")


def test_installed_networks_make_age_and_expression(tmp_path: Path) -> None:
    home, photo, out = Home(tmp_path / "home of Zoë"), tmp_path / "photo.jpg", tmp_path / "out.png"
    shutil.copy(SAMPLES / "hopper.jpg", photo)
    none = edited(home, photo, "-o", out, "--age", 10)
    assert none.returncode == MODEL and not out.exists()
    assert none.stderr == (
        "softlight: No model for age is installed; `softlight models list` shows what can be downloaded.\n"
    )
    file = tmp_path / "red.onnx"
    file.write_bytes(fran())
    write_entry(home.entries, "red", None, file.read_bytes(), title="Red", role="age", contract="fran-1024")
    home.done("import", file, "--accept-licence")
    bring_expression(home, tmp_path / "six files")
    done = edited(home, photo, "-o", out, "--age", 10, "--smile", 1, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    settings = json.loads(done.stdout)["settings"]
    assert (settings["filter"], settings["method"]) == ("edit", "networks")
    before, after = (np.asarray(Image.open(name).convert("RGB")).astype(int) for name in (photo, out))
    assert (after - before)[CHEEK][..., 0].mean() < -15 and not (after != before)[SKY].any()
