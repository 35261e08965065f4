"""Edited eyes look where they are told, and the person stays: judged by networks that took no part in it.

    python -m training.evaluation.gazes PORTRAITS MODELS [--each 4] [--out DIR]

The photos are those of `edited_faces.py`. MediaPipe's blendshapes say where a face looks: 1 altogether to the
picture's right, or up. Its own irises say how far they have moved against the corners of their eyes, in
diameters of an iris; they see a part of it only, for they are drawn to the middle of an eye. The distance is
that of dlib's descriptors, by the landmarks of the photo: .4 is another picture of the person.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.errors import MaskError
from softlight.filters.edit.filter import edit
from softlight.filters.edit.settings import EditSettings
from softlight.picture import Picture
from softlight.runtime import Runtime
from training.evaluation import faces, sheets
from training.evaluation.edited_faces import edited, opened, photos
from training.evaluation.expressions_seen import Expressions
from training.evaluation.faces import Bytes
from training.evaluation.judges import Descriptor

STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)
CORNERS = ((33, 133), (362, 263))
IRISES = (468, 473)
TILE = (420, 100)

Points = NDArray[np.float64]


def seen_across(scores: Mapping[str, float]) -> float:
    """Return how far a face looks to the picture's right, -1..1: names are from the subject's side."""
    right, left = ("eyeLookOutLeft", "eyeLookInRight"), ("eyeLookOutRight", "eyeLookInLeft")
    return (sum(scores[name] for name in right) - sum(scores[name] for name in left)) / 2


def seen_up(scores: Mapping[str, float]) -> float:
    """Return how far a face looks up, -1..1."""
    up, down = (scores[f"eyeLook{way}Left"] + scores[f"eyeLook{way}Right"] for way in ("Up", "Down"))
    return (up - down) / 2


def irises(points: Points) -> Points:
    """Return where both irises are between the corners of their eyes, in diameters, shape (2, 2): x, y."""
    across = points[263, :2] - points[33, :2]
    across = across / np.linalg.norm(across)
    down = np.array([-across[1], across[0]])
    found = []
    for corners, iris in zip(CORNERS, IRISES, strict=True):
        away = points[iris, :2] - points[list(corners), :2].mean(axis=0)
        ring = points[iris + 1 : iris + 5, :2] - points[iris, :2]
        found.append(np.array([away @ across, away @ down]) / (2 * np.linalg.norm(ring, axis=1).mean()))
    return np.array(found)


def tile(image: Bytes, points: Points) -> Bytes:
    """Return both eyes of a face."""
    eyes = points[[33, 263], :2]
    (x, y), width = eyes.mean(axis=0), 0.65 * float(np.linalg.norm(eyes[1] - eyes[0]))
    high = width * TILE[1] / TILE[0]
    rows, columns = (
        slice(max(0, round(at - half)), round(at + half)) for at, half in ((y, high), (x, width))
    )
    return np.asarray(cv2.resize(image[rows, columns], TILE, interpolation=cv2.INTER_CUBIC))


def main() -> None:
    """Print what the judges say, and write a strip for each person."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder that holds MANIFEST.csv and the portraits")
    parser.add_argument("models", type=Path, help="folder with MediaPipe's networks")
    parser.add_argument("--each", type=int, default=4, help="every how many-th portrait")
    parser.add_argument("--out", type=Path, help="folder for sheets; without it none are made")
    options = parser.parse_args()
    runtime, descriptor, expressions = Runtime("cpu"), Descriptor(), Expressions(options.models)
    told: dict[tuple[str, float], list[tuple[float, ...]]] = {}
    rising: dict[str, list[bool]] = {"gaze": [], "gaze_up": []}
    rows: list[Bytes] = []
    left_alone = 0
    for _, path in photos(options.portraits, options.each):
        image = opened(path)
        try:
            found = edit(Picture(image), None, EditSettings(gaze=1.0), runtime)
            points = expressions.points(image)
        except (MaskError, ValueError) as error:
            print(f"{path.name}: {error}")
            continue
        if not found.layers:
            left_alone += 1
            print(f"{path.name}: {found.notes[-1]}")
            continue
        before, mesh = irises(points), points[:468, :2].astype(np.float32)
        for axis, (name, judge) in enumerate((("gaze", seen_across), ("gaze_up", seen_up))):
            looks = []
            for step in STEPS:
                result = edited(image, EditSettings(**{name: step}), runtime) if step else image
                after = expressions.points(result)
                looks.append(judge(expressions.of_points(after)))
                shift = (irises(after) - before)[:, axis]
                away = descriptor.distance_in_place(image, result, mesh)
                told.setdefault((name, step), []).append((looks[-1] - looks[0], *shift, away))
                rows.append(tile(result, points))
            rising[name].append(bool((np.diff(looks) > 0).all()))
        print(path.name, flush=True)
    table: list[list[str]] = []
    for (name, step), values in told.items():
        looks, left, right, away = np.array(values).T
        middle = np.array([one[0] for one in told[name, 0.0]])
        table.append(
            [
                f"{name} {step:+g}",
                f"{(looks - middle).mean():+.3f}",
                f"{left.mean():+.3f}",
                f"{right.mean():+.3f}",
                f"{away.mean():.3f}",
                f"{away.max():.3f}",
            ]
        )
    header = ["", "looks", "picture's left iris", "right iris", "dlib, mean", "largest"]
    print(f"\n{len(told['gaze', 1.0])} people; {left_alone} left alone\n\n{faces.table(header, table)}")
    for name, order in rising.items():
        print(f"Rising with every step of {name}: {sum(order)} of {len(order)}")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for number, start in enumerate(range(0, len(rows), 12 * len(STEPS))):
            some = rows[start : start + 12 * len(STEPS)]
            sheets.write(sheets.grid(some, len(STEPS)), options.out / f"gazes-{number}.png")


if __name__ == "__main__":
    main()
