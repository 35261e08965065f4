"""Blemishes go, the person stays: Skin retouch with its defaults on the real skin of held-out people.

    python -m training.evaluation.retouched_faces PORTRAITS LABELS RETOUCHED [--every] [--out FOLDER]

Blemishes are counted by `training.blemish_finder`, which taught the network as well, on the calm skin of the
portrait before. It looks for what stands out of the skin around: as skin gets calmer, it sees more. So the
depth left of those that were there is given too, in green, where pigment and blood show. Pores are the band
below 1.5 px on labelled clean skin away from blemishes, on portraits sharp enough to have some. Moles and
freckles are kept where 70 % of their depth is left, and gone, when that is asked for, where 30 % is. Sheets
go to --out: before, after, the change four times as strong on grey, and the skin that the filter sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training import skin_ground
from training.blemish_finder import Blemish, find
from training.evaluation import faces, measures, retouchers, sheets
from training.evaluation.faces import Array, Bytes
from training.evaluation.judges import Descriptor
from training.evaluation.retouchers import OURS, REFERENCE, Done, OurFilter, Sitter, Task

MARKS = ("mole", "freckle")
SHARP = 0.007
"""Of `Face.sharpness`: softer portraits (upscaled, retouched) have no pores to compare with."""
LEAST_DEPTH = 4.0
"""Levels of 255 of a spot whose depth after retouching says anything."""
KEPT, GONE = 0.7, 0.3
FALL, PORES, SAME_PERSON = 0.8, (0.85, 1.1), 0.2
"""What is aimed at: blemishes that go, pore band after over before, dlib's distance."""
AROUND = 9
"""Px around a blemish in which its removal changes the pore band."""
PARTS = ("features", "hair", "clothes")
"""Labels of what must stay; features are eyes, brows, lips and nostrils."""
LEAST = 400
"""Px of a part of a portrait to be judged."""
WITH_MARKS = (OURS, REFERENCE)
"""Who can be asked to take moles and freckles away."""
SHEETS = 24
STRONGER = 4

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ground:
    """What there is on a portrait before anybody retouches it."""

    calm: Mask
    blemishes: tuple[Blemish, ...]
    marks: tuple[Blemish, ...]
    """Moles and freckles."""
    pored: Mask
    """Clean skin away from blemishes."""


@dataclass(frozen=True)
class Verdict:
    """One result on one face."""

    blemishes: tuple[int, int]
    """Before and after."""
    left: float
    """Of the depth of those that were there; NaN where there were none."""
    pores: float
    """Pore band after over before; NaN where there are none."""
    distance: float
    """Of dlib's descriptors."""
    marks: int
    marks_kept: int
    marks_gone: int | None
    """When that is asked for; `None` where nobody can be asked."""
    changed: dict[str, float]
    """Mean change of what must stay, in levels of 255."""


def ground_of(sitter: Sitter) -> Ground:
    """Look at a portrait as it was taken."""
    face, image = sitter.face, measures.unit(sitter.face.image)
    calm = skin_ground.calm(sitter.skin, face.mesh, measures.luminance(image))
    found = spots_of(face.image, calm, face.mesh)
    marks = tuple(one for one in found if one.kind in MARKS)
    spotted = np.zeros(calm.shape, np.uint8)
    for one in found:
        cv2.circle(spotted, (round(one.x), round(one.y)), round(one.radius) + AROUND, 1, -1)
    pored = (face.clean > 0) & calm & (spotted == 0)
    blemishes = tuple(one for one in found if one.kind not in MARKS)
    return Ground(calm, blemishes, marks, pored)


def spots_of(image: Bytes, calm: Mask, mesh: Array) -> list[Blemish]:
    """Return the blemishes, moles and freckles that are deep enough to be seen."""
    found = find(measures.unit(image), calm.astype(np.float32), mesh)
    return [one for one in found if depth(image, one) >= LEAST_DEPTH]


