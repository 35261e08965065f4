"""A picture of two people, made of the public samples: the astronaut, and right of her Grace Hopper."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

import softlight

SAMPLES = Path(softlight.__file__).parent / "samples"
HEIGHT = 600


def draw_two_people(path: Path, height: int = HEIGHT) -> Image.Image:
    """Save the picture and return it, not quite twice as wide as high; the left one of the two is square."""
    people = [Image.open(SAMPLES / name).convert("RGB") for name in ("astronaut.png", "hopper.jpg")]
    sized = [one.resize((round(one.width * height / one.height), height), Image.Resampling.LANCZOS)
             for one in people]  # fmt: skip
    drawn = Image.new("RGB", (sum(one.width for one in sized), height))
    left = 0
    for one in sized:
        drawn.paste(one, (left, 0))
        left += one.width
    drawn.save(path)
    return drawn
