"""How old and how male a face looks to face-api's network, and how far that network may be believed.

    python -m training.evaluation.age_and_gender PORTRAITS PACKAGE [--people 20] [--threads 2]

PORTRAITS holds MANIFEST.csv with the sitters' ages and genders, PACKAGE npm's `@vladmandic/face-api` (MIT),
unpacked; see `face_api.py`. The network took part in no training here. It judges edits, so its errors on
people whom nobody edited come first: by set, gender, ethnicity and age, then for each size of the square that
was tried, then what changes its mind that is no edit: JPEG, noise, the first of Softlight's degradations.

face-api learnt from UTK, FGNET, Chalearn, Wiki, IMDB, CACD and MegaAge, says the package: people of `pd` may
be among them, those of `london` hardly. It takes the old for younger than they are; what it says of a face
before and after an edit is surer than what it says of anybody's age.

face-api cuts out the box around 68 points, enlarged by a fifth. Here it is a square around the same points,
levelled by the eyes, with the photo's own surroundings instead of black; see `FACTORS` for its size.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from softlight.alignment import Matrix, applied, warped
from softlight.degradation.photos import degrade
from softlight.degradation.steps import Grain, Jpeg, Noise, Step, level
from softlight.faces.analysis import AnalysedFace, around, find
from softlight.picture import Picture
from softlight.runtime import Runtime
from training import mesh_points, portraits
from training.evaluation import face_api, measures
from training.evaluation.faces import Array, Bytes, table

BOXED = [*mesh_points.JAW, *mesh_points.RIGHT_BROW, *mesh_points.LEFT_BROW]
"""Points of the mesh whose box is that of face-api's 68: the jaw from ear to ear, and the brows."""
FACTORS = (1.0, 1.2)
"""Sides of the squares whose answers are averaged, over the longer side of the box, each with its mirror
image. Of `TRIED` 1.0 is 6.1 years off on 288 photos (MAE), 1.2 agrees best with the ages (correlation .93);
together they have both. They were chosen on these photos, where the sizes around them do nearly as well."""
TRIED = (0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 1.8)
SETS = ("pd", "london")
"""Whose ages are known."""
AGES = (0, 30, 45, 60)
"""Where the age groups begin."""
SEED = 20275

Points = NDArray[np.float64]
Chosen = NDArray[np.bool_]


class Judge:
    """face-api's network behind Softlight's analysis of the photo.

    Parameters
    ----------
    package : Path
        Folder with npm's `@vladmandic/face-api`.
    runtime : Runtime
        Gives the models for finding the face; by default those of the package.
    """

    def __init__(self, package: Path, runtime: Runtime | None = None) -> None:
        self._network = face_api.network(package)
        self._runtime = runtime or Runtime("cpu")

    def face(self, image: Bytes) -> AnalysedFace:
        """Return the largest face of a photo, shape (height, width, 3).

        Raises
        ------
        ValueError
            If there is none.
        """
        found = find(Picture(image), self._runtime)
        if not found:
            raise ValueError("There is no face to judge.")
        return max(found, key=lambda face: face.interocular)

    def predict(self, image: Bytes, face: AnalysedFace | None = None) -> tuple[float, float]:
        """Return the age that the largest face of a photo shows, in years, and the probability of a man.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width, 3)
            RGB.
        face : AnalysedFace
            Where to look, if it is known: a photo and its edit are then seen in the same squares.

        Raises
        ------
        ValueError
            If there is no face.
        """
        ages, men = self.looks(image, face or self.face(image), FACTORS)
        return float(ages.mean()), float(men.mean())

    def looks(self, image: Bytes, face: AnalysedFace, factors: Sequence[float]) -> tuple[Points, Points]:
        """Return years and probabilities of a man for squares of several sizes.

        Returns
        -------
        tuple of ndarray, shape (factors, 2)
            As the photo is, and mirrored.
        """
        part = around(Picture(image), face.points)
        mesh = applied(part.matrix, face.landmarks.points[:, :2])
        squares = []
        for factor in factors:
            seen = warped(part.pixels, square(mesh, factor), face_api.SIDE, face_api.SIDE)
            squares += [seen, seen[:, ::-1]]
        ages, men = self.judged(np.stack(squares))
        return ages.reshape(-1, 2), men.reshape(-1, 2)

    def judged(self, squares: Array) -> tuple[Points, Points]:
        """Return years and probabilities of a man for squares of 112 px, (n, 112, 112, 3), RGB 0..1."""
        given = torch.from_numpy(np.ascontiguousarray(255 * squares.clip(0, 1).transpose(0, 3, 1, 2)))
        with torch.inference_mode():
            ages, men = self._network(given)
        return ages.numpy().astype(np.float64), men.numpy().astype(np.float64)


