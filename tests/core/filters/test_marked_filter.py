"""A filter with the shared switch "mark": its results say that they are edited with AI, unless it is off."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from softlight.layers import SourceType
from softlight_bridge.client import Engine
from softlight_bridge.messages import Box, Raster
from tests.bridge.conftest import make_ground
from tests.bridge.ground import grey, trial_job
from tests.core.xmp_packets import attribute, said_in
from tests.extra_filter import MARKED, Overlay, overlay

EDITED = SourceType.EDITED_WITH_AI.value


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    return overlay(tmp_path_factory.mktemp("overlay"), sys.executable, MARKED)


@pytest.mark.parametrize(("options", "said"), [((), [EDITED]), (("--no-mark",), None)])
def test_on_the_command_line(
    extended: Overlay, tmp_path: Path, options: tuple[str, ...], said: object
) -> None:
    Image.new("RGB", (40, 30), (90, 80, 70)).save(tmp_path / "photo.jpg", xmp=attribute())
    mask = np.zeros((30, 40), np.uint8)
    mask[5:20, 5:30] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    for name in ("out.jpg", "out.layers"):
        words = [
            *extended.cli,
            "marked-glow",
            "photo.jpg",
            "--mask",
            "mask.png",
            "-o",
            name,
            "--json",
            *options,
        ]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    with Image.open(tmp_path / "out.jpg") as image:
        assert said_in(image.info["xmp"]) == (said or said_in(attribute()))
    stored = json.loads((tmp_path / "out.layers" / "stack.json").read_text("utf-8"))
    assert stored["source_type"] == (EDITED if said else None)
    assert stored["settings"] == {"filter": MARKED, "mark": bool(said)}
    assert len(stored["layers"]) == 1


def test_the_engine_tells_hosts(extended: Overlay) -> None:
    def read(box: Box) -> Raster:
        return grey(box)

    with pytest.MonkeyPatch.context() as monkeypatch:
        for _ in make_ground(monkeypatch):
            engine = Engine(extended.engine, "Test 1.0")
            for mark in (True, False):
                job = trial_job()._replace(filter=MARKED, settings={"mark": mark})
                result = engine.run(job, read)
                assert result.layers and result.source_type == (EDITED if mark else None)
