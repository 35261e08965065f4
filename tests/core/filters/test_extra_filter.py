"""A folder under ``filters/`` is all it takes: nothing else in the core names a filter."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from softlight.filters.registry import specifications
from softlight_bridge.client import Engine
from softlight_bridge.messages import Box, Raster
from softlight_bridge.specifications import read_filters
from tests.bridge.conftest import make_ground
from tests.bridge.ground import grey, trial_job
from tests.extra_filter import LABEL, NAME, Overlay, overlay


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    return overlay(tmp_path_factory.mktemp("overlay"))


@pytest.fixture
def engine(extended: Overlay) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for _ in make_ground(monkeypatch):
            yield Engine(extended.engine, "Test 1.0")


def run(*command: object) -> subprocess.CompletedProcess[str]:
    # PYTHONUTF8 is one of the variables that -I ignores: the bytes must be right without it.
    return subprocess.run(list(map(str, command)), capture_output=True, encoding="utf-8", check=False)


def test_the_command_line_has_it(extended: Overlay, tmp_path: Path) -> None:
    shown = run(*extended.cli, "--help").stdout
    assert "soft-glow" in shown and "Lighten what a brush marked." in shown
    assert "dewrinkle" in shown
    options = run(*extended.cli, "soft-glow", "--help").stdout
    assert all(
        word in options for word in ("--amount 0..1", "--radius PX", "--tint neutral|warm", "--no-only-dark")
    )

    photo = np.full((20, 30, 3), 100, np.uint8)
    mask = np.zeros((20, 30), np.uint8)
    mask[5:10, 8:20] = 255
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    out = tmp_path / "out.png"
    done = run(
        *extended.cli, "soft-glow", tmp_path / "photo.png", "--mask", tmp_path / "mask.png", "-o", out,
        "--amount", "0.5", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["group"] == LABEL
    assert answer["settings"] == {
        "filter": NAME, "amount": 0.5, "radius": 1.25, "tint": "neutral", "only_dark": False,
    }  # fmt: skip
    after = np.asarray(Image.open(out).convert("RGB")).astype(int)
    np.testing.assert_array_equal(after[mask == 0], 100)
    value = 100 / 255
    assert np.abs(after[mask > 0] - round(255 * (value + 0.5 * value * (1 - value)))).max() <= 1


def test_a_wrong_value_gets_the_sentence_of_its_specification(extended: Overlay, tmp_path: Path) -> None:
    done = run(*extended.cli, "soft-glow", "a.png", "--mask", "b.png", "-o", "c.png", "--tint", "blue")
    assert done.returncode == 2
    assert done.stderr == "softlight: The setting 'tint' takes 'neutral' or 'warm', not 'blue'.\n"


def test_the_hosts_are_told_of_it(extended: Overlay, tmp_path: Path) -> None:
    (tmp_path / "filters.json").write_text(run(*extended.listing).stdout, encoding="utf-8")
    filters = {spec.name: spec for spec in read_filters(os.fspath(tmp_path))}
    assert filters.keys() == {spec.name for spec in specifications()} | {NAME}
    glow = filters[NAME]
    assert (glow.label, glow.view) == (LABEL, "Light")
    assert [parameter.kind for parameter in glow.parameters] == ["number", "number", "choice", "flag"]
    assert glow.parameters[1].optional


def test_the_engine_runs_it(engine: Engine) -> None:
    """Its own area, settings and view come through, and a client needs to know no more than its name."""
    job = trial_job(40, 30)._replace(
        filter=NAME, settings={"amount": 1.0}, mask_origin=(5, 7), picture_size=(64, 48)
    )
    asked: list[Box] = []

    def read(box: Box) -> Raster:
        asked.append(box)
        return grey(box)

    result = engine.run(job, read)
    assert asked == [Box(5, 7, 40, 30)]
    assert result.group == LABEL
    assert result.settings == {
        "filter": NAME,
        "amount": 1.0,
        "radius": 3.0,
        "tint": "neutral",
        "only_dark": False,
    }
    (layer,) = result.layers
    assert (layer.blend, layer.box) == ("soft-light", Box(5, 7, 40, 30))
    assert set(bytes(layer.pixels.data)) == {255}, "B is 1 where all the light is added"
    preview = engine.preview(job, read, (200, 200))
    assert preview.view_label == "Light" and preview.view is not None
    assert bytes(preview.before.data) != bytes(preview.after.data)
