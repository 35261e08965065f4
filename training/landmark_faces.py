"""Faces for the landmarks recipe: portraits turned, bent and mirrored, with the teacher's points on each.

The portraits look into the camera with a smile. A network that saw nothing else would be lost at the first
turned head or closed eye, so every portrait is drawn again as a mesh with texture: turned in space, with the
lids lowered, the mouth opened, the brows raised, the head wider or narrower. The teacher (MediaPipe's mesh,
Apache-2.0) then says where the points are in what was drawn; its answer is the label, not where the mesh was
moved to.

    python -m training.landmark_faces PORTRAITS MODELS OUT

OUT gets `faces.npy` and `places.npy` (pictures without a face), uint8, shape (n, SIDE, SIDE, 3), and
`points.npy`, float32, shape (n, 478, 3), in px of the picture. The recipe reads nothing else.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from softlight.alignment import Matrix, applied, chained, cut, inverted, similarity
from softlight.roles.landmarks import MESH_478, square_around, square_of_five
from training import labelling, teachers
from training.mesh_points import OVAL
from training.portraits import is_held_out

SIDE = 384
SQUARE = 288
"""Px of the stored picture that the network's square takes: the rest is for crops that miss."""
VARIANTS = 18
"""Of every portrait, the first as it is; with 324 portraits 2.5 GB."""
PLACES = 5
RIGHT_UPPER, RIGHT_LOWER = (246, 161, 160, 159, 158, 157, 173), (7, 163, 144, 145, 153, 154, 155)
LEFT_UPPER, LEFT_LOWER = (466, 388, 387, 386, 385, 384, 398), (249, 390, 373, 374, 380, 381, 382)
RIGHT_FOLD, LEFT_FOLD = (247, 30, 29, 27, 28, 56, 190), (467, 260, 259, 257, 258, 286, 414)
INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER = (95, 88, 178, 87, 14, 317, 402, 318, 324)
OUTER_LOWER = (146, 91, 181, 84, 17, 314, 405, 321, 375)
BROWS = (105, 334)
CORNERS = (61, 291)

Points = NDArray[np.float64]
Picture = NDArray[np.uint8]


class Teacher:
    """MediaPipe's mesh, asked twice: around the points it is given, and around those it gave."""

    def __init__(self, path: Path) -> None:
        self.session = teachers.session(path)

    def __call__(self, picture: Picture, points: Points, passes: int = 2) -> tuple[Points, float]:
        """Return points (478, 3) in px of the picture, and the presence, a logit."""
        floats = picture.astype(np.float32) / 255
        matrix = square_around(points[:468, :2], MESH_478, 256)
        for _ in range(passes):
            points, presence = self.ask(floats, matrix)
            matrix = square_around(points[:468, :2], MESH_478, 256)
        return points, presence

    def ask(self, picture: NDArray[np.float32], matrix: Matrix) -> tuple[Points, float]:
        pixels = np.clip(cut(picture, matrix, 256).pixels, 0, 1)
        answers = self.session.run(None, {self.session.get_inputs()[0].name: pixels[None]})
        inside = next(a for a in answers if a.size == 478 * 3).reshape(478, 3).astype(np.float64)
        back = inverted(matrix)
        points = np.concatenate([applied(back, inside[:, :2]), inside[:, 2:] * np.hypot(*back[:, 0])], axis=1)
        # Of its two single numbers the first is the presence; the other says whether the tongue is out.
        return points, float(next(a for a in answers if a.size == 1).ravel()[0])


def interocular(points: Points) -> float:
    right = points[[33, 133], :2].mean(axis=0)
    left = points[[362, 263], :2].mean(axis=0)
    return float(np.linalg.norm(left - right))


def moved(points: Points, random: np.random.Generator) -> Points:
    """Return the points of a face (468, 3) with another expression, build and direction."""
    unit = interocular(points)
    face = points.copy()
    if random.random() < 0.5:
        _move_lids(face, random.uniform(-0.4, 1.0) if random.random() < 0.7 else 1.0)
    if random.random() < 0.4:
        _open_mouth(face, random.uniform(0.05, 0.55) * unit)
    bends = [(index, (0, 1), 0.1, 0.3) for index in BROWS if random.random() < 0.5]
    bends += [(index, (0.6, 1), 0.08, 0.3) for index in CORNERS if random.random() < 0.6]
    bends += [(int(random.integers(468)), (1, 1), 0.04, 0.5) for _ in range(5)]
    for index, axes, size, reach in bends:
        near = np.exp(-np.sum((points[:, :2] - points[index, :2]) ** 2, axis=1) / (2 * (reach * unit) ** 2))
        face[:, :2] += near[:, None] * random.normal(0, size * unit, 2) * axes
    face[:, 0] = face[:, 0].mean() + (face[:, 0] - face[:, 0].mean()) * np.exp(random.normal(0, 0.06))
    return face


