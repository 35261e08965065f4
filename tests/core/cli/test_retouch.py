"""``softlight retouch``: the command that the specification of Skin retouch makes."""

from __future__ import annotations

import json
import shutil

import numpy as np
from PIL import Image

from tests.core.cli.conftest import SAMPLES, Job, Run

CHEEK, NECK, SKY = np.s_[250:270, 225:245], np.s_[350:380, 255:285], np.s_[20:80, 420:500]
"""In the portrait of Hopper."""


def test_a_portrait_is_retouched_without_a_brush_and_its_map_is_shown(softlight: Run, job: Job) -> None:
    shutil.copy(SAMPLES / "hopper.jpg", job.photo)
    map_ = job.folder / "map.png"
    done = softlight(
        "retouch", job.photo, "-o", job.out, "--view", map_, "--skin", "faces", "--json", "--provider", "cpu"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["group"] == "Skin retouch"
    settings = answer["settings"]
    assert (settings["filter"], settings["skin"], settings["marks"]) == ("retouch", "faces", 0.0)
    before, after, shown = (
        np.asarray(Image.open(name).convert("RGB")).astype(int) for name in (job.photo, job.out, map_)
    )
    change = np.abs(after - before).max(axis=-1)
    assert change[CHEEK].max() > 2 and not change[NECK].any() and not change[SKY].any()
    red = shown[..., 0] - shown[..., 1] > 60
    assert red[CHEEK].mean() > 0.8 and not red[NECK].any()


def test_what_is_all_switched_off_is_told(softlight: Run, job: Job) -> None:
    off = [f"--{name}=0" for name in ("blemishes", "evenness", "shine", "under-eye")]
    done = softlight("retouch", job.photo, "-o", job.out, *off)
    assert done.returncode == 2 and not job.out.exists()
    assert done.stderr == (
        "softlight: All corrections are switched off, and the texture is kept; "
        "switch on those that shall be made.\n"
    )
