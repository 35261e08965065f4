"""Draw the pictures of docs/restore.md from the shipped samples and models.

    python tools/draw_restore.py

writes ``docs/restore-*.png``: each sample made as bad as levels 2 to 4 of `softlight degrade`, restored, and
as it was. Run it after a model or the filter has changed.
"""

from __future__ import annotations

import numpy as np
from draw_docs import SAMPLES, panel
from draw_faces import HEADS, side_by_side

from softlight.compositor import composite
from softlight.degradation.photos import degrade
from softlight.degradation.steps import level
from softlight.display import displayed
from softlight.faces.analysis import find
from softlight.files import read_picture
from softlight.filters.restore.filter import restore
from softlight.filters.restore.settings import RestoreSettings
from softlight.picture import Picture
from softlight.runtime import Runtime

LEVELS = {"hopper.jpg": 2, "astronaut.png": 3}
"""How bad each sample is made."""
WIDE = 0.35
"""How much of its size a head's crop grows to each side: the background is restored as well."""


def main() -> None:
    """Draw all pictures."""
    runtime = Runtime("cpu")
    for name, (left, top, right, bottom) in HEADS.items():
        photo = read_picture(SAMPLES / name)
        eyes = find(photo, runtime)[0].interocular
        aside = round(WIDE * (right - left))
        crop = (max(left - aside, 0), top, min(right + aside, photo.width), bottom)
        panels = []
        for number in (LEVELS[name], 4):
            good = photo.pixels.astype(np.float32) / 255
            bad = Picture(
                np.rint(255 * degrade(good, level(number, eyes), np.random.default_rng(7))).astype(np.uint8)
            )
            after = composite(bad, restore(bad, None, RestoreSettings(), runtime))
            panels += [
                panel(displayed(bad), crop, f"level {number}"),
                panel(displayed(after), crop, "Face restore"),
            ]
        panels.append(panel(displayed(photo), crop, "the photo as it was"))
        side_by_side(panels, f"restore-{name.partition('.')[0]}.png")


if __name__ == "__main__":
    main()
