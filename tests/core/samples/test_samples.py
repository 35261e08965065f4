from __future__ import annotations

import hashlib
import importlib.resources
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.paint_sample_masks import PAINTED, paint

SAMPLES = Path(str(importlib.resources.files("softlight"))) / "samples"


@pytest.mark.parametrize("name", PAINTED)
def test_the_portraits_are_the_files_that_their_provenance_names(name: str) -> None:
    digest = hashlib.sha256((SAMPLES / name).read_bytes()).hexdigest()
    rows = (SAMPLES / "PROVENANCE.md").read_text("utf-8").splitlines()
    assert any(f"`{name}`" in row and f"`{digest}`" in row for row in rows)


@pytest.mark.parametrize(("seed", "name"), tuple(enumerate(PAINTED)))
def test_the_masks_are_what_the_brush_paints(seed: int, name: str) -> None:
    photo = Image.open(SAMPLES / name)
    shipped = np.asarray(Image.open(SAMPLES / f"{Path(name).stem}-mask.png"))
    painted = 255 * paint((photo.height, photo.width), PAINTED[name], seed)
    # The sine of another machine's libm may round the other way.
    assert np.abs(shipped - painted).max() < 0.51
    assert 0.001 < (shipped > 127).mean() < 0.05
