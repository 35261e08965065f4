"""Paint the brush masks of the two sample portraits: soft round strokes, as a hand with a tablet leaves them.

    python tools/paint_sample_masks.py [--overlay FOLDER]

writes ``core/softlight/samples/*-mask.png``, the same bytes every time, and with ``--overlay`` pictures that
show where the strokes lie.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SAMPLES = Path(__file__).parents[1] / "core" / "softlight" / "samples"


@dataclass(frozen=True)
class Stroke:
    """A stroke of the brush: points that it goes through, and its radius, all in pixels of the photo."""

    radius: float
    points: tuple[tuple[float, float], ...]


HOPPER = (
    # forehead, under the brim of the cap
    Stroke(6.5, ((196, 149), (214, 143), (240, 139), (262, 140), (290, 140), (318, 144), (338, 152))),
    Stroke(6, ((203, 158), (216, 153), (234, 151), (250, 152))),
    Stroke(5, ((262, 146), (263, 156), (262, 168))),
    # under the eyes, inside the lenses
    Stroke(8, ((203, 214), (213, 216), (226, 214), (241, 208))),
    Stroke(8, ((285, 208), (296, 212), (310, 213), (324, 209))),
    # outside the lenses
    Stroke(7, ((184, 202), (182, 214), (187, 229))),
    Stroke(7, ((341, 206), (344, 216), (340, 231))),
    # nasolabial folds, and on to the folds below the corners of the mouth
    Stroke(8, ((243, 232), (238, 242), (231, 253), (224, 264), (219, 274))),
    Stroke(8, ((297, 236), (302, 246), (309, 257), (315, 270))),
    Stroke(7, ((221, 276), (225, 288), (224, 296), (219, 304))),
    Stroke(7, ((315, 272), (310, 288), (313, 297), (319, 304))),
)

ASTRONAUT = (
    Stroke(3.5, ((194, 85), (208, 83), (224, 84), (238, 88))),
    Stroke(2.6, ((195, 108.5), (203, 110), (212, 107.5))),
    Stroke(2.6, ((239, 109), (247, 111), (257, 108))),
    Stroke(2.8, ((189, 100), (186, 105), (187, 111))),
    Stroke(2.8, ((262, 101), (265, 106), (263, 112))),
    Stroke(2.8, ((211, 124), (205, 130), (199, 137), (197, 143))),
    Stroke(2.8, ((239, 124), (245, 130), (250, 137), (252, 144))),
)

PAINTED = {"hopper.jpg": HOPPER, "astronaut.png": ASTRONAUT}


def paint(shape: tuple[int, int], strokes: tuple[Stroke, ...], seed: int) -> NDArray[np.float64]:
    """Return the brush mask, float64 0..1 of shape (height, width)."""
    hand = np.random.default_rng(seed)
    mask = np.zeros(shape)
    for stroke in strokes:
        path = _smooth(np.array(stroke.points))
        # A hand drifts slowly by a fraction of the brush and presses less at both ends.
        drift = 0.15 * stroke.radius * _slow_noise(hand, len(path))
        pressure = np.interp(np.linspace(0, 1, len(path)), [0, 0.12, 0.88, 1], [0.65, 1, 1, 0.65])
        for (x, y), radius in zip(path + drift, stroke.radius * pressure, strict=True):
            near = slice(int(y - radius), int(y + radius) + 2), slice(int(x - radius), int(x + radius) + 2)
            rows, columns = np.ogrid[near]
            distance = np.hypot(columns - x, rows - y) / radius
            # Full in the middle 60 % of the radius, then a soft edge.
            mask[near] = np.maximum(
                mask[near], 0.5 + 0.5 * np.cos(np.pi * np.clip((distance - 0.6) / 0.4, 0, 1))
            )
    return mask


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return dabs, half a pixel apart, along the Catmull-Rom curve through `points`."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    dabs = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t = np.linspace(0, 1, max(2, round(2 * float(np.hypot(*(end - start))))), endpoint=False)[:, None]
        dabs.append(
            start
            + 0.5 * t * (end - before)
            + t**2 * (before - 2.5 * start + 2 * end - 0.5 * after)
            + t**3 * (1.5 * (start - end) + 0.5 * (after - before))
        )
    return np.vstack([*dabs, points[-1:]])


def _slow_noise(hand: np.random.Generator, length: int) -> NDArray[np.float64]:
    knots = hand.uniform(-1, 1, (2, 2 + length // 24))
    where = np.linspace(0, knots.shape[1] - 1, length)
    return np.stack([np.interp(where, np.arange(knots.shape[1]), line) for line in knots], axis=1)


def main() -> None:
    """Paint both masks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--overlay", type=Path, metavar="FOLDER")
    overlay = parser.parse_args().overlay
    for seed, (name, strokes) in enumerate(PAINTED.items()):
        photo = Image.open(SAMPLES / name).convert("RGB")
        mask = paint((photo.height, photo.width), strokes, seed)
        grey = np.rint(255 * mask).astype(np.uint8)
        Image.fromarray(grey).save(SAMPLES / f"{Path(name).stem}-mask.png", optimize=True)
        if overlay:
            overlay.mkdir(parents=True, exist_ok=True)
            share = 0.45 * mask[..., None]
            shown = np.asarray(photo) * (1 - share) + np.array([255, 0, 60]) * share
            Image.fromarray(np.rint(shown).astype(np.uint8)).save(overlay / f"{Path(name).stem}-overlay.png")


if __name__ == "__main__":
    main()
