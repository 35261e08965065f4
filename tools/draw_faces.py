"""Draw the pictures of docs/faces.md from the shipped samples and models.

    python tools/draw_faces.py

writes ``docs/faces-*.png``. Run it after a model, a region or De-wrinkle has changed.
"""

from __future__ import annotations

import numpy as np
from draw_docs import GAP, ROOT, SAMPLES, panel
from PIL import Image

from softlight.compositor import composite
from softlight.display import displayed, seen_over
from softlight.faces.analysis import find
from softlight.faces.overlay import overlay
from softlight.files import read_picture
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.filters.dewrinkle.settings import DewrinkleSettings
from softlight.filters.dewrinkle.view import wrinkle_view
from softlight.picture import Picture
from softlight.runtime import Runtime

LARGER = 3
"""Times the samples are enlarged before anything is drawn into them, so that lines are fine."""
HEADS = {"hopper.jpg": (120, 66, 400, 460), "astronaut.png": (140, 20, 310, 250)}
"""Left, top, right, bottom of head and neck in each sample."""


def side_by_side(panels: list[Image.Image], name: str) -> None:
    """Write panels of one height beside each other."""
    sheet = Image.new("RGB", (sum(p.width + GAP for p in panels) - GAP, panels[0].height), "white")
    left = 0
    for drawn in panels:
        sheet.paste(drawn, (left, 0))
        left += drawn.width + GAP
    sheet.save(ROOT / "docs" / name, optimize=True)


def enlarged(name: str) -> Picture:
    """A sample at several times its size."""
    photo = Image.open(SAMPLES / name).convert("RGB")
    size = (photo.width * LARGER, photo.height * LARGER)
    return Picture(np.asarray(photo.resize(size, Image.Resampling.LANCZOS)))


def main() -> None:
    """Draw all pictures."""
    runtime = Runtime("cpu")
    found = []
    for name, (left, top, right, bottom) in HEADS.items():
        photo = enlarged(name)
        crop = (left * LARGER, top * LARGER, right * LARGER, bottom * LARGER)
        found.append(panel(overlay(photo, find(photo, runtime)), crop, "box, points and regions"))
    side_by_side(found, "faces-regions.png")

    photo, settings = read_picture(SAMPLES / "hopper.jpg"), DewrinkleSettings()
    shown = displayed(photo)
    seen = seen_over(shown, wrinkle_view(photo, None, settings, runtime))
    after = displayed(composite(photo, dewrinkle(photo, None, settings, runtime)))
    titles = ((shown, "the photo"), (seen, "the wrinkle map"), (after, "De-wrinkle, no brush"))
    side_by_side([panel(one, HEADS["hopper.jpg"], title) for one, title in titles], "faces-dewrinkle.png")


if __name__ == "__main__":
    main()
