"""Contact sheets for the eye: before and after, side by side, pixel for pixel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
GAP = 8


def crop(image: Bytes, mask: Bytes, margin: int = 24) -> Bytes:
    """The part of a picture around a mask."""
    left, top, width, height = cv2.boundingRect(mask)
    return image[max(0, top - margin) : top + height + margin, max(0, left - margin) : left + width + margin]


def grid(tiles: Sequence[Bytes], columns: int) -> Bytes:
    """Pictures of any size in rows, at their own scale, on grey."""
    height, width = (max(t.shape[i] for t in tiles) + GAP for i in (0, 1))
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * height, columns * width, 3), 128, np.uint8)
    for i, tile in enumerate(tiles):
        top, left = i // columns * height, i % columns * width
        sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return sheet


def write(sheet: Bytes, path: Path) -> None:
    if not cv2.imwrite(str(path), sheet[..., ::-1]):
        raise OSError(f"cannot write {path}")


def write_pairs(pairs: Sequence[tuple[Bytes, Bytes]], folder: Path, name: str, people: int = 6) -> None:
    """Sheets of six people each, two a row, before on the left of after."""
    for i in range(0, len(pairs), people):
        tiles = [tile for pair in pairs[i : i + people] for tile in pair]
        write(grid(tiles, 4), folder / f"{name}-{i // people + 1}.png")
