"""Hair in other colours: how near to the target, and what became of strands, faces and everything else.

    python -m training.evaluation.hair_colours PORTRAITS [--targets BLACK,BLOND] [--eyes-apart PX] [--out DIR]

Each of some portraits, chosen by eye for different hair, skin and ages, gets each target at full strength,
at 8 bits. ΔE is CIE 1976's distance in CIELAB (D65) between the target's swatch as it is, not adapted to the
light of the photo, and the median of the hair, which is where the mask is above .95. The strands'
correlation is Pearson's between L* before and after in these pixels, less its mean around each, of these
alone and by a Gaussian of .05 interocular distances. The distance is that of dlib's descriptors, by the
landmarks of the photo: .4 is another picture of the person. What changed outside counts pixels whose mask is
0; what was touched is the share of pixels that the parsing is sure (.98) not to be hair and that changed by
more than 4 of 255.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from softlight.alignment import applied, inverted, put_back
from softlight.encoding import from_working, to_working
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.filters.boxes import whole_of
from softlight.filters.edit.hair.colour import Dye, HairTarget, lab_of, measured, recoloured
from softlight.filters.edit.hair.mask import find_hair
from softlight.picture import Picture
from softlight.roles.parsing import parse_face
from softlight.runtime import Model, Runtime
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Array, Bytes
from training.evaluation.judges import Descriptor

PEOPLE = (
    "cc0/pif__adele-luta-headshot",
    "cc0/pif__sweta-maturu",
    "cc0/usds__fatima-noor",
    "cc0/usds__people-mina-hsiang",
    "cc0/pif__georgeta-dragoiu-headshot",
    "cc0/pif__jennifer-gardner",
    "cc0/usds__anissa-perez",
    "cc0/pif__cherreka-montgomery",
    "cc0/18f__ponce_laura",
    "cc0/pif__ross-dakin-headshot",
    "cc0/18f__princessojiaku",
    "cc0/pif__nathen-huang-headshot",
    "cc0/pif__glennette-clark",
    "pd/ann-wagner",
    "pd/bradley-byrne",
    "pd/david-price",
    "pd/julia-brownley",
    "pd/nicole-malliotakis",
    "pd/joni-ernst",
    "pd/heidi-heitkamp",
    "pd/amy-klobuchar",
    "london/062_neutral",
    "london/100_neutral",
    "london/008_neutral",
)
"""Black, brown, red, blond, grey and white hair, long, short, straight and curled; dark and light skin."""
STRANDS = 0.05
SURE, ELSE, TOUCHED = 0.95, 0.98, 4
HEIGHT = 360
"""Px of a picture on a sheet."""


@dataclass(frozen=True, eq=False)
class Person:
    """A portrait with its hair."""

    name: str
    picture: Picture
    face: AnalysedFace

    @classmethod
    def of(cls, path: Path, runtime: Runtime, apart: float | None) -> Person:
        image = Image.open(path).convert("RGB")
        picture = Picture(np.asarray(image))
        face = max(analysis.find(picture, runtime), key=lambda one: one.interocular)
        if apart is not None:
            share = apart / face.interocular
            size = (round(image.width * share), round(image.height * share))
            picture = Picture(np.asarray(image.resize(size, Image.Resampling.LANCZOS)))
            face = max(analysis.find(picture, runtime), key=lambda one: one.interocular)
        return cls(path.stem, picture, face)


@dataclass(frozen=True)
class Figures:
    """Of one portrait in one colour."""

    target: HairTarget
    error: float
    strands: float
    distance: float
    changed: int
    touched: float


def strands(pixels: Bytes, sure: NDArray[np.bool_], interocular: float) -> Array:
    """Return L* of the strands where there is nothing but hair, in a row."""
    lightness, weight = cv2.cvtColor(measures.unit(pixels), cv2.COLOR_RGB2Lab)[..., 0], np.float32(sure)
    around, count = (
        cv2.GaussianBlur(plane, (0, 0), STRANDS * interocular) for plane in (lightness * weight, weight)
    )
    return np.asarray(lightness[sure] - around[sure] / count[sure], np.float32)


def tried(
    person: Person, targets: list[HairTarget], model: Model, describe: Descriptor
) -> Iterator[tuple[Figures, Bytes]]:
    """Yield the figures and the pictures of one person in some colours; nothing where no hair is found."""
    picture, face = person.picture, person.face
    mask = find_hair(picture, face, model)
    hair = measured(mask)
    if hair is None:
        return
    box = whole_of(picture)
    before = to_working(picture.pixels, picture.encoding.transfer)
    shown = mask.mask_in(before, box)
    sure = shown > SURE
    near = mask.part
    seen = parse_face(model, near.pixels, applied(near.matrix, face.points))
    parsing = seen.moved(inverted(near.matrix))
    # Beyond the square of the parsing its border goes on: nothing is known there.
    inside = np.pad(np.ones((len(seen.shares) - 4,) * 2, np.float32), 2)[..., None]
    known = put_back(inside, parsing.matrix, box)[..., 0] > ELSE
    not_hair = known & (parsing.mask(box, "hair")[..., 0] < 1 - ELSE)
    fine, mesh = strands(picture.pixels, sure, face.interocular), face.landmarks.points[:, :2]
    for target in targets:
        after = recoloured(before, shown, box, Dye.to(hair, target))
        found = before + shown[..., None] * (after - before)
        pixels = np.rint(255 * from_working(found, picture.encoding.transfer, 3).clip(0, 1)).astype(np.uint8)
        median = np.median(cv2.cvtColor(measures.unit(pixels), cv2.COLOR_RGB2Lab)[sure], axis=0)
        different = np.abs(pixels.astype(int) - picture.pixels).max(axis=2)
        yield (
            Figures(
                target,
                float(np.linalg.norm(median - lab_of(target.swatch))),
                float(np.corrcoef(fine, strands(pixels, sure, face.interocular))[0, 1]),
                describe.distance_in_place(picture.pixels, pixels, np.asarray(mesh, np.float32)),
                int((different[shown == 0] > 0).sum()),
                float((different[not_hair] > TOUCHED).mean()),
            ),
            pixels,
        )


def small(pixels: Bytes) -> Bytes:
    size = (round(pixels.shape[1] * HEIGHT / pixels.shape[0]), HEIGHT)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def main() -> None:
    """Print the table; write sheets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path)
    parser.add_argument("--targets", default=",".join(target.name for target in HairTarget))
    parser.add_argument("--people", type=int, default=len(PEOPLE))
    parser.add_argument("--eyes-apart", type=float, help="px to which the portraits are resized; as they are")
    parser.add_argument("--out", type=Path, help="folder for sheets")
    options = parser.parse_args()
    runtime, describe = Runtime("cpu"), Descriptor()
    targets = [HairTarget[name] for name in options.targets.split(",")]
    figures: list[Figures] = []
    rows: list[list[Bytes]] = []
    for name in PEOPLE[: options.people]:
        person = Person.of(options.portraits / f"{name}.jpg", runtime, options.eyes_apart)
        found = list(tried(person, targets, runtime.model("parsing"), describe))
        if not found:
            print(f"{name}: no hair found")
        figures += [one for one, _ in found]
        if options.out:
            rows.append([small(pixels) for pixels in (person.picture.pixels, *(image for _, image in found))])
    lines = []
    for target in targets:
        of = [one for one in figures if one.target is target]
        errors, correlations, distances, shares = (
            [getattr(one, name) for one in of] for name in ("error", "strands", "distance", "touched")
        )
        lines.append(
            [
                target.name,
                f"{np.median(errors):.1f}",
                f"{max(errors):.1f}",
                f"{np.median(correlations):.3f}",
                f"{min(correlations):.3f}",
                f"{np.median(distances):.3f}",
                f"{max(distances):.3f}",
                str(sum(one.changed for one in of)),
                f"{np.median(shares):.3f}",
                f"{max(shares):.3f}",
            ]
        )
    names = ("ΔE", "most", "strands", "least", "dlib", "most", "changed outside", "touched", "most")
    head = ("median of portraits", *names)
    print(faces.table(head, lines))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for first in range(0, len(rows), 4):
            tiles = [tile for row in rows[first : first + 4] for tile in row]
            sheets.write(sheets.grid(tiles, len(targets) + 1), options.out / f"hair-{first // 4}.png")


if __name__ == "__main__":
    main()
