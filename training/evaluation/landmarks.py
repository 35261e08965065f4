"""How near our landmarks come to the teacher's: by region, skin tone and condition; their jitter; presence.

    python -m training.evaluation.landmarks PORTRAITS LABELS --models MODELS [--model FILE.onnx]

Both networks are asked as the filter asks them, from YuNet's five points on. All distances are shares of the
interocular distance. The teacher (MediaPipe's mesh) is asked on the photo as it is; where a condition makes
the photo worse, its own answer on the worse photo stands beside ours.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from softlight.alignment import applied, chained, inverted, scale_of, scaling, shifting, warped
from softlight.roles.face_detection import Face
from softlight.roles.landmarks import ADAPTERS, MESH_478, Landmarks, square_around, square_of_five
from softlight.runtime import Session
from softlight_models.bundled import WEIGHTS
from training import landmark_faces, mesh_points, teachers
from training.evaluation import faces
from training.evaluation.faces import Array, FileSession

REGIONS = {
    "oval": mesh_points.OVAL,
    "brows": [*mesh_points.RIGHT_BROW, *mesh_points.LEFT_BROW],
    "eyes": [*mesh_points.RIGHT_EYE, *mesh_points.LEFT_EYE],
    "irises": list(range(468, 478)),
    "nose": [1, 2, 4, 5, 6, 19, 45, 48, 49, 64, 94, 97, 98, 115, 129, 168, 195, 197, 220, 275, 278, 279, 294,
             326, 327, 344, 358, 440],
    "lips": [*mesh_points.LIPS, *landmark_faces.INNER_UPPER, *landmark_faces.INNER_LOWER],
}  # fmt: skip
"""Points of MediaPipe's mesh; the rest is forehead, cheeks and chin."""
WORKING = 110
"""Px between the eyes to which larger faces are shrunk first: both networks see 65."""
TRIALS, GRAIN = 10, 2 / 255
"""Shifts of up to one px either way, and noise, for the jitter."""

Find = Callable[[Array, Face], Landmarks]
Points = NDArray[np.float64]


def finder(path: Path, name: str) -> Find:
    session = cast(Session, FileSession(path, name))
    return lambda photo, face: ADAPTERS[name](session, photo, face)


@dataclass(frozen=True, eq=False)
class Subject:
    """A held-out person: photo (float32 RGB, 0..1), the detector's face, and how dark the skin is."""

    name: str
    tone: str
    photo: Array
    face: Face

    @property
    def group(self) -> str:
        return self.name.split("/")[0]


def subjects(options: argparse.Namespace) -> Iterator[Subject]:
    detector = teachers.opened(options.models, "detector")["detector"]
    for labelled in faces.held_out(options):
        image = Image.open(options.portraits / f"{labelled.name}.jpg").convert("RGB")
        five = teachers.five_points(detector, image)
        if five is None:
            continue
        factor = min(1.0, WORKING / float(np.linalg.norm(five[1] - five[0])))
        size = (round(image.width * factor), round(image.height * factor))
        small = image.resize(size, Image.Resampling.BOX)
        to_small = scaling(size[0] / image.width, size[1] / image.height)
        photo = np.asarray(small, np.float32) / 255
        yield Subject(labelled.name, labelled.tone, photo, Face((0, 0, 0, 0), 1.0, applied(to_small, five)))


def errors(found: Points, right: Points) -> Points:
    """Return the distance of each point from where it should be, shape (478,), in interocular distances."""
    return np.linalg.norm(found[:, :2] - right[:, :2], axis=1) / landmark_faces.interocular(right)


def turned_by(angle: float, photo: Array) -> tuple[Array, NDArray[np.float64]]:
    height, width = photo.shape[:2]
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[c, -s, 0], [s, c, 0]])
    matrix = chained(shifting(-width / 2, -height / 2), turn, shifting(width / 2, height / 2))
    return warped(photo, matrix, width, height), matrix


def as_it_is(photo: Array) -> Array:
    return photo


def grey(photo: Array) -> Array:
    return np.repeat(photo.mean(axis=2, keepdims=True), 3, axis=2)


