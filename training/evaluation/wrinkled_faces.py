"""Wrinkles go, the person stays: De-wrinkle on held-out wrinkled faces, forehead and eye corners painted.

    python -m training.evaluation.wrinkled_faces PORTRAITS LABELS --models MODELS [--out FOLDER]

The brush is painted as a person would, over brows, hair line and glasses as well. Settings are the
defaults: full strength, "wrinkles I painted over", face size found from the brush. The classic is
OpenCV's Telea over a ridge mask under the same brush. Before/after sheets go to --out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.compositor import composite
from softlight.filters.dewrinkle import DewrinkleSettings
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.picture import Picture
from training import pseudo_labels
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Bytes, Face
from training.evaluation.judges import Descriptor, Parsing
from training.label_portraits import INTEROCULAR

LEAST_AGE = 58
LEAST_WRINKLED = 0.07
"""Share of skin that the pseudo-labels call wrinkle, from which a younger face counts as wrinkled."""
BROW_LINE = [46, 53, 52, 65, 55, 9, 285, 295, 282, 283, 276]
HAIR_LINE = [251, 284, 332, 297, 338, 10, 109, 67, 103, 54, 21]
CANTHI = (33, 263)
"""Outer corners of the eyes; indices of MediaPipe's mesh."""
KEPT = ("hair", "brows", "glasses")
BESIDE = 12
"""Px around a change in which skin counts as its neighbour."""
SHARES = ("ridges", "plain_ridges", "pores", "pores_all", "pores_beside")

Mask = NDArray[np.bool_]


def wrinkled(people: Iterator[Face]) -> Iterator[Face]:
    for face in people:
        if (face.age or 0) >= LEAST_AGE or face.wrinkledness >= LEAST_WRINKLED:
            yield face


def brush(face: Face) -> Bytes:
    """Forehead from the lower edge of the brows to beyond the hair line, and both eye corners: 0 or 255."""
    mask = np.zeros(face.image.shape[:2], np.uint8)
    upper = face.mesh[HAIR_LINE] - [0, 0.12 * INTEROCULAR]
    forehead = np.concatenate([face.mesh[BROW_LINE], upper])
    cv2.fillPoly(mask, [np.rint(forehead).astype(np.int32)], 255)
    for canthus, side in zip(CANTHI, (-1, 1), strict=True):
        centre = face.mesh[canthus] + [side * 0.24 * INTEROCULAR, 0]
        axes = (round(0.22 * INTEROCULAR), round(0.25 * INTEROCULAR))
        cv2.ellipse(mask, np.rint(centre).astype(int).tolist(), axes, 0, 0, 360, 255, -1)
    return mask


@dataclass(frozen=True)
class Verdict:
    """One result on one face; shares of 1 unless named otherwise."""

    ridges: float
    """Ridge energy above the floor that is gone from the painted skin (`measures.ridge_energy`)."""
    plain_ridges: float
    pores: float
    """Change of the pore band on changed skin where no valley was: a crease is no pore, but its edges lie
    in the same band, and leave with it."""
    pores_all: float
    """The same on all changed skin, creases included."""
    pores_beside: float
    """Pore band of the changed skin over that of the unchanged, unwrinkled skin within 12 px, less 1."""
    kept: dict[str, float]
    """Mean change of hair, brows and glasses under the brush in levels of 255; NaN where there are none."""
    distance: float
    """Of dlib's descriptors."""
    outside: int
    """Pixels that changed beyond the feather."""


def ground_of(face: Face) -> Mask:
    """Skin on which a wrinkle may be, from the parsing of the portrait as it was."""
    luma = pseudo_labels.luminance(face.image)
    return pseudo_labels.wrinkle_ground(
        measures.unit(face.skin), measures.unit(face.hair), face.features, face.oval, face.mesh, luma
    )


