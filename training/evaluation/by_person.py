"""De-wrinkle and Face restore by skin tone and by age: what a user may expect of a face like this one.

    python -m training.evaluation.by_person PORTRAITS LABELS [--each 12]

One portrait of each held-out person, at the canonical scale, at least `--each` of a group where there are
as many, spread evenly over the names. De-wrinkle runs on whole faces with its defaults. *Gone* is ridge
energy above the floor of the portrait's own clean skin, as in `regions.py`, of all skin together; *pores*
is the energy of the finest band of clean skin, after over before; *levels* is the mean change of all skin,
which is to be small where nobody has wrinkles.

Face restore runs on the same portraits after level 2 of `softlight degrade`; PSNR in dB over the oval of
the face, before and after. Tones are those of `measures.TONES`; light and exposure shift them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from softlight.compositor import composite
from softlight.degradation.photos import degrade
from softlight.degradation.steps import level
from softlight.filters.dewrinkle import DewrinkleSettings
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.filters.restore.filter import restore
from softlight.filters.restore.settings import RestoreSettings
from softlight.picture import Picture
from softlight.runtime import Runtime
from softlight_models.bundled import BundledModels
from training.evaluation import faces, measures
from training.evaluation.faces import Face
from training.evaluation.wrinkled_faces import ground_of
from training.label_portraits import INTEROCULAR

LEVEL = 2


@dataclass(frozen=True)
class Verdict:
    """What was measured on one person."""

    before: float
    """Ridge energy."""
    after: float
    pores: float
    levels: float
    bad: float
    """PSNR of the degraded portrait in dB."""
    restored: float


def groups_of(face: Face) -> Iterator[str]:
    """The groups that a person belongs to."""
    yield f"skin tone: {face.tone}"
    if face.age_group is not None:
        yield f"age: {face.age_group}"


def judge(face: Face, runtime: Runtime) -> Verdict:
    picture, skin, clean = Picture(face.image), ground_of(face), face.clean > 0
    after = composite(picture, dewrinkle(picture, None, DewrinkleSettings(), runtime)).pixels
    lumas = [measures.luminance(measures.unit(image)) for image in (face.image, after)]
    floor = measures.noise_floor(lumas[0], clean)
    ridges = [measures.ridge_energy(luma, skin, floor) for luma in lumas]
    pores = [float(np.square(measures.pore_band(luma)[clean]).mean()) for luma in lumas]
    change = np.abs(after.astype(np.int16) - face.image)[skin].mean()
    return Verdict(*ridges, pores[1] / pores[0], float(change), *restored(face, runtime))


def restored(face: Face, runtime: Runtime) -> tuple[float, float]:
    """PSNR over the oval of the face, of the degraded portrait and of what Face restore makes of it."""
    truth, where = measures.unit(face.image), face.oval > 127
    worse = degrade(truth, level(LEVEL, INTEROCULAR), np.random.default_rng(0))
    bad = np.rint(255 * worse).astype(np.uint8)
    good = composite(Picture(bad), restore(Picture(bad), None, RestoreSettings(), runtime)).pixels
    before, after = (measures.psnr(measures.unit(image), truth, where, sigma=0) for image in (bad, good))
    return before, after


def chosen(people: list[Face], each: int) -> list[Face]:
    """So many of each group, spread evenly; who belongs to two groups counts in both."""
    members: dict[str, list[Face]] = defaultdict(list)
    for face in people:
        for group in groups_of(face):
            members[group].append(face)
    taken: dict[str, Face] = {}
    for group in members.values():
        places = np.linspace(0, len(group) - 1, min(each, len(group))).round().astype(int)
        taken |= {group[at].name: group[at] for at in places}
    return list(taken.values())


def main() -> None:
    parser = faces.arguments(__doc__)
    parser.add_argument("--each", type=int, default=12)
    options = faces.parsed(parser)
    cv2.setNumThreads(options.threads)
    runtime = Runtime("cpu", models=BundledModels())
    people: dict[str, Face] = {}
    for face in faces.held_out(options):
        people.setdefault(face.person, face)
    found: dict[str, list[Verdict]] = defaultdict(list)
    for face in chosen(list(people.values()), options.each):
        verdict = judge(face, runtime)
        print(face.name, *groups_of(face), verdict, sep="; ", flush=True)
        for group in groups_of(face):
            found[group].append(verdict)
    rows = []
    for group in [f"skin tone: {name}" for name in measures.TONES] + [f"age: {name}" for name in faces.AGES]:
        told = found[group]
        if not told:
            continue
        gone = 1 - sum(one.after for one in told) / sum(one.before for one in told)
        digits = {"before": 1, "pores": 2, "levels": 1, "bad": 1, "restored": 1}
        means = [f"{np.mean([getattr(one, name) for one in told]):.{n}f}" for name, n in digits.items()]
        rows.append([group, len(told), f"{gone:.0%}", *means])
    header = ("group", "people", "gone", "ridges", "pores", "levels", f"level {LEVEL}, dB", "restored, dB")
    print(faces.table(header, rows))


if __name__ == "__main__":
    main()
