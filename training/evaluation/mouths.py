"""The slider for the mouth opens and closes it, and the person stays.

    python -m training.evaluation.mouths PORTRAITS MODELS [--each 4] [--out DIR]

Judged by MediaPipe's mesh and blendshapes, which took no part in training, on the London set, at rest and
smiling, and on the held-out people of `pd`. How far lips are open is their height over their width. A mouth
opens with the slider where it is more open from each of `SLIDER` to the next; closed lips need not close
further. The distance is that of dlib's descriptors, by the landmarks of the photo: .4 is another picture of
the person.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from softlight.errors import MaskError
from softlight.faces import analysis
from softlight.filters.edit.settings import EditSettings
from softlight.picture import Picture
from softlight.roles.landmarks import MESH_468
from softlight.runtime import Runtime
from training.evaluation import faces, sheets
from training.evaluation.edited_faces import Points, edited, missed, opened, photos, tile
from training.evaluation.expressions_seen import Expressions
from training.evaluation.faces import Bytes
from training.evaluation.judges import Descriptor

SLIDER = (-1.0, -0.5, 0.0, 0.5, 1.0)
PARTED = 0.03
"""Height over width of lips from which they count as open."""
STILL = 0.005
"""Of the same, by which a mouth that does not move may differ."""
SMILES = (0.0, 0.2, 0.4, 1.0)
"""Of the slider for the mouth, beside a full smile."""


def people(folder: Path, each: int) -> Iterator[tuple[str, Path]]:
    """Yield set and path of every portrait: Londoners at rest, others of them smiling, and officials."""
    for number, (name, path) in enumerate(photos(folder, each)):
        if name == "london" and number % 2:
            yield "london smiling", Path(str(path).replace("neutral", "smiling"))
        else:
            yield "london at rest" if name == "london" else name, path


def lips_open(points: Points) -> float:
    """Return how far lips are open by the points of a mesh, (n, 2 or more): height over width."""
    height, width = (
        np.linalg.norm(np.subtract(*points[list(pair), :2])) for pair in (MESH_468.lips, MESH_468.mouth)
    )
    return float(height / max(width, 1e-6))


def main() -> None:
    """Print what the judges say, and write a strip for each person."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder that holds MANIFEST.csv and the portraits")
    parser.add_argument("models", type=Path, help="folder with MediaPipe's networks")
    parser.add_argument("--each", type=int, default=4, help="every how many-th portrait")
    parser.add_argument("--out", type=Path, help="folder for sheets; without it none are made")
    options = parser.parse_args()
    runtime, judge, descriptor = Runtime("cpu"), Expressions(options.models), Descriptor()
    told: dict[tuple[str, float], list[tuple[float, ...]]] = {}
    rising: dict[str, list[bool]] = {}
    smiles: list[list[float]] = []
    rows: list[Bytes] = []
    for name, path in people(options.portraits, options.each):
        image = opened(path)
        found = analysis.find(Picture(image), runtime)
        if not found:
            continue
        face = max(found, key=lambda one: one.interocular)
        chosen, mesh = str(1 + found.index(face)), face.landmarks.points[:, :2].astype(np.float32)
        order = []
        for mouth in SLIDER:
            try:
                result = edited(image, EditSettings(mouth=mouth, faces=chosen), runtime) if mouth else image
                points = judge.points(result)
            except (MaskError, ValueError) as error:
                print(f"{path.name}: {error}")
                break
            scores = judge.of_points(points)
            away = descriptor.distance_in_place(image, result, mesh)
            order.append(lips_open(points))
            score = (order[-1], scores["jawOpen"], scores["mouthClose"], away)
            told.setdefault((name, mouth), []).append(score)
            rows.append(tile(result, face))
        steps = np.diff(order)
        least = [STILL if order[2] > PARTED else -STILL] * 2 + [STILL] * 2
        rising.setdefault(name, []).append(bool((steps > least).all()))
        if name == "london at rest":
            wanted = judge.points(opened(Path(str(path).replace("neutral", "smiling"))))
            settings = (EditSettings(smile=1.0, mouth=one, faces=chosen) for one in SMILES)
            tried = [missed(judge.points(edited(image, one, runtime)), wanted) for one in settings]
            smiles.append([missed(judge.points(image), wanted), *tried])
        print(path.name, np.round(order, 3), flush=True)
    table = []
    for (name, mouth), values in told.items():
        seen = np.array(values)
        mean, most = seen.mean(axis=0), seen[:, 3].max()
        table.append([name, f"{mouth:+.1f}", *(f"{one:.3f}" for one in (*mean, most))])
    print(faces.table(("set", "mouth", "open", "jawOpen", "mouthClose", "distance", "farthest"), table))
    for name, ones in rising.items():
        print(f"{name}: opens with the slider in {np.mean(ones):.0%} of {len(ones)}")
    nothing, *full = np.mean(smiles, axis=0)
    nearer = ", ".join(f"{1 - a / nothing:.0%} (mouth {m})" for a, m in zip(full, SMILES, strict=True))
    best = 1 - np.min(smiles, axis=1).mean() / nothing
    print(f"to the real smile {nothing:.4f}; nearer by {nearer}; {best:.0%} with each person's best")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        height = 4 * len(SLIDER)
        for number, start in enumerate(range(0, len(rows), height)):
            sheets.write(
                sheets.grid(rows[start : start + height], len(SLIDER)), options.out / f"mouths-{number}.png"
            )


if __name__ == "__main__":
    main()