def square(mesh: Points, factor: float) -> Matrix:
    """Return the transform from a picture to the square of a face.

    Parameters
    ----------
    mesh : ndarray, shape (478, 2)
        MediaPipe's points, in the picture's px.
    factor : float
        Side of the square over the longer side of the points' box.
    """
    across = mesh[263] - mesh[33]  # the outer corners of the eyes
    x, y = across / max(float(np.hypot(*across)), 1e-6)
    turn = np.array([[x, y], [-y, x]])
    upright = mesh[BOXED] @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    scale = face_api.SIDE / max(factor * float((high - low).max()), 1e-6)
    middle = (face_api.SIDE - 1) / 2 - scale * (low + high) / 2
    return np.column_stack([scale * turn, middle])


@dataclass(frozen=True, eq=False)
class Sitter:
    """A photo of a person whose age and gender are known."""

    name: str
    age: float
    """NaN where it is not stated."""
    male: bool
    ethnicity: str

    @property
    def groups(self) -> tuple[str, ...]:
        """What the tables sort by."""
        folder = self.name.split("/")[0]
        gender = "men" if self.male else "women"
        found = ["all", gender, folder, f"{folder}, {gender}", f"{folder}, {self.ethnicity}"]
        if folder == "pd" and portraits.is_held_out(self.name.removesuffix(".jpg")):
            found.append("pd, held out")
        if not np.isnan(self.age):
            youngest = max(start for start in AGES if self.age >= start)
            oldest = min((start for start in AGES if start > self.age), default=None)
            found.append(f"aged {youngest} to {oldest - 1}" if oldest else f"aged {youngest} and more")
        if folder == "london":
            found.append("london, " + self.name.removesuffix(".jpg").split("_")[-1])
        return tuple(found)


def sitters(folder: Path, people: int = 0) -> list[Sitter]:
    """Return the photos of `SETS`, `people` of each at most, evenly spread.

    Two stand in the manifest twice, with ages 2 and 4 years apart: the first line counts.
    """
    found: dict[str, Sitter] = {}
    with (folder / "MANIFEST.csv").open(encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest):
            if row["file"].split("/")[0] in SETS:
                age = float(row["age"]) if row["age"].isdigit() else np.nan
                sitter = Sitter(row["file"], age, row["gender"] == "male", row["ethnicity"])
                found.setdefault(sitter.name, sitter)
    chosen: list[Sitter] = []
    for name in SETS:
        own = [sitter for sitter in found.values() if sitter.name.startswith(f"{name}/")]
        if people and people < len(own):
            own = [own[i] for i in np.linspace(0, len(own) - 1, people).round().astype(int)]
        chosen += own
    return chosen


CHANGES: Mapping[str, Callable[[float], tuple[Step, ...]]] = {
    "JPEG 75": lambda _: (Jpeg(75),),
    "noise .02": lambda _: (Noise(Grain.GAUSSIAN, 0.02),),
    "degraded, level 1": lambda interocular: level(1, interocular),
}
"""What no edit is, for a face with so many px between its eyes."""


def changed(image: Bytes, steps: Sequence[Step], number: int) -> Bytes:
    """Return a photo after some steps of degradation; `number` seeds the noise."""
    bad = degrade(measures.unit(image), steps, np.random.default_rng((SEED, number)))
    return np.rint(255 * bad).astype(np.uint8)