def _move_lids(face: Points, share: float) -> None:
    for upper, lower, fold in (
        (RIGHT_UPPER, RIGHT_LOWER, RIGHT_FOLD),
        (LEFT_UPPER, LEFT_LOWER, LEFT_FOLD),
    ):
        way = share * (face[list(lower)] - face[list(upper)])
        face[list(upper)] += way
        face[list(fold)] += 0.4 * way


def _open_mouth(face: Points, drop: float) -> None:
    """Lower the jaw; the lower lip most in its middle."""
    right, left = face[CORNERS[0], :2], face[CORNERS[1], :2]
    middle, half = (right + left) / 2, np.linalg.norm(left - right) / 2
    below = np.clip((face[:, 1] - middle[1]) / (0.9 * half), 0, 1)
    lip = list(INNER_LOWER + OUTER_LOWER)
    below[list(INNER_UPPER)] = 0
    below[lip] = np.sqrt(np.clip(1 - ((face[lip, 0] - middle[0]) / half) ** 2, 0, 1))
    face[:, 1] += below * drop


def turning(random: np.random.Generator) -> Points:
    """Return a turn (3, 3) about a vertical and a horizontal axis: 14 degrees usually, 45 at most."""
    spread = 14 if random.random() < 0.7 else 30
    yaw, pitch = np.radians(np.clip(random.normal(0, (spread, spread / 2)), -45, 45))
    c, s = np.cos(yaw), np.sin(yaw)
    about_vertical = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = np.cos(pitch), np.sin(pitch)
    about_horizontal = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return about_horizontal @ about_vertical


def redrawn(picture: Picture, points: Points, random: np.random.Generator) -> tuple[Picture, Points]:
    """Draw a face anew with other points; return the picture and where the points were put.

    Parameters
    ----------
    picture : ndarray of uint8, shape (SIDE, SIDE, 3)
    points : ndarray, shape (478, 3)
        z towards the viewer negative.
    """
    unit = interocular(points)
    mesh = points[:468]
    oval = mesh[OVAL]
    centre = np.append(oval[:, :2].mean(axis=0), oval[:, 2].mean() + 0.6 * unit)
    back = np.append(centre[:2], oval[:, 2].max())
    rings = [back + (oval - centre) * (size, size, 0) for size in (1.3, 1.8)]
    edge = np.linspace(-SIDE / 2, 1.5 * SIDE, 7)
    ends = (edge[0], edge[-1])
    frame = np.array([(x, y, 4 * SIDE) for x in edge for y in edge if x in ends or y in ends])
    before = np.concatenate([mesh, *rings, frame])
    shape, turn = moved(mesh, random), turning(random)
    # Hair and neck follow the less the farther they are.
    shares = zip((shape, *rings), (1.0, 0.7, 0.3), strict=True)
    after = [part + share * ((part - centre) @ turn.T + centre - part) for part, share in shares]
    after = np.concatenate([*after, frame])
    drawn = _textured(picture, before[:, :2], after)
    mouth = after[list(INNER_UPPER + INNER_LOWER[::-1]), :2]
    opened = np.linalg.norm(shape[14, :2] - shape[13, :2]) - np.linalg.norm(mesh[14, :2] - mesh[13, :2])
    if opened > 0.03 * unit:  # what was between closed lips was never photographed
        depth = np.zeros(drawn.shape[:2], np.float32)
        cv2.fillPoly(depth, [np.rint(mouth).astype(np.int32)], 1.0)
        depth = cv2.GaussianBlur(depth, (0, 0), 1.5)[..., None]
        colour = np.array([90, 40, 35]) * random.uniform(0.2, 1.2)
        drawn = np.rint(drawn * (1 - depth) + colour * depth).clip(0, 255).astype(np.uint8)
    return drawn, after[:468]


def _textured(picture: Picture, before: Points, after: Points) -> Picture:
    """Move every triangle of a picture from where its corners were to where they are, the farthest first."""
    low = float(before.min()) - 2
    subdivision = cv2.Subdiv2D((0, 0, 4 * SIDE, 4 * SIDE))
    ids: dict[tuple[float, float], int] = {}
    for index, (x, y) in enumerate((before - low).astype(np.float32)):
        ids.setdefault((float(x), float(y)), index)
        subdivision.insert((float(x), float(y)))
    corners = subdivision.getTriangleList().reshape(-1, 3, 2)
    named = [[ids.get((x, y), -1) for x, y in three] for three in corners.tolist()]
    triangles = np.array([three for three in named if -1 not in three])  # others reach OpenCV's own frame
    triangles = triangles[np.argsort(-after[triangles, 2].mean(axis=1))]
    which = np.zeros((SIDE, SIDE), np.int32)
    for number, triangle in enumerate(triangles):
        cv2.fillConvexPoly(which, np.rint(16 * after[triangle, :2]).astype(np.int32), number, shift=4)
    ends = np.concatenate([after[triangles, :2], np.ones((len(triangles), 3, 1))], axis=2)
    flat = np.abs(np.linalg.det(ends)) < 1e-3  # edge on: seen by nobody
    ends[flat] = np.eye(3)
    back = np.linalg.solve(ends, before[triangles]).astype(np.float32)  # (n, 3, 2)
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    rule = back[which]
    x, y = (columns * rule[..., 0, i] + rows * rule[..., 1, i] + rule[..., 2, i] for i in (0, 1))
    return cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def staged(portrait: Picture, points: Points) -> tuple[Picture, Matrix]:
    """Cut the picture around a face that the network's square takes the middle of."""
    matrix = square_around(points[:468, :2], MESH_478, SQUARE)
    matrix = chained(matrix, np.array([[1, 0, (SIDE - SQUARE) / 2], [0, 1, (SIDE - SQUARE) / 2]]))
    return stored(portrait, matrix), matrix


