"""How well the face detector finds faces, against YuNet at a score of 0.6 and against what is known.

    python -m training.evaluation.detection PORTRAITS SPRITES MODELS [--checkpoint FILE] [--out FOLDER]

Nobody in these pictures has trained: held-out people, the London and the historic portraits, and groups
composed of held-out people. Each picture is looked at as it is, and spoiled, by the detector alone and by the
whole analysis, which asks the landmarks whether there is a face. What is *known* to be there is what was
composed, and in a photograph what YuNet finds in it before it is spoiled.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from PIL import Image

from softlight.alignment import applied
from softlight.faces import analysis
from softlight.picture import Picture
from softlight.roles.face_detection import Face, find_faces
from softlight.runtime import Runtime
from softlight_models.bundled import BundledModels
from softlight_models.contracts import contract
from training import portraits, scenes
from training.evaluation import sheets
from training.evaluation.faces import table
from training.export import export

Bytes = NDArray[np.uint8]
Boxes = NDArray[np.float64]

LEAST = 32.0
"""Px of the smallest face that counts: the root of its box's area."""
ALMOST = 26.0
"""What the other side may say a little smaller, so that a face on the border is none of either's errors."""
SAME = 0.5
"""Two boxes are of one face from this intersection over union on."""
ASIDE = 0.4
"""Of a face that is nearly seen from the side: the nose stands out over the farther eye."""
GROUP_SIDE = 1280
MODERN = ("pd", "cc0", "london")


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture, and where faces are known to be in it."""

    name: str
    pixels: Bytes
    known: Boxes
    """(n, 4)."""
    doubtful: Boxes
    """(n, 4): mostly hidden; found or not, both is right."""


class Model:
    """A file as a role wants its model, without the store."""

    def __init__(self, contract_name: str, content: bytes, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.contract = contract(contract_name)
        self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def session(self) -> Model:
        return self

    def run(self, **arrays: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        names = [output.name for output in self.contract.network().outputs]
        return dict(zip(names, self._session.run(names, arrays), strict=True))


def boxes_of(faces: Sequence[Face]) -> Boxes:
    return np.array([face.box for face in faces], float).reshape(-1, 4)


def sizes(boxes: Boxes) -> NDArray[np.float64]:
    return np.sqrt(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1))


def overlaps(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Intersection over union of each box with each other one, (len(a), len(b))."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    return shared / np.maximum(sizes(a)[:, None] ** 2 + sizes(b)[None] ** 2 - shared, 1e-6)


def matched(wanted: Boxes, offered: Boxes) -> NDArray[np.bool_]:
    """Which of `wanted` have a box of their own among `offered`, the best pairs first."""
    shared = overlaps(wanted, offered)
    found = np.zeros(len(wanted), bool)
    while shared.size and shared.max() >= SAME:
        i, j = np.unravel_index(shared.argmax(), shared.shape)
        found[i] = True
        shared[i], shared[:, j] = 0, 0
    return found


@dataclass(eq=False)
class Count:
    """How many of how many."""

    of: int = 0
    right: int = 0

    def add(self, wanted: Boxes, offered: Boxes, doubtful: Boxes | None = None) -> NDArray[np.bool_]:
        """Count the wanted boxes that are large enough; return which of all were matched."""
        found = matched(wanted, offered)
        counts = sizes(wanted) >= LEAST
        if doubtful is not None and len(doubtful):
            counts &= found | (overlaps(wanted, doubtful).max(axis=1) < 0.3)
        self.of += int(counts.sum())
        self.right += int((found & counts).sum())
        return found

    def __str__(self) -> str:
        return f"{self.right / self.of:.3f} of {self.of}" if self.of else "–"


@dataclass(eq=False)
class Row:
    """What is counted under one condition."""

    recall: Count
    precision: Count
    known: Count
    yunet_known: Count
    faces: Count

    @classmethod
    def empty(cls) -> Row:
        return cls(*(Count() for _ in range(5)))

    def add(self, sample: Sample, ours: Boxes, yunet: Boxes) -> bool:
        """Count one picture; return whether all was right."""
        large = sizes(ours) >= ALMOST
        recalled = self.recall.add(yunet, ours)
        self.precision.add(ours, yunet)
        known = self.known.add(sample.known, ours)
        self.yunet_known.add(sample.known, yunet)
        every = np.concatenate([sample.known, yunet[~matched(yunet, sample.known)]])
        real = self.faces.add(ours, every, sample.doubtful)
        return bool(recalled[sizes(yunet) >= LEAST].all() and known.all() and real[large].all())

    def cells(self, name: str) -> list[str]:
        return [name, *map(str, (self.recall, self.precision, self.known, self.yunet_known, self.faces))]


HEADER = ("", "recall of YuNet's", "precision by YuNet", "recall of the known", "YuNet's own", "are faces")


def photographs(
    folder: Path, sets: Sequence[str], yunet: Any, every: int = 1, aside: float = 0.0
) -> Iterator[Sample]:
    """Held-out people of the sets that train, everybody of those that only evaluate.

    `aside` leaves out those whose nose lies nearer to the middle of the eyes, in distances of these.
    """
    files = [file for name in sets for file in sorted((folder / name).glob("*.jpg"))]
    names = [file.relative_to(folder).as_posix().replace(".jpg", ".npz") for file in files]
    held_out = [
        file
        for file, name in zip(files, names, strict=True)
        if name.startswith("historic") or portraits.is_held_out(name)
    ]
    for file in held_out[::every]:
        pixels = np.asarray(Image.open(file).convert("RGB"))
        found = find_faces(yunet, _unit(pixels), 0.3)
        if aside and max((_aside(face.points) for face in found if face.score >= 0.6), default=0.0) < aside:
            continue
        possible, sure = boxes_of(found), boxes_of([face for face in found if face.score >= 0.6])
        yield Sample(file.stem, pixels, sure, possible[~matched(possible, sure)])


def groups(stock: scenes.Stock, count: int, seed: int) -> Iterator[Sample]:
    """Three to sixteen people in a room, 36 to 400 px from forehead to chin."""
    random = np.random.default_rng(seed)
    for number in range(count):
        people = int(random.integers(3, 17))
        scene = scenes.group(stock, random, GROUP_SIDE, people, (36, 400 if people < 8 else 200))
        boxes = scene.boxes.astype(float)
        sure = scene.seen >= 0.75
        yield Sample(f"group-{number}", scene.pixels, boxes[sure], boxes[~sure])


def turned_heads(sprites: scenes.Stock, portraits_folder: Path, models: Path) -> tuple[scenes.Cutout, ...]:
    """Held-out people with their heads turned by 30 degrees and more, drawn by `landmark_faces.py`."""
    from training import landmark_faces as drawing
    from training.teachers import five_points, session

    detector = session(models / "yunet_s_640_640.onnx")
    teacher = drawing.Teacher(models / "mp_face_landmarks_detector_478.onnx")
    random = np.random.default_rng(5)
    found = []
    for file in sorted(portraits_folder.glob("*/*.jpg")):
        name = file.relative_to(portraits_folder).as_posix().replace(".jpg", ".npz")
        if not name.startswith(("pd", "cc0")) or not portraits.is_held_out(name):
            continue
        image = Image.open(file).convert("RGB")
        five = five_points(detector, image)
        if five is None:
            continue
        start, _ = teacher.ask(_unit(np.asarray(image)), drawing.square_of_five(five, 256))
        picture, matrix = drawing.staged(np.asarray(image), start)
        place = drawing.in_stage(start, matrix)
        draws = [drawing.redrawn(picture, place, random) for _ in range(10)]
        found.append(scenes.head(*max(draws, key=lambda drawn: _yaw(drawn[1])), random))
    return tuple(found)


def _yaw(mesh: NDArray[np.float64]) -> float:
    right, left = mesh[[33, 133], :2].mean(axis=0), mesh[[362, 263], :2].mean(axis=0)
    return _aside(np.stack([right, left, mesh[1, :2]]))


def _aside(points: NDArray[np.float64]) -> float:
    """How far the tip of the nose lies beside the middle of the eyes, in distances of the eyes."""
    right, left, nose = points[:3]
    across = left - right
    return abs(float((nose - (right + left) / 2) @ across / (across @ across)))


def _unit(pixels: Bytes) -> NDArray[np.float32]:
    return pixels.astype(np.float32) / np.float32(255)


Find = Callable[[Bytes], Sequence[Face]]


def analysed(runtime: Runtime) -> Find:
    """The faces that a user gets."""

    def find(pixels: Bytes) -> Sequence[Face]:
        return [found.face for found in analysis.find(Picture(pixels), runtime)]

    return find


Spoil = Callable[[Sample, np.random.Generator], Sample]


def _grey(sample: Sample, random: np.random.Generator) -> Sample:
    grey = np.asarray(Image.fromarray(sample.pixels).convert("L").convert("RGB"))
    return Sample(sample.name, grey, sample.known, sample.doubtful)


def _dark(sample: Sample, random: np.random.Generator) -> Sample:
    """Three stops down, with the noise of a phone."""
    light = sample.pixels * random.uniform(0.12, 0.3) + random.normal(0, 4, sample.pixels.shape)
    return Sample(sample.name, light.clip(0, 255).astype(np.uint8), sample.known, sample.doubtful)


def _blurred(sample: Sample, random: np.random.Generator) -> Sample:
    """By 4 % of the median face's size."""
    size = np.median(sizes(sample.known)) if len(sample.known) else 100
    return Sample(sample.name, cv2.GaussianBlur(sample.pixels, (0, 0), 0.04 * size), sample.known,
                  sample.doubtful)  # fmt: skip


