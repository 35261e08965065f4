"""Wrinkles go region by region: for each region alone, what goes in it and what changes elsewhere.

    python -m training.evaluation.regions PORTRAITS LABELS [--faces 20] [--out FOLDER]

The oldest held-out people, one portrait each, at the canonical scale. De-wrinkle runs without a
brush, once for each region, with that region at 1 and all others at 0, else by its defaults. A region is
where its mask is at least one half, on skin that may have wrinkles by the labels; elsewhere is all other such
skin of face and neck. Ridge energy
is `measures.ridge_energy` above the floor of the portrait's own clean skin. Sheets of the portrait, the
wrinkle map and the result with all regions go to --out.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.compositor import composite
from softlight.display import seen_over
from softlight.encoding import to_unit
from softlight.faces import regions
from softlight.filters.dewrinkle import DewrinkleSettings, tasks
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.filters.dewrinkle.view import wrinkle_view
from softlight.picture import Picture
from softlight.progress import silent
from softlight.runtime import Runtime
from softlight_models.bundled import BundledModels
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Face
from training.evaluation.wrinkled_faces import ground_of

LEAST = 400
"""Px of skin that a region must show to be judged: glasses, hair or the frame may hide it."""
NONE = DewrinkleSettings(**dict.fromkeys(regions.REGIONS, 0.0))

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """Ridge energy of one region and of all other skin, before and after."""

    before: float
    after: float
    else_before: float
    else_after: float

    @property
    def gone(self) -> float:
        return 1 - self.after / self.before

    @property
    def elsewhere(self) -> float:
        return abs(self.else_after / self.else_before - 1)


def oldest(options: argparse.Namespace) -> list[Face]:
    """One portrait a person, the oldest first."""
    people: dict[str, Face] = {}
    for face in faces.held_out(options):
        if face.age is not None:
            people.setdefault(face.person, face)
    return sorted(people.values(), key=lambda face: -(face.age or 0))[: options.faces]


def place_of(picture: Picture, settings: DewrinkleSettings, runtime: Runtime) -> Mask:
    """Where De-wrinkle means a pixel by at least one half."""
    place = np.zeros((picture.height, picture.width), bool)
    for task in tasks.on_faces(picture, settings, runtime, silent)[1]:
        (x, y), (height, width) = task.origin, task.mask.shape
        place[y : y + height, x : x + width] |= to_unit(task.mask) >= 0.5
    return place


def judge(face: Face, runtime: Runtime) -> dict[str, Verdict]:
    picture = Picture(face.image)
    skin = ground_of(face)
    luma = measures.luminance(measures.unit(face.image))
    floor = measures.noise_floor(luma, face.clean > 0)
    verdicts = {}
    for name in regions.REGIONS:
        settings = replace(NONE, **{name: 1.0})
        place = place_of(picture, settings, runtime)
        here = place & skin
        if here.sum() < LEAST:
            continue
        after = composite(picture, dewrinkle(picture, None, settings, runtime)).pixels
        changed = measures.luminance(measures.unit(after))
        energies = [
            measures.ridge_energy(x, where, floor) for where in (here, skin & ~place) for x in (luma, changed)
        ]
        if energies[0] > 0:
            verdicts[name] = Verdict(*energies)
    return verdicts


def sheet(face: Face, runtime: Runtime) -> NDArray[np.uint8]:
    """The portrait, the wrinkle map over it, and the result with the defaults."""
    picture, settings = Picture(face.image), DewrinkleSettings()
    after = composite(picture, dewrinkle(picture, None, settings, runtime)).pixels
    seen = seen_over(face.image, wrinkle_view(picture, None, settings, runtime))
    return np.concatenate([face.image, seen, after], axis=1)


def main() -> None:
    parser = faces.arguments(__doc__)
    parser.add_argument("--faces", type=int, default=20)
    options = faces.parsed(parser)
    cv2.setNumThreads(options.threads)
    runtime = Runtime("cpu", models=BundledModels())
    people = oldest(options)
    found: dict[str, list[Verdict]] = {name: [] for name in regions.REGIONS}
    for face in people:
        for name, verdict in judge(face, runtime).items():
            found[name].append(verdict)
        if options.out:
            sheets.write(sheet(face, runtime), options.out / f"regions-{face.name.replace('/', '-')}.png")
    rows = []
    for name, verdicts in found.items():
        gone = [one.gone for one in verdicts]
        pooled = 1 - sum(one.after for one in verdicts) / sum(one.before for one in verdicts)
        elsewhere = [one.elsewhere for one in verdicts]
        rows.append([
            name, len(verdicts), f"{pooled:.0%}", f"{np.mean(gone):.0%} ({min(gone):.0%})",
            f"{np.mean(elsewhere):.1%} ({max(elsewhere):.1%})",
        ])  # fmt: skip
    header = ("region", "faces", "gone, all energy", "gone, mean (least)", "elsewhere, mean (most)")
    print(f"{len(people)} people of {min(face.age or 0 for face in people)} years and more\n")
    print(faces.table(header, rows))


if __name__ == "__main__":
    main()