def stored(portrait: Picture, matrix: Matrix) -> Picture:
    pixels = cut(portrait.astype(np.float32), matrix, SIDE).pixels
    return np.rint(pixels).clip(0, 255).astype(np.uint8)


def in_stage(points: Points, matrix: Matrix) -> Points:
    scale = float(np.hypot(*matrix[:, 0]))
    return np.concatenate([applied(matrix, points[:, :2]), points[:, 2:] * scale], axis=1)


def variants(
    portrait: Picture, points: Points, teacher: Teacher, random: np.random.Generator
) -> list[tuple[Picture, Points]]:
    """Return pictures of a face, each with the teacher's points; what it doubts is left out."""
    found = []
    for number in range(VARIANTS):
        source, start = portrait, points
        if number % 2:
            source = np.ascontiguousarray(portrait[:, ::-1])
            start = points * (-1, 1, 1) + (portrait.shape[1] - 1, 0, 0)
            # The teacher's numbers change sides: its own answer on the mirrored picture has them right.
            start, _ = teacher(source, _sides_changed(start), 2)
        picture, matrix = staged(source, start)
        place = in_stage(start, matrix)
        if number > 1:
            picture, place = redrawn(picture, place, random)
        label, presence = teacher(picture, place)
        error = np.linalg.norm(label[:468, :2] - place[:468, :2], axis=1).mean() / interocular(label)
        if presence > 0 and error < 0.15:
            found.append((picture, label.astype(np.float32)))
    return found


def _sides_changed(points: Points) -> Points:
    """Points of a mirrored face; only the corners of the eyes have their right numbers, for the square."""
    changed = points.copy()
    changed[[33, 263]] = points[[263, 33]]
    return changed


def places(portrait: Picture, points: Points, random: np.random.Generator) -> list[Picture]:
    """Squares of a portrait, turned by any angle, that hold a part of the face at most."""
    height, width = portrait.shape[:2]
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    found: list[Picture] = []
    for _ in range(40):
        side = random.uniform(0.25, 1.2) * float((high - low).max())
        centre = random.uniform(0, (width, height))
        reach = (side / 2) * SQUARE / SIDE
        shared = np.minimum(high, centre + reach) - np.maximum(low, centre - reach)
        if (shared > 0).all() and shared.prod() > 0.15 * (2 * reach) ** 2:
            continue
        angle = random.uniform(0, 2 * np.pi)
        across = side / 2 * np.array([np.cos(angle), np.sin(angle)])
        matrix = similarity([centre - across, centre + across], [(0, SIDE / 2), (SIDE, SIDE / 2)])
        found.append(stored(portrait, matrix))
        if len(found) == PLACES:
            break
    return found


def main() -> None:
    options = labelling.arguments(__doc__.splitlines()[0])
    detector = teachers.opened(options.models, "detector")["detector"]
    teacher = Teacher(options.models / teachers.FILES["mesh"])
    random = np.random.default_rng(1)
    names = labelling.names(options.portraits, ("pd", "cc0"))
    names = [name for name in names if not is_held_out(name.replace(".jpg", ".npz"))]
    faces: list[Picture] = []
    labels: list[NDArray[np.float32]] = []
    empty: list[Picture] = []
    for number, name in enumerate(names):
        image = Image.open(options.portraits / name).convert("RGB")
        five = teachers.five_points(detector, image)
        if five is None:
            continue
        portrait = np.asarray(image)
        start, _ = teacher.ask(portrait.astype(np.float32) / 255, square_of_five(five, 256))
        start, presence = teacher(portrait, start)
        if presence <= 0:
            continue
        for picture, label in variants(portrait, start, teacher, random):
            faces.append(picture)
            labels.append(label)
        empty += places(portrait, start, random)
        if number % 20 == 0:
            print(f"{number} of {len(names)} portraits, {len(faces)} faces, {len(empty)} places", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    np.save(options.out / "faces.npy", np.stack(faces))
    np.save(options.out / "points.npy", np.stack(labels))
    np.save(options.out / "places.npy", np.stack(empty))


if __name__ == "__main__":
    main()
