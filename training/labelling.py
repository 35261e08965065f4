"""What the scripts share that label portraits once, a file each, for the recipes."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import mesh_points

Box = tuple[float, float, float, float]
Labels = Mapping[str, NDArray[np.generic]]


def arguments(description: str) -> argparse.Namespace:
    """Read `portraits`, `models` and `out` from the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("portraits", type=Path, help="folder that holds MANIFEST.csv and the portraits")
    parser.add_argument("models", type=Path, help="folder that holds the teachers")
    parser.add_argument("out", type=Path, help="folder for the labels; what is there is not made again")
    return parser.parse_args()


def names(portraits: Path, sets: tuple[str, ...]) -> list[str]:
    """Return the files of some sets (the first folder of their names), as the manifest has them."""
    manifest = portraits / "MANIFEST.csv"
    if not manifest.is_file():
        raise SystemExit(f"{manifest} does not exist; name the folder that holds the portraits' manifest.")
    with manifest.open() as rows:
        return [row["file"] for row in csv.DictReader(rows) if row["file"].split("/")[0] in sets]


def label_all(
    portraits: Path, out: Path, sets: tuple[str, ...], label: Callable[[str], Labels | None]
) -> None:
    """Write an ``.npz`` for each portrait of some sets that has none yet, whole or not at all.

    Parameters
    ----------
    portraits, out : Path
    sets : tuple of str
        Of `names`.
    label : callable
        From a portrait's name in the manifest to what its file shall hold; `None` where no face is found.
    """
    for name in names(portraits, sets):
        target = out / name.replace(".jpg", ".npz")
        if target.exists():
            continue
        found = label(name)
        print(name if found else f"no face {name}", flush=True)
        if found is None:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, **found)
        part.replace(target)


def as_bytes(share: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return a plane of 0..1 in 256 steps."""
    return np.rint(share * 255).astype(np.uint8)


def around_eyes(
    mesh: NDArray[np.floating], size: tuple[int, int], margin: Box, interocular: float
) -> tuple[Box, float]:
    """Return the part of a picture around a face, cut at its edges, and the scale that it shall have.

    Parameters
    ----------
    mesh : ndarray, shape (478, 2)
        In px of the picture.
    size : (int, int)
        Width and height of the picture.
    margin : (float, float, float, float)
        Left, top, right and bottom of the midpoint of the eyes, in interocular distances.
    interocular : float
        Px that shall lie between the eyes.
    """
    right, left = mesh_points.eyes(mesh)
    native = float(np.hypot(*(left - right)))
    x, y = (right + left) / 2
    to_left, above, to_right, below = (share * native for share in margin)
    box = (max(0.0, x - to_left), max(0.0, y - above),
           min(float(size[0]), x + to_right), min(float(size[1]), y + below))  # fmt: skip
    return box, interocular / native
