"""``softlight degrade``: a worse photo of the same depth, and the same one for a seed."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from tests.core.cli.conftest import SAMPLES, Job, Run


def test_a_photo_becomes_worse_and_the_same_for_a_seed(softlight: Run, job: Job) -> None:
    photo, found = SAMPLES / "hopper.jpg", []
    for seed in ("7", "7", "8"):
        out = job.folder / f"bad-{len(found)}.png"
        done = softlight(
            "degrade", photo, "-o", out, "--level", "3", "--seed", seed, "--face-size", "84", "--json"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        found.append(np.asarray(Image.open(out)))
    told = json.loads(done.stdout)
    assert told["seed"] == 8 and len(told["steps"]) == 4
    before = np.asarray(Image.open(photo).convert("RGB")).astype(int)
    assert found[0].shape == before.shape and np.abs(found[0] - before).mean() > 3
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()


def test_level_0_is_the_photo_and_16_bits_with_alpha_stay_so(softlight: Run, job: Job) -> None:
    import tifffile

    values = np.random.default_rng(2).integers(0, 65536, (40, 50, 4), dtype=np.uint16)
    photo, out = job.folder / "deep.tif", job.folder / "out.tif"
    tifffile.imwrite(photo, values, photometric="rgb", extrasamples=["unassalpha"])
    for level in (0, 2):
        done = softlight("degrade", photo, "-o", out, "--level", str(level))
        assert done.returncode == 0, done.stderr
        bad = tifffile.imread(out)
        assert bad.dtype == np.uint16
        np.testing.assert_array_equal(bad[..., 3], values[..., 3])
        assert (bad == values).all() == (level == 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--level", "5"), "invalid choice"),
        (("--seed", "-1"), "-1 is less than 0"),
        (("--face-size", "0"), "0 is not a length in px"),
        (("--face-size", "nan"), "nan is not a length in px"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(
    softlight: Run, job: Job, arguments: tuple[str, str], words: str
) -> None:
    out = job.folder / "out.png"
    done = softlight("degrade", SAMPLES / "hopper.jpg", "-o", out, *arguments)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr
    assert not out.exists()


def test_layers_are_no_flat_picture(softlight: Run, job: Job) -> None:
    done = softlight("degrade", SAMPLES / "hopper.jpg", "-o", job.folder / "out.ora")
    assert done.returncode == 3 and "is to be a flat picture" in done.stderr
