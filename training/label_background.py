"""Label licence-clean portraits for the background restoration recipe: pictures without flaws of their own.

Each portrait is shrunk, so that the noise, blur and JPEG of its file vanish: they would be taught as what a
clear picture looks like. Nobody has to be found in it.

    python -m training.label_background PORTRAITS OUT
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from training import labelling

FACTOR = 2
"""How much smaller a picture becomes, at least: four pixels are averaged."""
LONGEST = 1600
"""Px of a long side at most."""


def label(path: Path) -> labelling.Labels:
    """Return the shrunk picture of one portrait."""
    with Image.open(path) as portrait:
        image = portrait.convert("RGB")
    return {"image": np.asarray(image.reduce(max(FACTOR, -(-max(image.size) // LONGEST))))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder that holds MANIFEST.csv and the portraits")
    parser.add_argument("out", type=Path, help="folder for the labels; what is there is not made again")
    options = parser.parse_args()
    labelling.label_all(
        options.portraits,
        options.out,
        ("pd", "cc0", "london"),
        lambda name: label(options.portraits / name),
    )


if __name__ == "__main__":
    main()
