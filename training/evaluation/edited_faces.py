"""Edit attributes does what it says, and the person stays: judged by networks that took no part in training.

    python -m training.evaluation.edited_faces PORTRAITS MODELS FACE_API [--each 4] [--out DIR]

The London set's resting faces (none of them trained anything), and the held-out people of `pd`, who are
older. Age and sex are judged by face-api (`age_and_gender.py` says how far to believe it), in the squares of
the photo before; smiles by MediaPipe's blendshapes. The landmark error is the mean distance between the 468
points and those of the same person's real smile, both brought onto each other by what no expression moves, in
distances between the eyes. The distance is that of dlib's descriptors, by the landmarks of the photo: .4 is
another picture of the person.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from softlight.alignment import applied, similarity
from softlight.compositor import composite
from softlight.errors import MaskError
from softlight.faces.analysis import AnalysedFace
from softlight.faces.prototypes import STABLE
from softlight.filters.edit.filter import edit
from softlight.filters.edit.settings import EditSettings
from softlight.picture import Picture
from softlight.runtime import Runtime
from training import portraits
from training.evaluation import faces, sheets
from training.evaluation.age_and_gender import Judge, sitters
from training.evaluation.expressions_seen import Expressions, smile
from training.evaluation.faces import Bytes
from training.evaluation.judges import Descriptor

EDITS: Mapping[str, EditSettings] = {
    "smile 1": EditSettings(smile=1.0),
    "smile -1": EditSettings(smile=-1.0),
    "brows 1": EditSettings(brows=1.0),
    "brows -1": EditSettings(brows=-1.0),
    "eyes 1": EditSettings(eyes=1.0),
    "eyes -1": EditSettings(eyes=-1.0),
    "age +20": EditSettings(age=20.0),
    "age +10": EditSettings(age=10.0),
    "age -10": EditSettings(age=-10.0),
    "age -20": EditSettings(age=-20.0),
    "gender 1": EditSettings(gender=1.0),
    "gender -1": EditSettings(gender=-1.0),
}
SLIDER = ("age -20", "age -10", "", "age +10", "age +20")
SMILES = (0.25, 0.5, 0.75, 1.0)
"""Of the slider, among which that is taken which comes nearest to how a person smiles."""
AROUND = (1.7, 2.1, 1.7, 1.9)
"""Left, top, right, bottom of a tile, in distances between the eyes from the middle of the face."""
TILE = (256, 302)

Points = NDArray[np.float64]


def photos(folder: Path, each: int) -> Iterator[tuple[str, Path]]:
    """Yield set and path of every portrait that is edited, every `each`-th of both sets."""
    london = sorted((folder / "london").glob("*_neutral.jpg"))
    older = [p for p in sorted((folder / "pd").glob("*.jpg")) if portraits.is_held_out(f"pd/{p.stem}.npz")]
    for name, paths in (("london", london), ("pd", older)):
        yield from ((name, path) for path in paths[::each])


def opened(path: Path) -> Bytes:
    return np.asarray(Image.open(path).convert("RGB"))


def edited(image: Bytes, settings: EditSettings, runtime: Runtime) -> Bytes:
    picture = Picture(image)
    return np.asarray(composite(picture, edit(picture, None, settings, runtime)).pixels)


def missed(points: Points, wanted: Points) -> float:
    """Return the mean distance of points (478, 3) to others, in distances between the eyes of these."""
    stable = list(STABLE)
    ours, theirs = points[:468, :2], wanted[:468, :2]
    there = applied(similarity(ours[stable], theirs[stable]), ours)
    apart = np.linalg.norm(theirs[[33, 133]].mean(axis=0) - theirs[[362, 263]].mean(axis=0))
    return float(np.linalg.norm(there - theirs, axis=1).mean() / apart)


def tile(image: Bytes, face: AnalysedFace) -> Bytes:
    (x, y), unit = face.points.mean(axis=0), face.interocular
    left, top, right, bottom = (round(one * unit) for one in AROUND)
    part = image[max(0, round(y) - top) : round(y) + bottom, max(0, round(x) - left) : round(x) + right]
    return np.asarray(cv2.resize(part, TILE, interpolation=cv2.INTER_AREA))


def main() -> None:
    """Print what the judges say, and write a strip of each attribute for each person."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder that holds MANIFEST.csv and the portraits")
    parser.add_argument("models", type=Path, help="folder with MediaPipe's networks")
    parser.add_argument("face_api", type=Path, help="npm's @vladmandic/face-api, unpacked")
    parser.add_argument("--each", type=int, default=4, help="every how many-th portrait")
    parser.add_argument("--out", type=Path, help="folder for sheets; without it none are made")
    options = parser.parse_args()
    runtime, descriptor = Runtime("cpu"), Descriptor()
    judge, expressions = Judge(options.face_api, runtime), Expressions(options.models)
    told: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    rising: dict[str, list[bool]] = {"london": [], "pd": []}
    smiles: list[tuple[float, ...]] = []
    rows: list[Bytes] = []
    men = {one.name for one in sitters(options.portraits) if one.male}
    for name, path in photos(options.portraits, options.each):
        image = opened(path)
        try:
            face = judge.face(image)
            results = {label: edited(image, settings, runtime) for label, settings in EDITS.items()}
        except (MaskError, ValueError) as error:
            print(f"{path.name}: {error}")
            continue
        mesh = face.landmarks.points[:, :2].astype(np.float32)
        before = judge.predict(image, face)
        happy = smile(expressions(image))
        ages = {"": before[0]}
        for label, result in results.items():
            after = judge.predict(result, face)
            ages[label] = after[0]
            away = descriptor.distance_in_place(image, result, mesh)
            score = (after[0] - before[0], after[1] - before[1], smile(expressions(result)) - happy, away)
            told.setdefault((name, label), []).append((*score, f"{name}/{path.name}" in men))
        order = [ages[label] for label in SLIDER]
        rising[name].append(all(a < b for a, b in zip(order, order[1:], strict=False)))
        if name == "london":
            wanted = expressions.points(opened(Path(str(path).replace("neutral", "smiling"))))
            found = [
                missed(expressions.points(edited(image, EditSettings(smile=s), runtime)), wanted)
                for s in SMILES
            ]
            smiles.append((missed(expressions.points(image), wanted), found[-1], min(found)))
        rows += [tile(image, face), *(tile(result, face) for result in results.values())]
        print(path.name, flush=True)
    table = []
    for (name, label), values in told.items():
        scores = np.array(values)
        male = scores[:, 4] > 0
        sexes = [f"{scores[who, 1].mean():+.2f}" if who.any() else "-" for who in (male, ~male)]
        age, _, smiling, away, _ = scores.mean(axis=0)
        most = scores[:, 3].max()
        table.append([name, label, f"{age:+.1f}", *sexes, f"{smiling:+.3f}", f"{away:.3f}", f"{most:.3f}"])
    headings = ("set", "edit", "years", "male (men)", "male (women)", "smile", "distance", "farthest")
    print(faces.table(headings, table))
    for name, ones in rising.items():
        print(f"{name}: judged age rises with the slider in {np.mean(ones):.0%} of {len(ones)}")
    nothing, full, best = np.mean(smiles, axis=0)
    print(
        f"landmarks to the real smile: {nothing:.4f} before, {full:.4f} at full strength "
        f"({1 - full / nothing:.0%} less), {best:.4f} as strong as it is ({1 - best / nothing:.0%} less), "
        f"{len(smiles)} people"
    )
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        width = 1 + len(EDITS)
        for number, start in enumerate(range(0, len(rows), 4 * width)):
            sheets.write(
                sheets.grid(rows[start : start + 4 * width], width), options.out / f"edits-{number}.png"
            )


if __name__ == "__main__":
    main()