def depth(image: Bytes, spot: Blemish) -> float:
    """Return how much darker than the skin around it a spot is in green, in levels of 255."""
    reach = int(np.ceil(2.5 * spot.radius + 3))
    row, column = round(spot.y), round(spot.x)
    top, left = max(0, row - reach), max(0, column - reach)
    part = image[top : row + reach + 1, left : column + reach + 1, 1].astype(np.float32)
    y, x = np.mgrid[: part.shape[0], : part.shape[1]]
    far = np.hypot(y + top - spot.y, x + left - spot.x)
    core, ring = part[far <= max(1.0, 0.6 * spot.radius)], part[far > 1.5 * spot.radius + 1]
    return float(np.median(ring) - core.mean())


def judge(
    sitter: Sitter, ground: Ground, after: Bytes, asked: Bytes | None, descriptor: Descriptor
) -> Verdict:
    """Judge a result with the defaults; in `asked`, the moles and freckles were to go as well."""
    face = sitter.face
    pictures = [measures.unit(face.image), measures.unit(after)]
    left = unlike(spots_of(after, ground.calm, face.mesh), ground.marks)
    pores = float("nan")
    if face.sharpness >= SHARP and ground.pored.sum() >= LEAST:
        energy = [measures.pore_energy(picture, ground.pored) for picture in pictures]
        pores = energy[1] / energy[0]
    levels = np.abs(face.image.astype(np.int16) - after).mean(axis=-1)
    parts = {"features": face.features > 0, "hair": face.hair > 127, "clothes": face.clothes > 127}
    marks = depths_left(face.image, after, ground.marks)
    return Verdict(
        (len(ground.blemishes), len(left)),
        float(np.mean(depths_left(face.image, after, ground.blemishes) or [np.nan])),
        pores,
        descriptor.distance(face.image, after, face.mesh),
        len(marks),
        sum(left >= KEPT for left in marks),
        None if asked is None else sum(left <= GONE for left in depths_left(face.image, asked, ground.marks)),
        {name: float(levels[part].mean()) for name, part in parts.items() if part.sum() >= LEAST},
    )


def unlike(spots: Sequence[Blemish], marks: Sequence[Blemish]) -> list[Blemish]:
    """Return the spots that are no marks, and lie where no mark was: a mole in calmer skin may look red."""
    return [
        one
        for one in spots
        if one.kind not in MARKS
        and all(np.hypot(one.y - mark.y, one.x - mark.x) > one.radius + mark.radius for mark in marks)
    ]


def depths_left(before: Bytes, after: Bytes, spots: Sequence[Blemish]) -> list[float]:
    """Return the share of each spot's depth that is left; a spot that is lighter now has none."""
    return [max(0.0, depth(after, one) / depth(before, one)) for one in spots]


HEADER = (
    "", "n", "blemishes", "fall", "depth left", "pore band (least, most)", "distance (most)",
    "marks kept", "gone when asked", *(f"{part}, levels" for part in PARTS),
)  # fmt: skip


