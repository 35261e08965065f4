"""What becomes of a network's painting on the photo: the same person's real smile in LivePortrait's place.

    python -m training.evaluation.painted_expressions PORTRAITS MODELS [--each 2] [--out DIR]

There are no weights of LivePortrait here. What would be painted is the other photo of each person of the
London set, at rest and smiling, in the network's square: seen at 256 px, painted at 512. So this says how
much of a right answer arrives, and nothing of whether the network's answers are right. Beside the way of the
filter stand two simpler ones with the same mask: the difference between both paintings added to the photo,
and the later painting put in its place.

Points: the mean distance of MediaPipe's 468 from those of the real smile, in distances between the eyes (see
`edited_faces.missed`). Fine detail: the standard deviation of what a Gaussian of 1.2 px takes away around the
mouth, as a multiple of the photo's before. Left behind: its correlation with the photo's before, pixel by
pixel: what has moved leaves none behind. The distance is that of dlib's descriptors to the photo before.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from softlight.alignment import (
    Box,
    Matrix,
    Planes,
    applied,
    chained,
    cut,
    put_back,
    scale_of,
    scaling,
    similarity,
    template,
)
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.faces.mesh import mesh_of
from softlight.faces.prototypes import STABLE
from softlight.filters.boxes import whole_of
from softlight.filters.edit.change import Subject
from softlight.filters.edit.networks.painted_change import FACE, Painting, change_between
from softlight.filters.edit.networks.square import SIDE, allowed
from softlight.picture import Picture
from softlight.roles.face_detection import Face
from softlight.roles.landmarks import find_landmarks
from softlight.roles.parsing import Parsing, parse_face
from softlight.runtime import Runtime
from training.evaluation import faces, sheets
from training.evaluation.edited_faces import missed, opened, tile
from training.evaluation.expressions_seen import Expressions
from training.evaluation.faces import Array, Bytes
from training.evaluation.judges import Descriptor

SEEN, PAINTED = 256, 512
"""Px of the squares."""
FINE = 1.2
"""Px: standard deviation beyond which detail is not fine."""
MOUTH = 0.7
"""Half of the side of the square around a mouth, in distances between the eyes."""


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody at rest, and how they would be painted at rest and smiling."""

    subject: Subject
    rest: Painting
    smile: Painting
    matrix: Matrix
    """From the photo to both."""


def largest(image: Bytes, runtime: Runtime) -> AnalysedFace:
    return max(analysis.find(Picture(image), runtime), key=lambda face: face.interocular)


def painting(image: Bytes, matrix: Matrix, five: Array, runtime: Runtime) -> Painting:
    """Return what a network would paint that saw a photo through a matrix to its square."""
    seen = cut(np.float32(image) / 255, chained(matrix, scaling(SEEN / PAINTED, SEEN / PAINTED)), SEEN)
    pixels = cv2.resize(np.clip(seen.pixels, 0, 1), (PAINTED, PAINTED), interpolation=cv2.INTER_CUBIC)
    face = Face((0.0, 0.0, PAINTED, PAINTED), 1.0, five)
    found = find_landmarks(runtime.model("landmarks"), np.clip(pixels, 0, 1), face)
    return Painting(np.clip(pixels, 0, 1), mesh_of(found))


def person(before: Bytes, after: Bytes, runtime: Runtime) -> Person:
    """Return somebody by two photos, with the head of the second where it is in the first."""
    picture, face, other = Picture(before), largest(before, runtime), largest(after, runtime)
    stable = list(STABLE)
    there = similarity(mesh_of(other.landmarks)[stable], mesh_of(face.landmarks)[stable])
    matrix = similarity(face.points, template("live_portrait_512", PAINTED))
    near = analysis.around(picture, face.points, 200.0)
    inside = parse_face(runtime.model("parsing"), near.pixels, applied(near.matrix, face.points))
    parsing = Parsing(inside.shares, chained(near.matrix, inside.matrix))
    five = applied(matrix, face.points)
    return Person(
        Subject(picture, face, near, parsing, mesh_of(face.landmarks)),
        painting(before, matrix, five, runtime),
        painting(after, chained(there, matrix), five, runtime),
        matrix,
    )