def dark(photo: Array) -> Array:
    noise = np.random.default_rng(3).normal(0, 0.02, photo.shape)
    return np.clip(0.2 * photo + noise, 0, 1).astype(np.float32)


def blurred(photo: Array) -> Array:
    """A twentieth of the interocular distance at WORKING, as sigma."""
    return cv2.GaussianBlur(photo, (0, 0), 0.05 * WORKING)


def of_16_px(photo: Array) -> Array:
    """The photo as if 16 px lay between the eyes."""
    height, width = photo.shape[:2]
    small = cv2.resize(photo, (round(width * 16 / WORKING), round(height * 16 / WORKING)),
                       interpolation=cv2.INTER_AREA)  # fmt: skip
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def compressed(photo: Array) -> Array:
    pixels = np.rint(photo[..., ::-1] * 255).astype(np.uint8)
    file = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 12])[1]
    return cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255


CONDITIONS = {
    "as it is": as_it_is, "grey": grey, "dark and noisy": dark, "blurred": blurred,
    "16 px between the eyes": of_16_px, "JPEG, quality 12": compressed,
}  # fmt: skip


def jitter(find: Find, subject: Subject, random: np.random.Generator) -> float:
    """How far points scatter over shifted and noisy copies, RMS over points, in interocular distances."""
    height, width = subject.photo.shape[:2]
    found = []
    for _ in range(TRIALS):
        shift = random.uniform(-1, 1, 2)
        copy = warped(subject.photo, shifting(*shift), width, height)
        copy = copy + random.normal(0, GRAIN, copy.shape).astype(np.float32)
        found.append(find(copy, subject.face).points[:, :2] - shift)
    scatter = np.stack(found)
    spread = np.sqrt(np.sum(scatter.var(axis=0), axis=1).mean())
    return float(spread / landmark_faces.interocular(scatter.mean(axis=0)))


def percent(values: list[float] | Points) -> str:
    return f"{100 * float(np.mean(values)):.2f}%" if len(values) else "–"


