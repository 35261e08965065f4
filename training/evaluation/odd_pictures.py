"""What is found in pictures that are no portraits: costumes, drawings, statues, crowds, animals and things.

    python -m training.evaluation.odd_pictures SPRITES [--nobody FOLDER] [--people 24] [--out FOLDER]

Held-out people are dressed, drawn, turned to stone, put to sleep and turned upside down; a hundred of them
are put into one picture. Of the folder `--nobody`, every picture is named with what is found in it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from softlight.runtime import Runtime
from softlight_models.bundled import BundledModels
from training import costumes, scenes
from training.evaluation import sheets
from training.evaluation.detection import Count, Find, Sample, analysed, boxes_of, shown
from training.evaluation.faces import table
from training.face_marks import Marks, marks_of
from training.label_portraits import LEFT_EYE, RIGHT_EYE
from training.portraits import is_held_out

Bytes = NDArray[np.uint8]
Mesh = NDArray[np.float32]

CROWD = 100
CROWD_SIDE = 2400
CROWD_FACES = (70.0, 130.0)
"""Px from forehead to chin."""


@dataclass(frozen=True, eq=False)
class Person:
    """A held-out portrait."""

    name: str
    pixels: Bytes
    mesh: Mesh
    """(478, 2), in its px."""


def people(folder: Path, count: int) -> Iterator[Person]:
    """Yield held-out people, evenly from all that `face_sprites.py` wrote."""
    files = [
        file for file in sorted(folder.glob("*/*.npz")) if is_held_out(file.relative_to(folder).as_posix())
    ]
    for file in files[:: max(1, len(files) // count)][:count]:
        data = np.load(file, allow_pickle=False)
        yield Person(file.stem, data["whole"], data["whole_mesh"][:, :2])


Change = Callable[[Person, np.random.Generator], Bytes]


def worn(draw: Callable[[costumes.Sheet, Marks, np.random.Generator], None]) -> Change:
    """Return what draws something onto a person."""

    def dress(person: Person, random: np.random.Generator) -> Bytes:
        picture = Image.fromarray(person.pixels)
        draw(costumes.Sheet(picture), marks_of(person.mesh), random)
        return np.asarray(picture)

    return dress


def asleep(person: Person, random: np.random.Generator) -> Bytes:
    """Close the eyes: lids of the skin above them, and lashes along the lower edge."""
    pixels = person.pixels.copy()
    for eye in (RIGHT_EYE, LEFT_EYE):
        outline = person.mesh[eye]
        middle, wide = outline.mean(axis=0), float(np.ptp(outline[:, 0]))
        lid = cv2.convexHull(np.rint(middle + 1.25 * (outline - middle)).astype(np.int32))
        mask = cv2.fillConvexPoly(np.zeros(pixels.shape[:2], np.uint8), lid, 255)
        pixels = np.asarray(cv2.inpaint(pixels, mask, max(2.0, 0.1 * wide), cv2.INPAINT_TELEA))
        turn = np.linspace(0.15 * np.pi, 0.85 * np.pi, 12)
        lashes = middle + np.stack([np.cos(turn) * 0.5 * wide, np.sin(turn) * 0.12 * wide], axis=1)
        dark = (pixels[round(float(middle[1])), round(float(middle[0]))] * 0.35).tolist()
        cv2.polylines(pixels, [np.rint(lashes).astype(np.int32)], False, dark, max(1, round(0.06 * wide)))
    return pixels


def stone(person: Person, random: np.random.Generator) -> Bytes:
    """Return a relief in grey stone: light from one side on the face's brightness as a height, and grain."""
    grey = cv2.cvtColor(person.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    smooth = cv2.bilateralFilter(grey, 9, 30, 5)
    relief = smooth - np.roll(smooth, (2, 2), (0, 1))
    grain = cv2.GaussianBlur(random.normal(0, 25, grey.shape).astype(np.float32), (0, 0), 1.0)
    shade = 140 + 0.35 * (smooth - 128) + 1.5 * relief + grain
    return np.asarray(np.repeat(shade.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2))


def pencil(person: Person, random: np.random.Generator) -> Bytes:
    """Return a line drawing: what is darker than its surroundings, on white."""
    grey = cv2.cvtColor(person.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    around = cv2.GaussianBlur(grey, (0, 0), 4)
    lines = (255 * np.minimum(1.0, (grey + 4) / (around + 4)) ** 3).astype(np.uint8)
    return np.repeat(lines[..., None], 3, axis=2)


def upside_down(person: Person, random: np.random.Generator) -> Bytes:
    """Turn by 180 degrees."""
    return np.ascontiguousarray(person.pixels[::-1, ::-1])


CHANGES: dict[str, Change] = {
    "as they are": lambda person, random: person.pixels,
    "in sunglasses": worn(lambda sheet, marks, random: costumes.glasses(sheet, marks, random, dark=True)),
    "in masks": worn(costumes.mask),
    "in hats": worn(costumes.hat),
    "asleep": asleep,
    "upside down": upside_down,
    "as line drawings": pencil,
    "as reliefs in stone": stone,
}


def counted(find: Find, samples: Sequence[Sample], out: Path | None, name: str) -> list[str]:
    """Return a line of the table; write a sheet of what was found."""
    recall, real, tiles = Count(), Count(), []
    for sample in samples:
        found = find(sample.pixels)
        recall.add(sample.known, boxes_of(found))
        real.add(boxes_of(found), sample.known, sample.doubtful)
        tiles.append(shown(sample, found, sample.known))
    if out:
        out.mkdir(parents=True, exist_ok=True)
        sheets.write(sheets.grid(tiles[:24], 6), out / f"{name.replace(' ', '-')}.png")
    return [name, str(recall), str(real.of - real.right)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sprites", type=Path, help="folder that face_sprites.py wrote")
    parser.add_argument("--nobody", type=Path, help="pictures without people")
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--crowds", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder for sheets of what was found")
    options = parser.parse_args()
    find = analysed(Runtime("cpu", models=BundledModels()))
    everybody = list(people(options.sprites, options.people))
    rows = []
    for name, change in CHANGES.items():
        random = np.random.default_rng(7)
        samples = []
        for person in everybody:
            pixels, box = change(person, random), marks_of(person.mesh).box
            if change is upside_down:
                box = np.tile(pixels.shape[1::-1], 2) - box[[2, 3, 0, 1]]
            samples.append(Sample(person.name, pixels, box[None], np.zeros((0, 4))))
        rows.append(counted(find, samples, options.out, name))
        print(rows[-1], flush=True)
    stock = scenes.load(options.sprites, held_out=True)
    random = np.random.default_rng(8)
    crowds = []
    for number in range(options.crowds):
        scene = scenes.group(stock, random, CROWD_SIDE, CROWD, CROWD_FACES)
        sure = scene.seen >= 0.75
        boxes = scene.boxes.astype(float)
        crowds.append(Sample(f"crowd-{number}", scene.pixels, boxes[sure], boxes[~sure]))
    rows.append(counted(find, crowds, options.out, "a hundred of them"))
    print(rows[-1], flush=True)
    print(table(("held-out people", "found", "others"), rows))
    for file in sorted(options.nobody.iterdir()) if options.nobody else ():
        pixels = np.asarray(Image.open(file).convert("RGB"))
        print(file.name, [tuple(round(side) for side in face.box) for face in find(pixels)], flush=True)


if __name__ == "__main__":
    main()
