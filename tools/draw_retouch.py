"""Draw the pictures of docs/retouch.md and docs/garment.md from the shipped samples and models.

    python tools/draw_retouch.py

writes ``docs/retouch-*.png`` and ``docs/garment-*.png``. Run it after a model or a filter has changed.
"""

from __future__ import annotations

import numpy as np
from draw_docs import SAMPLES, panel
from draw_faces import HEADS, side_by_side

from softlight.compositor import composite
from softlight.display import displayed, seen_over
from softlight.files import read_picture
from softlight.filters import registry
from softlight.picture import Picture
from softlight.progress import silent
from softlight.runtime import Runtime

CONTROLS = {
    "blemishes": "Blemishes",
    "evenness": "Uneven tone",
    "shine": "Shine",
    "under_eye": "Dark circles",
    "marks": "Moles and freckles",
    "keep_texture": "Keep texture 0",
}
"""Each correction and what the dialogs call it."""
CLOTHES = {"hopper.jpg": (20, 360, 500, 600), "astronaut.png": (0, 230, 512, 512)}
"""Left, top, right, bottom of what is worn in each sample."""
STRONGER = 6
"""Times that the pictures of the controls show a change."""


def before_and_after(name: str, photo: Picture, runtime: Runtime) -> list[tuple[np.ndarray, str]]:
    """Return a photo, the map of a filter over it, and its result, each with its title."""
    filter_ = registry.load(name)
    settings, shown = filter_.settings_type(), displayed(photo)
    assert filter_.view is not None
    seen = seen_over(shown, filter_.view(photo, None, settings, runtime, silent))
    after = displayed(composite(photo, filter_.run(photo, None, settings, runtime, silent)))
    spec = filter_.spec
    return [(shown, "the photo"), (seen, f"the {spec.view.lower()}"), (after, spec.label)]


def alone(control: str, photo: Picture, runtime: Runtime) -> np.ndarray:
    """Return what one control changes, on grey."""
    filter_ = registry.load("retouch")
    values = dict.fromkeys(CONTROLS, 0.0) | {"keep_texture": 1.0}
    values[control] = 1 - values[control]
    stack = filter_.run(photo, None, filter_.settings_type(**values), runtime, silent)
    after, before = (displayed(one).astype(np.int16) for one in (composite(photo, stack), photo))
    return np.clip(128 + STRONGER * (after - before), 0, 255).astype(np.uint8)


def main() -> None:
    """Draw all pictures."""
    runtime = Runtime("cpu")
    for name, crop in HEADS.items():
        photo = read_picture(SAMPLES / name)
        for filter_, part in (("retouch", crop), ("garment", CLOTHES[name])):
            panels = [panel(one, part, title) for one, title in before_and_after(filter_, photo, runtime)]
            side_by_side(panels, f"{filter_}-{name.partition('.')[0]}.png")

    photo = read_picture(SAMPLES / "hopper.jpg")
    panels = [
        panel(alone(control, photo, runtime), HEADS["hopper.jpg"], label)
        for control, label in CONTROLS.items()
    ]
    side_by_side(panels, "retouch-controls.png")


if __name__ == "__main__":
    main()