def row(name: str, verdicts: Sequence[Verdict]) -> list[str]:
    """Return a line of the table: sums of counts, means of the others."""
    before, after = (sum(one.blemishes[i] for one in verdicts) for i in (0, 1))
    depths = [one.left for one in verdicts if not np.isnan(one.left)]
    pores = [one.pores for one in verdicts if not np.isnan(one.pores)]
    shares = f"{np.mean(pores):.2f} ({min(pores):.2f}, {max(pores):.2f})" if pores else "–"
    far = [one.distance for one in verdicts]
    marks = sum(one.marks for one in verdicts)
    kept = sum(one.marks_kept for one in verdicts)
    asked = [one.marks_gone for one in verdicts if one.marks_gone is not None]
    changed = [[one.changed[part] for one in verdicts if part in one.changed] for part in PARTS]
    return [
        name, str(len(verdicts)), f"{before} → {after}", f"{1 - after / max(1, before):.0%}",
        f"{np.mean(depths):.0%}" if depths else "–", shares, f"{np.mean(far):.3f} ({max(far):.3f})",
        f"{kept} of {marks}", f"{sum(asked)} of {marks}" if asked else "–",
        *(f"{np.mean(levels):.2f}" if levels else "–" for levels in changed),
    ]  # fmt: skip


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return on how many faces each aim is reached."""
    falls = [1 - one.blemishes[1] / one.blemishes[0] for one in verdicts if one.blemishes[0]]
    pores = [one.pores for one in verdicts if not np.isnan(one.pores)]
    return (
        f"Blemishes fall by {FALL:.0%} or more on {sum(fall >= FALL for fall in falls)} of {len(falls)} "
        f"faces; the pore band stays within {PORES[0]} to {PORES[1]} on "
        f"{sum(PORES[0] <= pore <= PORES[1] for pore in pores)} of {len(pores)}; "
        f"dlib's distance is below {SAME_PERSON} on "
        f"{sum(one.distance < SAME_PERSON for one in verdicts)} of {len(verdicts)}."
    )


def main() -> None:
    """Print the tables; write the sheets."""
    parser = retouchers.arguments(__doc__)
    parser.set_defaults(each=0)
    parser.add_argument("--every", action="store_true", help="print a row for each face")
    options = faces.parsed(parser)
    cv2.setNumThreads(options.threads)
    everybody = list(retouchers.sitters(options))
    grounds, descriptor = [ground_of(one) for one in everybody], Descriptor()
    spent, told, rows = [], "", []
    for name, retouch in retouchers.chosen(options).items():
        done = retouch([Task(one, one.face.image) for one in everybody])
        asked: list[Bytes | None] = [None] * len(everybody)
        if name in WITH_MARKS:
            asked = [*retouch([Task(one, one.face.image, "marks") for one in everybody]).images]
        verdicts = [judge(*of, descriptor) for of in zip(everybody, grounds, done.images, asked, strict=True)]
        spent.append(f"{name} {done.seconds / len(everybody):.2f}")
        rows.append(row(f"**{name}**", verdicts))
        if name == OURS:
            told = f"\n{summary(verdicts)} {sharing(done)}"
            rows += by_tone(everybody, verdicts) + by_age(everybody, verdicts)
            if options.every:
                rows += [row(one.face.name, [v]) for one, v in zip(everybody, verdicts, strict=True)]
            if options.out:
                write(retouch, everybody, done.images, options.out)
    print(faces.table(HEADER, rows))
    print(told)
    print(f"\nSeconds a picture: {', '.join(spent)}")


def by_tone(everybody: Sequence[Sitter], verdicts: Sequence[Verdict]) -> list[list[str]]:
    """Return a line for each skin tone."""
    pairs = list(zip(everybody, verdicts, strict=True))
    groups = {tone: [v for one, v in pairs if one.face.tone == tone] for tone in measures.TONES}
    return [row(tone, group) for tone, group in groups.items() if group]


def by_age(everybody: Sequence[Sitter], verdicts: Sequence[Verdict]) -> list[list[str]]:
    """Return a line for each age group; not everybody's age is known."""
    pairs = list(zip(everybody, verdicts, strict=True))
    groups = {age: [v for one, v in pairs if one.face.age_group == age] for age in faces.AGES}
    return [row(age, group) for age, group in groups.items() if group]


def sharing(done: Done) -> str:
    """Return what became of the pixels that soft light cannot move far enough."""
    if not done.held_apart:
        return ""
    return (
        f"Of the pixels that change, {np.mean(done.held_apart):.2%} ({max(done.held_apart):.2%} at most) "
        "need the normal layer beside the soft-light layer."
    )


def write(ours: OurFilter, everybody: Sequence[Sitter], images: Sequence[Bytes], folder: Path) -> None:
    """Write a sheet for each of 24 faces, as many of each skin tone as there are."""
    for number in evenly([one.face.tone for one in everybody], SHEETS):
        face, after = everybody[number].face, images[number]
        change = 128 + STRONGER * (after.astype(np.int16) - face.image)
        tiles = [face.image, after, change.clip(0, 255).astype(np.uint8), ours.seen(face.image)]
        name = face.name.replace("/", "-")
        sheets.write(sheets.grid(tiles, len(tiles)), folder / f"retouched-{face.tone}-{name}.png")


def evenly(tones: Sequence[str], count: int) -> list[int]:
    """Return numbers of up to `count` faces, taking turns between the skin tones."""
    groups = [[i for i, tone in enumerate(tones) if tone == wanted] for wanted in measures.TONES]
    turns = sorted((turn, number) for group in groups for turn, number in enumerate(group))
    return sorted(number for _, number in turns[:count])


if __name__ == "__main__":
    main()