def errors(people: Sequence[Sitter], ages: Points, men: Points) -> list[str]:
    """Return the cells of a row: how many, and how far ages and genders are off.

    The slope is how many years older somebody looks to the judge who is a year older.

    Parameters
    ----------
    people : sequence of Sitter
    ages, men : ndarray, shape (people,)
        What the judge said.
    """
    known = ~np.isnan([sitter.age for sitter in people])
    right = np.array([(p > 0.5) == sitter.male for p, sitter in zip(men, people)])
    cells = [str(len(people))]
    if known.any():
        true = np.array([sitter.age for sitter in people])[known]
        off = ages[known] - true
        cells += [f"{np.abs(off).mean():.1f}", f"{off.mean():+.1f}", f"{off.std():.1f}"]
        if len(set(true)) > 2:
            cells += [
                f"{np.corrcoef(ages[known], true)[0, 1]:.2f}",
                f"{np.polyfit(true, ages[known], 1)[0]:.2f}",
            ]
    cells += ["–"] * (6 - len(cells))
    return [*cells, f"{100 * right.mean():.1f} %"]


def shifts(ages: Points, men: Points, before: tuple[Points, Points]) -> list[str]:
    """Return the cells of a row: how far a change moved the answers that were given before."""
    years, share = ages - before[0], men - before[1]
    flipped = int(((men > 0.5) != (before[1] > 0.5)).sum())
    return [
        f"{years.mean():+.2f}",
        f"{np.abs(years).mean():.2f}",
        f"{np.quantile(np.abs(years), 0.95):.1f}",
        f"{share.mean():+.3f}",
        f"{np.abs(share).mean():.3f}",
        f"{flipped} of {len(men)}",
    ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder with MANIFEST.csv")
    parser.add_argument("package", type=Path, help="folder with npm's @vladmandic/face-api, unpacked")
    parser.add_argument("--people", type=int, default=0, help="at most so many photos of each set")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    judge, people = Judge(options.package), sitters(options.portraits, options.people)
    tried: list[tuple[Points, Points]] = []
    said: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number, sitter in enumerate(people):
        image = np.asarray(Image.open(options.portraits / sitter.name).convert("RGB"))
        face = judge.face(image)
        tried.append(judge.looks(image, face, TRIED))
        said[""].append(judge.predict(image, face))
        for name, steps in CHANGES.items():
            worse = changed(image, steps(face.interocular), number)
            said[name].append(judge.predict(worse))
            said[f"{name}, in the same squares"].append(judge.predict(worse, face))
    ages, men = np.array(said.pop("")).T
    groups: dict[str, list[int]] = defaultdict(list)
    for number, sitter in enumerate(people):
        for name in sitter.groups:
            groups[name].append(number)
    header = ["", "photos", "MAE, years", "bias", "spread", "correlation", "slope", "gender right"]
    rows = [
        [name, *errors([people[i] for i in own], ages[own], men[own])] for name, own in sorted(groups.items())
    ]
    print(f"\nOn photos that nobody edited, the mean of {2 * len(FACTORS)} looks\n\n{table(header, rows)}")
    all_ages, all_men = (np.stack([answer[i] for answer in tried]) for i in (0, 1))
    rows = []
    for number, factor in enumerate(TRIED):
        rows.append([f"{factor}", *errors(people, all_ages[:, number, 0], all_men[:, number, 0])])
        both = all_ages[:, number].mean(axis=1), all_men[:, number].mean(axis=1)
        rows.append([f"{factor}, mirrored too", *errors(people, *both)])
    print(f"\nBy the side of the square over that of the points' box\n\n{table(header, rows)}")
    header = ["", "years, mean", "mean size", "95 %", "P(man), mean", "mean size", "gender changed"]
    rows = [[name, *shifts(*np.array(answers).T, (ages, men))] for name, answers in said.items()]
    print(f"\nMoved by what is no edit\n\n{table(header, rows)}")


if __name__ == "__main__":
    main()