def results(one: Person, runtime: Runtime) -> dict[str, Bytes]:
    """Return the photo with the smile, by each of the ways."""
    photo = np.float32(one.subject.picture.pixels) / 255
    whole, five = whole_of(one.subject.picture), applied(one.matrix, one.subject.face.points)
    smile = one.smile.held(one.rest)
    seen = parse_face(runtime.model("parsing"), smile.pixels, five)
    change = change_between(one.subject, one.rest, smile, seen, one.matrix)
    apart = one.subject.face.interocular * scale_of(one.matrix)
    mask = allowed(one.subject.parsing, one.matrix, PAINTED, apart, *FACE)
    step = SIDE / PAINTED
    shown = np.clip(put_back(mask, chained(one.matrix, scaling(step, step)), whole), 0, 1)

    def home(planes: Planes, box: Box = whole) -> Planes:
        return put_back(planes, one.matrix, box)

    found = {
        "moved": change.made(photo, whole, whole)[0],
        "difference": photo + shown * home(smile.pixels - one.rest.pixels),
        "replaced": photo + shown * (home(smile.pixels) - photo),
    }
    return {way: np.uint8(np.round(255 * np.clip(image, 0, 1))) for way, image in found.items()}


def fine(image: Bytes, face: AnalysedFace) -> Array:
    """Return what is finer than `FINE` px around the mouth, in values of 8 bits."""
    (x, y), reach = face.points[3:].mean(axis=0), MOUTH * face.interocular
    part = np.float32(image[int(y - reach) : int(y + reach), int(x - reach) : int(x + reach)]).mean(axis=-1)
    return np.asarray(part - cv2.GaussianBlur(part, (0, 0), FINE), np.float32)


def main() -> None:
    """Print a table of the ways, and write a sheet: before, each way, the real smile."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder with the London set")
    parser.add_argument("models", type=Path, help="folder with MediaPipe's networks")
    parser.add_argument("--each", type=int, default=2, help="every how many-th person")
    parser.add_argument("--out", type=Path, help="folder for a sheet; without it none is made")
    options = parser.parse_args()
    runtime, expressions, descriptor = Runtime("cpu"), Expressions(options.models), Descriptor()
    told: dict[str, list[tuple[float, ...]]] = {}
    tiles: list[Bytes] = []
    for path in sorted((options.portraits / "london").glob("*_neutral.jpg"))[:: options.each]:
        before, after = opened(path), opened(Path(str(path).replace("neutral", "smiling")))
        one = person(before, after, runtime)
        face, wanted = one.subject.face, expressions.points(after)
        mesh, was = np.float32(face.landmarks.points[:, :2]), fine(before, face)
        images = {"photo": before, **results(one, runtime)}
        for way, image in images.items():
            told.setdefault(way, []).append(
                (
                    missed(expressions.points(image), wanted),
                    float(fine(image, face).std() / was.std()),
                    float(np.corrcoef(fine(image, face).ravel(), was.ravel())[0, 1]),
                    descriptor.distance_in_place(before, image, mesh),
                )
            )
        tiles += [tile(image, face) for image in images.values()]
        tiles.append(tile(after, largest(after, runtime)))
    header = ("", "people", "points", "fine detail", "least", "left behind", "distance")
    rows = []
    for way, scores in told.items():
        points, detail, left, away = np.median(scores, axis=0)
        least = np.min(scores, axis=0)[1]
        rows.append(
            (way, len(scores), f"{points:.4f}", f"{detail:.2f}", f"{least:.2f}", f"{left:.2f}", f"{away:.2f}")
        )
    print(faces.table(header, rows))
    if options.out:
        sheets.write(sheets.grid(tiles, len(told) + 1), options.out / "painted-expressions.jpg")


if __name__ == "__main__":
    main()
