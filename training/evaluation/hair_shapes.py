"""Hair in another shape: how much more of it there is, whether it is still hair, and who the person is.

    python -m training.evaluation.hair_shapes PORTRAITS MODELS [--people N] [--eyes-apart PX] [--out DIR]

The people of `hair_colours`, each of whom is given more and less volume, and longer and shorter hair, at 8
bits. The area of hair is that of the filter's own mask, found anew in the result, and BiSeNet's in a square
around the face, which took no part in it; both as shares of the area before. Gradients are the root mean
square of those of luma where there is nothing but hair and the layer shows, and coherence is that of their
structure tensor in a window of .03 interocular distances, weighted by its trace; both as shares of the
photo's. The distance is that of dlib's descriptors, by the landmarks of the photo. In faces: how many pixels
changed that the parsing is sure are face.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import applied, inverted
from softlight.compositor import composite
from softlight.encoding import to_working
from softlight.faces import analysis
from softlight.filters.boxes import whole_of
from softlight.filters.edit.filter import edit
from softlight.filters.edit.hair.mask import HairMask, find_hair
from softlight.filters.edit.settings import EditSettings
from softlight.picture import Picture
from softlight.roles.parsing import parse_face
from softlight.runtime import Model, Runtime
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Array, Bytes
from training.evaluation.hair_colours import PEOPLE, Person, small
from training.evaluation.judges import Descriptor, Parsing

EDITS = {
    "volume 1": EditSettings(hair_volume=1.0),
    "volume .5": EditSettings(hair_volume=0.5),
    "volume -1": EditSettings(hair_volume=-1.0),
    "length 1": EditSettings(hair_length=1.0),
    "length -1": EditSettings(hair_length=-1.0),
}
SURE, FACE, WINDOW, AROUND = 0.95, 0.95, 0.03, 2.8

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Figures:
    """Of one portrait after one edit."""

    edit: str
    area: float
    judged: float
    gradients: float
    coherence: float
    distance: float
    in_face: int


def texture(pixels: Bytes, where: Mask, interocular: float) -> tuple[float, float]:
    """Return the root mean square of luma's gradients over some pixels, and their coherence, 0..1."""
    luma = measures.luminance(measures.unit(pixels))
    x, y = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    sigma = max(0.7, WINDOW * interocular)
    xx, yy, xy = (
        cv2.GaussianBlur(one, (0, 0), sigma)[where].astype(np.float64) for one in (x * x, y * y, x * y)
    )
    apart = np.hypot(xx - yy, 2 * xy).sum() / max((xx + yy).sum(), 1e-12)
    return float(np.sqrt((x * x + y * y)[where].mean())), float(apart)


def judged_area(judge: Parsing, pixels: Bytes, person: Person) -> float:
    """Return how many pixels BiSeNet takes for hair in a square around the face."""
    (x, y), reach = person.face.points.mean(axis=0), AROUND * person.face.interocular
    left, top = max(0, round(x - reach)), max(0, round(y - reach))
    part = pixels[top : round(y + reach), left : round(x + reach)]
    return float(judge(np.ascontiguousarray(part))["hair"].sum())


def sure_hair(mask: HairMask, pixels: Bytes) -> Mask:
    picture = Picture(pixels)
    shown = mask.mask_in(to_working(pixels, picture.encoding.transfer), whole_of(picture))
    return np.asarray(shown > SURE)


def face_of(picture: Picture, person: Person, model: Model) -> Mask:
    """Return what is surely face."""
    part = analysis.around(picture, person.face.points)
    seen = parse_face(model, part.pixels, applied(part.matrix, person.face.points))
    shares = seen.moved(inverted(part.matrix)).mask(
        whole_of(picture), "skin", "brows", "eyes", "nose", "lips", "inner mouth", "ears"
    )
    return np.asarray(shares[..., 0] > FACE)


def tried(
    person: Person, runtime: Runtime, judge: Parsing, describe: Descriptor
) -> Iterator[tuple[Figures | None, Bytes]]:
    """Yield figures and pictures of a person after each edit; no figures where nothing was done."""
    picture, model = person.picture, runtime.model("parsing")
    mask, unit = find_hair(picture, person.face, model), person.face.interocular
    sure, face = sure_hair(mask, picture.pixels), face_of(picture, person, model)
    mesh = np.asarray(person.face.landmarks.points[:, :2], np.float32)
    before = judged_area(judge, picture.pixels, person)
    for name, settings in EDITS.items():
        stack = edit(picture, None, settings, runtime)
        pixels: Bytes = np.asarray(composite(picture, stack).pixels)
        changed = (pixels != picture.pixels).any(axis=2)
        if not (changed & sure).any():
            yield None, pixels
            continue
        near = cv2.dilate(changed.astype(np.uint8), np.ones((5, 5))) > 0
        again = find_hair(Picture(pixels), person.face, model)
        new, old = (
            texture(one, there & near, unit)
            for one, there in ((pixels, sure_hair(again, pixels)), (picture.pixels, sure))
        )
        yield (
            Figures(
                name,
                float(again.shares.sum() / mask.shares.sum()),
                judged_area(judge, pixels, person) / max(before, 1.0),
                new[0] / old[0],
                new[1] / old[1],
                describe.distance_in_place(picture.pixels, pixels, mesh),
                int((changed & face).sum()),
            ),
            pixels,
        )


def spread(values: Array) -> str:
    return f"{np.median(values):.3f} ({values.min():.3f} to {values.max():.3f})"


def main() -> None:
    """Print the table; write sheets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path)
    parser.add_argument("models", type=Path, help="folder that holds BiSeNet")
    parser.add_argument("--people", type=int, default=len(PEOPLE))
    parser.add_argument("--eyes-apart", type=float, help="px to which the portraits are resized; as they are")
    parser.add_argument("--out", type=Path, help="folder for sheets")
    options = parser.parse_args()
    runtime, judge, describe = Runtime("cpu"), Parsing(options.models), Descriptor()
    figures: list[Figures] = []
    rows: list[list[Bytes]] = []
    for name in PEOPLE[: options.people]:
        person = Person.of(options.portraits / f"{name}.jpg", runtime, options.eyes_apart)
        found = list(tried(person, runtime, judge, describe))
        figures += [one for one, _ in found if one]
        for one, _ in found:
            if one:
                print(name, one, flush=True)
        rows.append([small(pixels) for pixels in (person.picture.pixels, *(image for _, image in found))])
    lines = []
    for name in EDITS:
        of = [one for one in figures if one.edit == name]
        if of:
            columns = np.array([(f.area, f.judged, f.gradients, f.coherence, f.distance) for f in of]).T
            most = max(one.in_face for one in of)
            lines.append([name, str(len(of)), *(spread(column) for column in columns), str(most)])
    head = (
        "median (least to most)",
        "people",
        "area",
        "BiSeNet's",
        "gradients",
        "coherence",
        "dlib",
        "in faces",
    )
    print(faces.table(head, lines))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for first in range(0, len(rows), 4):
            tiles = [tile for row in rows[first : first + 4] for tile in row]
            sheets.write(sheets.grid(tiles, len(EDITS) + 1), options.out / f"hair-{first // 4}.png")


if __name__ == "__main__":
    main()