def judge(face: Face, painted: Mask, after: Bytes, parsing: Parsing, descriptor: Descriptor) -> Verdict:
    before = face.image
    luma = [measures.luminance(measures.unit(x)) for x in (before, after)]
    skin = ground_of(face) & painted
    floor = measures.noise_floor(luma[0], face.clean > 0)
    gone = [
        1 - measures.ridge_energy(luma[1], skin, f) / measures.ridge_energy(luma[0], skin, f)
        for f in (floor, None)
    ]
    changed = (before != after).any(-1)
    here = changed & skin
    above = measures.above_floor(luma[0], floor)
    flat = here & (above == 0)
    pores, pores_flat = (
        [measures.pore_energy(measures.unit(x), m) if m.any() else np.nan for x in (before, after)]
        for m in (here, flat)
    )
    close = cv2.dilate(changed.astype(np.uint8), np.ones((2 * BESIDE + 1,) * 2, np.uint8)) > 0
    ring = close & skin & ~changed & (above == 0)
    beside = measures.pore_energy(measures.unit(before), ring) if ring.any() else np.nan
    levels = np.abs(before.astype(np.int16) - after).mean(-1)
    classes = parsing(before)
    kept = {}
    for name in KEPT:
        place = classes[name] & painted
        kept[name] = float(levels[place].mean()) if place.sum() > 100 else float("nan")
    feather = round(DewrinkleSettings().feather * INTEROCULAR)
    reach = cv2.dilate(painted.astype(np.uint8), np.ones((2 * feather + 1,) * 2, np.uint8)) > 0
    return Verdict(
        *gone, pores_flat[1] / pores_flat[0] - 1, pores[1] / pores[0] - 1, pores[1] / beside - 1, kept,
        descriptor.distance(before, after, face.mesh), int((changed & ~reach).sum()),
    )  # fmt: skip


def classic(face: Face, painted: Mask) -> Bytes:
    """Telea over a ridge mask: valleys under the brush, without parsing and widened by 2 px."""
    ridges, _ = pseudo_labels.wrinkles(pseudo_labels.luminance(face.image), painted)
    mask = cv2.dilate(ridges.astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(cv2.inpaint(face.image, mask, 3, cv2.INPAINT_TELEA))


def row(name: str, verdict: Verdict) -> list[str]:
    shares = [f"{getattr(verdict, share):+.0%}" for share in SHARES]
    kept = ["–" if np.isnan(v) else f"{v:.2f}" for v in verdict.kept.values()]
    return [name, *shares, *kept, f"{verdict.distance:.3f}", str(verdict.outside)]


def mean(verdicts: list[Verdict]) -> Verdict:
    """Means over faces (of those that have hair, brows or glasses under the brush); the sum of `outside`."""
    average = lambda name: float(np.nanmean([getattr(v, name) for v in verdicts]))  # noqa: E731
    kept = {}
    for name in KEPT:
        found = [v.kept[name] for v in verdicts if not np.isnan(v.kept[name])]
        kept[name] = float(np.mean(found)) if found else float("nan")
    return Verdict(*(average(n) for n in SHARES), kept,
                   average("distance"), sum(v.outside for v in verdicts))  # fmt: skip


HEADER = (
    "face", "ridges", "ridges, plain", "pores off creases", "pores, all changed", "pores to beside", *KEPT,
    "descriptor", "outside px",
)  # fmt: skip


def main() -> None:
    parser = faces.arguments(__doc__)
    parser.add_argument("--face-size", type=float, help="interocular distance in px; default: from the brush")
    parser.add_argument("--every", action="store_true", help="print a row per face")
    options = faces.parsed(parser)
    runtime = faces.CheckpointRuntime(options.checkpoint)
    parsing, descriptor = Parsing(options.models), Descriptor()
    settings = DewrinkleSettings(face_size=options.face_size)
    ours: dict[str, Verdict] = {}
    telea: dict[str, Verdict] = {}
    pairs = []
    for face in wrinkled(faces.held_out(options)):
        mask = brush(face)
        picture = Picture(face.image)
        after = composite(picture, dewrinkle(picture, mask, settings, runtime)).pixels
        ours[face.name] = judge(face, mask > 0, after, parsing, descriptor)
        telea[face.name] = judge(face, mask > 0, classic(face, mask > 0), parsing, descriptor)
        if options.out:
            pairs.append((sheets.crop(face.image, mask), sheets.crop(after, mask)))
    rows = [row(name, verdict) for name, verdict in ours.items()] if options.every else []
    for name, verdicts in ((f"**De-wrinkle**, n = {len(ours)}", ours), ("Telea over a ridge mask", telea)):
        rows.append(row(name, mean(list(verdicts.values()))))
    worst = max((max(v for v in x.kept.values() if not np.isnan(v)) for x in ours.values()), default=0)
    print(faces.table(HEADER, rows))
    everyone = list(ours.values())
    ridges = sum(v.ridges >= 0.7 for v in everyone)
    off, to = (sum(abs(getattr(v, n)) <= 0.15 for v in everyone) for n in ("pores", "pores_beside"))
    print(
        f"\nOf {len(ours)} faces: ridges down by 70 % or more on {ridges}; pore band within 15 % of itself on"
    )
    print(f"{off} (off creases) and of the skin beside on {to}; largest change of hair, brows or glasses")
    print(f"{worst:.2f} levels; largest descriptor distance {max(v.distance for v in everyone):.3f}.")
    if options.out:
        sheets.write_pairs(pairs, options.out, "wrinkled-faces")


if __name__ == "__main__":
    main()