@dataclass(frozen=True, eq=False)
class Measured:
    """Values of all photos, by what they tell of; distances in interocular ones, presence true or false."""

    regions: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    """By set, and by skin tone."""
    spoiled: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    """By network and condition."""
    presence: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    jitter: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By network."""
    photos: dict[str, float] = field(default_factory=dict)


def spoiled(photo: Array) -> Iterator[tuple[str, Array, NDArray[np.float64]]]:
    """Yield the photo in every condition and at three angles, and the matrix from it to there."""
    for name, spoil in CONDITIONS.items():
        yield name, spoil(photo), np.eye(2, 3)
    for angle in (45, -90, 180):
        yield f"turned by {angle} degrees", *turned_by(angle, photo)


def measured(ours: Find, teacher: Find, options: argparse.Namespace) -> Measured:
    """Ask both about all held-out photos; about every third one spoiled, every sixth one shifted too."""
    found = Measured()
    networks = {"ours": ours, "teacher": teacher}
    random = np.random.default_rng(7)
    others = sorted(set(range(478)).difference(*REGIONS.values()))
    regions = {**REGIONS, "forehead, cheeks, chin": others, "all 478": list(range(478))}
    for number, subject in enumerate(subjects(options)):
        answers = {who: find(subject.photo, subject.face) for who, find in networks.items()}
        right = answers["teacher"].points
        error = errors(answers["ours"].points, right)
        for name, points in regions.items():
            found.regions[name].append(float(error[points].mean()))
        for group in (("set", subject.group), ("skin tone", subject.tone)):
            found.groups[group].append(float(error.mean()))
        found.photos[subject.name] = float(error.mean())
        for who, answer in answers.items():
            found.presence[who, "faces"].append(answer.presence > 0.5)
        if number % 3 == 0:
            for name, photo, matrix in spoiled(subject.photo):
                face = Face((0, 0, 0, 0), 1.0, applied(matrix, subject.face.points))
                for who, find in networks.items():
                    answer = find(photo, face)
                    back = applied(inverted(matrix), answer.points[:, :2])
                    found.spoiled[who, name].append(float(errors(back, right).mean()))
                    found.presence[who, name].append(answer.presence > 0.5)
        if number % 6 == 0:
            for who, find in networks.items():
                found.jitter[who].append(jitter(find, subject, random))
    return found


def report(found: Measured) -> None:
    """Print the tables of the model card."""
    n = len(found.photos)
    print(f"Mean distance from the teacher on {n} held-out photos, in interocular distances\n")
    rows: list[tuple[object, ...]] = [
        (name, percent(values), f"{100 * np.percentile(values, 95):.2f}%")
        for name, values in found.regions.items()
    ]
    print(faces.table(("points", "mean", "95th percentile of photos"), rows))
    rows = [(*key, len(values), percent(values)) for key, values in sorted(found.groups.items())]
    print("\n" + faces.table(("", "", "n", "mean"), rows))
    columns = [(values, who) for values in (found.spoiled, found.presence) for who in ("ours", "teacher")]
    rows = [
        (name, len(values), *(percent(column[one, name]) for column, one in columns))
        for (who, name), values in found.spoiled.items()
        if who == "ours"
    ]
    print("\nAgainst the teacher's answer on the photo as it is\n")
    print(faces.table(("photo", "n", "ours", "teacher", "presence: ours", "teacher"), rows))
    scatter = ", ".join(f"{who} {percent(values)}" for who, values in found.jitter.items())
    print(f"\nJitter on {len(found.jitter['ours'])} photos: {scatter}")
    worst = sorted(found.photos, key=lambda name: -found.photos[name])[:5]
    print("Farthest away: " + ", ".join(f"{name} {percent([found.photos[name]])}" for name in worst))


def drawn_anew(ours: Path, options: argparse.Namespace) -> None:
    """Turned heads, closed eyes, open mouths of held-out people, and places without a face, one pass each."""
    teacher = landmark_faces.Teacher(options.models / teachers.FILES["mesh"])
    session = FileSession(ours, "face-mesh-478")
    random = np.random.default_rng(11)
    found: list[float] = []
    sure: list[float] = []
    empty: list[float] = []
    for number, subject in enumerate(subjects(options)):
        if number % 8:
            continue
        picture = np.rint(subject.photo * 255).clip(0, 255).astype(np.uint8)
        start, _ = teacher.ask(subject.photo, square_of_five(subject.face.points, 256))
        start, _ = teacher(picture, start)
        for drawn, label in landmark_faces.variants(picture, start, teacher, random)[2:]:
            answer = ask(session, drawn, label)
            found.append(float(errors(answer.points, label.astype(np.float64)).mean()))
            sure.append(answer.presence > 0.5)
        for place in landmark_faces.places(picture, start, random):
            inside = place[48:-48, 48:-48].astype(np.float32) / 255
            image = cv2.resize(inside, (256, 256)).transpose(2, 0, 1)[None]
            logit = session.run(image=image)["presence"]
            empty.append(float(logit.ravel()[0]) > 0)
    print(f"\nDrawn anew ({len(found)} pictures): mean {percent(found)}, presence {percent(sure)}; "
          f"a face seen in {percent(empty)} of {len(empty)} places without one")  # fmt: skip


def ask(session: FileSession, drawn: NDArray[np.uint8], label: Array) -> Landmarks:
    """Ask once, in the square around the label."""
    matrix = square_around(label[:468, :2].astype(np.float64), MESH_478, 256)
    pixels = np.clip(warped(drawn.astype(np.float32) / 255, matrix, 256, 256), 0, 1)
    answer = session.run(image=np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))
    points = answer["landmarks"][0].astype(np.float64)
    back = applied(inverted(matrix), points[:, :2])
    points = np.concatenate([back, points[:, 2:] / scale_of(matrix)], axis=1)
    return Landmarks(points, float(answer["presence"][0, 0] > 0), MESH_478)


def main() -> None:
    parser = faces.arguments(__doc__)
    parser.add_argument("--model", type=Path, default=WEIGHTS / "landmarks" / "model.onnx", help="of ours")
    options = faces.parsed(parser)
    cv2.setNumThreads(options.threads)
    teacher = options.models / teachers.FILES["mesh"]
    ours = finder(options.model, "face-mesh-478")
    report(measured(ours, finder(teacher, "face-mesh-478-tflite"), options))
    drawn_anew(options.model, options)


if __name__ == "__main__":
    main()