def _rotated(sample: Sample, random: np.random.Generator) -> Sample:
    """By 15 to 45 degrees, with the corners inside; a turned box is judged by the box around an ellipse."""
    height, width = sample.pixels.shape[:2]
    angle = random.uniform(15, 45) * random.choice([-1, 1])
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    c, s = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (round(width * c + height * s), round(width * s + height * c))
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    pixels = cv2.warpAffine(sample.pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)

    def moved(boxes: Boxes) -> Boxes:
        turn = np.linspace(0, 2 * np.pi, 48)
        circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        rims = [applied(matrix, (b[:2] + b[2:]) / 2 + circle * (b[2:] - b[:2]) / 2) for b in boxes]
        return np.array([[*rim.min(axis=0), *rim.max(axis=0)] for rim in rims]).reshape(-1, 4)

    return Sample(sample.name, pixels, moved(sample.known), moved(sample.doubtful))


CONDITIONS: dict[str, Spoil] = {
    "as it is": lambda sample, random: sample,
    "grey": _grey,
    "dark": _dark,
    "blurred": _blurred,
    "rotated by 15° to 45°": _rotated,
}


def shown(sample: Sample, ours: Sequence[Face], yunet: Boxes) -> Bytes:
    """The picture with our faces in green and YuNet's in red, 320 px."""
    picture = sample.pixels.copy()
    width = max(1, picture.shape[1] // 250)
    for boxes, colour in ((yunet, (255, 60, 60)), (boxes_of(ours), (60, 255, 60))):
        for left, top, right, bottom in np.rint(boxes).astype(int).tolist():
            cv2.rectangle(picture, (left, top), (right, bottom), colour, width)
    for face in ours:
        for x, y in np.rint(face.points).astype(int).tolist():
            cv2.circle(picture, (x, y), width, (60, 160, 255), -1)
    small = Image.fromarray(picture)
    small.thumbnail((320, 320))
    return np.asarray(small)


def main() -> None:
    """Print the tables; write sheets of the pictures in which something differed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder with the sets pd, cc0, london and historic")
    parser.add_argument("sprites", type=Path, help="folder that face_sprites.py wrote")
    parser.add_argument("models", type=Path, help="folder with YuNet and the mesh")
    parser.add_argument("--checkpoint", type=Path, help="of the recipe; default: the shipped weights")
    parser.add_argument("--groups", type=int, default=60)
    parser.add_argument("--every", type=int, default=1, help="one photograph in so many")
    parser.add_argument("--out", type=Path, help="folder for sheets of what differed")
    parser.add_argument("--threshold", type=float, help="the least score; default: the role's")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    yunet = Model("yunet-640", (options.models / "yunet_s_640_640.onnx").read_bytes(), options.threads)
    finders: dict[str, Find] = {}
    if options.checkpoint:
        with tempfile.TemporaryDirectory() as folder:
            export("face-detection", options.checkpoint, Path(folder) / "model.onnx")
            content = (Path(folder) / "model.onnx").read_bytes()
        ours: Any = Model("softlight-faces", content, options.threads)
    else:
        runtime = Runtime("cpu", models=BundledModels())
        ours = runtime.model("face-detection")
        finders["with landmarks"] = analysed(runtime)
    finders["detector alone"] = lambda pixels: find_faces(ours, _unit(pixels), options.threshold)

    stock = scenes.load(options.sprites, held_out=True)

    def turned() -> Iterator[Sample]:
        heads = turned_heads(stock, options.portraits, options.models)
        yield from groups(scenes.Stock(heads, stock.wholes), options.groups // 2, seed=12)

    sources: list[tuple[str, Iterator[Sample], dict[str, Spoil]]] = [
        ("portraits", photographs(options.portraits, MODERN, yunet, options.every), CONDITIONS),
        ("historic prints", photographs(options.portraits, ("historic",), yunet, options.every),
         {"as it is": CONDITIONS["as it is"]}),
        ("profiles", photographs(options.portraits, (*MODERN, "historic"), yunet, aside=ASIDE),
         {"as it is": CONDITIONS["as it is"]}),
        ("groups", groups(stock, options.groups, seed=11), CONDITIONS),
        ("heads turned by 30° and more", turned(),
         {"as it is": CONDITIONS["as it is"]}),
    ]  # fmt: skip
    rows = []
    for source, drawn, conditions in sources:
        samples = list(drawn)
        for condition, spoil in conditions.items():
            random = np.random.default_rng(3)
            counts, wrong = {finder: Row.empty() for finder in finders}, []
            for sample in samples:
                spoiled = spoil(sample, random)
                theirs = boxes_of(find_faces(yunet, _unit(spoiled.pixels)))
                for finder, find in finders.items():
                    found = find(spoiled.pixels)
                    if not counts[finder].add(spoiled, boxes_of(found), theirs):
                        wrong.append(shown(spoiled, found, theirs))
            for finder, row in counts.items():
                rows.append(row.cells(f"{source}, {condition}, {finder}"))
                print(rows[-1], flush=True)
            if options.out and wrong:
                options.out.mkdir(parents=True, exist_ok=True)
                sheet = sheets.grid(wrong[:24], 6)
                sheets.write(sheet, options.out / f"{source}-{condition}.png".replace(" ", "-"))
    print(table(HEADER, rows))


if __name__ == "__main__":
    main()
