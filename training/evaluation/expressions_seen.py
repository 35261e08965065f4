"""What a face does, by MediaPipe's 52 blendshapes, and how far they may be believed.

    python -m training.evaluation.expressions_seen PORTRAITS MODELS [--people 10]

MODELS holds YuNet, MediaPipe's mesh and its blendshapes (all as ONNX; see `teachers.py`). The blendshapes
network (Apache-2.0) took part in no training here. It sees no picture, only 146 of the mesh's 478 points, x
and y in px of the photo; which ones and the names of its answers are those of MediaPipe's
`face_blendshapes_graph.cc`. The people of PORTRAITS/london were photographed twice, at rest and smiling.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training import landmark_faces, teachers
from training.evaluation.age_and_gender import CHANGES, changed
from training.evaluation.faces import Bytes, table

FILE = "mp_face_blendshapes_52.onnx"
SEEN = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70,
    78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149,
    150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195,
    197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300,
    308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375,
    377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454,
    466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)  # fmt: skip
"""Points of the mesh that the network is shown, in this order."""
NAMES = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft",
    "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""Of its 52 answers; left and right are the subject's own."""
PASSES = 2
"""Squares around the points of the one before, as MediaPipe follows a face through a film."""


class Expressions:
    """MediaPipe's blendshapes behind YuNet and MediaPipe's mesh.

    Parameters
    ----------
    models : Path
        Folder with the three files.
    """

    def __init__(self, models: Path) -> None:
        self._detector = teachers.opened(models, "detector")["detector"]
        self._mesh = landmark_faces.Teacher(models / teachers.FILES["mesh"])
        self._scores = teachers.session(models / FILE)

    def __call__(self, image: Bytes) -> dict[str, float]:
        """Return the scores of the largest face of a photo, 0..1, by their names.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width, 3)
            RGB.

        Raises
        ------
        ValueError
            If YuNet finds no face.
        """
        return self.of_points(self.points(image))

    def points(self, image: Bytes) -> NDArray[np.float64]:
        """Return the 478 points of the largest face of a photo, shape (478, 3), in its px."""
        photo = Image.fromarray(image)
        five = teachers.five_points(self._detector, photo)
        if five is None:
            raise ValueError("There is no face to judge.")
        first = teachers.landmarks(self._mesh.session, photo, five[:2])
        return self._mesh(image, first.astype(np.float64), PASSES)[0]

    def of_points(self, points: NDArray[np.floating]) -> dict[str, float]:
        """Return the scores of a face by the points of its mesh, shape (478, 2 or 3), in px of the photo."""
        given = np.asarray(points[list(SEEN), :2], np.float32)[None]
        found = self._scores.run(None, {self._scores.get_inputs()[0].name: given})[0]
        return dict(zip(NAMES, found.ravel().tolist(), strict=True))


def smile(scores: Mapping[str, float]) -> float:
    """Return how much a face smiles, 0..1: the mean of the two corners of the mouth."""
    return (scores["mouthSmileLeft"] + scores["mouthSmileRight"]) / 2


def separation(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """Return how likely one of the high ones is higher than one of the low ones, 0..1; ties count half."""
    above = high[:, None] > low[None]
    return float((above + 0.5 * (high[:, None] == low[None])).mean())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder with the set london")
    parser.add_argument("models", type=Path, help="folder with YuNet, the mesh and the blendshapes")
    parser.add_argument("--people", type=int, default=0, help="at most so many")
    options = parser.parse_args()
    judge, folder = Expressions(options.models), options.portraits / "london"
    people = sorted(path.name.removesuffix("_smiling.jpg") for path in folder.glob("*_smiling.jpg"))
    if options.people and options.people < len(people):
        people = [people[i] for i in np.linspace(0, len(people) - 1, options.people).round().astype(int)]
    said: dict[str, list[dict[str, float]]] = defaultdict(list)
    moved: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for number, person in enumerate(people):
        for kind in ("neutral", "smiling"):
            image = np.asarray(Image.open(folder / f"{person}_{kind}.jpg").convert("RGB"))
            points = judge.points(image)
            said[kind].append(judge.of_points(points))
            before = np.array(list(said[kind][-1].values()))
            for name, steps in CHANGES.items():
                worse = changed(image, steps(landmark_faces.interocular(points)), number)
                moved[name].append(np.array(list(judge(worse).values())) - before)
    rest, smiling = (np.array([smile(scores) for scores in said[kind]]) for kind in ("neutral", "smiling"))
    rows = [
        [name, f"{values.mean():.3f}", f"{np.median(values):.3f}", f"{values.min():.3f}–{values.max():.3f}"]
        for name, values in (("at rest", rest), ("smiling", smiling))
    ]
    print(f"\nSmile of {len(people)} people\n\n{table(['', 'mean', 'median', 'range'], rows)}")
    told = f"{100 * separation(rest, smiling):.1f} %; {int((smiling > rest).sum())} of {len(people)}"
    print(f"\nOf all pairs the smiling face smiles more in, and of people: {told}")
    at = [NAMES.index(name) for name in ("mouthSmileLeft", "mouthSmileRight")]
    rows = []
    for name, steps_moved in moved.items():
        all_scores = np.stack(steps_moved)
        smiles = all_scores[:, at].mean(axis=1)
        rows.append(
            [
                name,
                f"{smiles.mean():+.4f}",
                f"{np.abs(smiles).mean():.4f}",
                f"{np.abs(smiles).max():.3f}",
                f"{np.abs(all_scores).mean():.4f}",
                NAMES[int(np.abs(all_scores).mean(axis=0).argmax())],
                f"{np.abs(all_scores).mean(axis=0).max():.3f}",
            ]
        )
    header = ["", "smile, mean", "mean size", "largest", "all 52, mean size", "least steady", "its mean size"]
    print(f"\nMoved by what is no expression\n\n{table(header, rows)}")


if __name__ == "__main__":
    main()
