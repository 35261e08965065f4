"""Draw the pictures of docs/edit.md from the shipped samples and models.

    python tools/draw_edit.py

writes ``docs/edit-*.png``: samples with a slider at both ends and between, and with other colours of hair.
Run it after a model, the prototypes or the filter have changed.
"""

from __future__ import annotations

from draw_docs import SAMPLES, panel
from draw_faces import HEADS, side_by_side

from softlight.compositor import composite
from softlight.display import displayed
from softlight.files import read_picture
from softlight.filters.edit.filter import edit
from softlight.filters.edit.settings import EditSettings, HairColour
from softlight.runtime import Runtime

STRIPS = {
    ("hopper.jpg", "smile"): {
        "smile -1": EditSettings(smile=-1.0),
        "the photo": EditSettings(),
        "smile .5": EditSettings(smile=0.5),
        "smile 1": EditSettings(smile=1.0),
        "brows 1": EditSettings(brows=1.0),
    },
    ("astronaut.png", "mouth"): {
        "mouth -1": EditSettings(mouth=-1.0),
        "mouth -.5": EditSettings(mouth=-0.5),
        "the photo": EditSettings(),
        "mouth .5": EditSettings(mouth=0.5),
        "mouth 1": EditSettings(mouth=1.0),
    },
    ("astronaut.png", "gaze"): {
        "gaze -1": EditSettings(gaze=-1.0),
        "the photo": EditSettings(),
        "gaze 1": EditSettings(gaze=1.0),
        "gaze up 1": EditSettings(gaze_up=1.0),
        "eyes .8": EditSettings(eyes=0.8),
    },
    ("hopper.jpg", "older"): {
        "age -20": EditSettings(age=-20.0),
        "age -10": EditSettings(age=-10.0),
        "the photo": EditSettings(),
        "age 10": EditSettings(age=10.0),
        "age 20": EditSettings(age=20.0),
    },
    ("astronaut.png", "age"): {
        "age -20": EditSettings(age=-20.0),
        "age -10": EditSettings(age=-10.0),
        "the photo": EditSettings(),
        "age 10": EditSettings(age=10.0),
        "age 20": EditSettings(age=20.0),
    },
    ("astronaut.png", "gender"): {
        "gender -1": EditSettings(gender=-1.0),
        "gender -.5": EditSettings(gender=-0.5),
        "the photo": EditSettings(),
        "gender .5": EditSettings(gender=0.5),
        "gender 1": EditSettings(gender=1.0),
    },
    ("astronaut.png", "volume"): {
        "volume -1": EditSettings(hair_volume=-1.0),
        "the photo": EditSettings(),
        "volume .5": EditSettings(hair_volume=0.5),
        "volume 1": EditSettings(hair_volume=1.0),
        "and copper": EditSettings(hair_volume=1.0, hair_colour=HairColour.COPPER),
    },
    ("astronaut.png", "hair"): {
        "the photo": EditSettings(),
        "dark brown": EditSettings(hair_colour=HairColour.DARK_BROWN),
        "copper": EditSettings(hair_colour=HairColour.COPPER),
        "blond": EditSettings(hair_colour=HairColour.BLOND),
        "grey": EditSettings(hair_colour=HairColour.GREY),
    },
}
"""By sample and by what the picture shows."""


def main() -> None:
    """Draw all pictures."""
    runtime = Runtime("cpu")
    for (name, shown), strip in STRIPS.items():
        photo = read_picture(SAMPLES / name)
        panels = []
        for label, settings in strip.items():
            stack = edit(photo, None, settings, runtime)
            panels.append(panel(displayed(composite(photo, stack)), HEADS[name], label))
        side_by_side(panels, f"edit-{shown}.png")


if __name__ == "__main__":
    main()
