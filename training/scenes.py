"""Scenes with faces of every size and angle, composed from the cut-outs of `face_sprites.py`.

There are few portraits, and in each one face, large, upright and in good light. A scene has many or none:
small and large, turned, crowded, behind things, with sunglasses, masks and hats, grey, dark, blurred, noisy,
compressed. What surrounds a face is as important: heads from behind, hair, cloth and rooms without a face.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from training import costumes, textures
from training.face_marks import Marks, marks_of
from training.portraits import is_held_out

Array = NDArray[np.float32]

SIDE = 256
"""Px of a scene."""
LEAST = 9.0
"""A face with a smaller side (root of its box's area) may be found or not."""
SEEN, HIDDEN = 0.5, 0.2
"""A face of which this share is seen has to be found; one of which less is seen is none."""


@dataclass(frozen=True, eq=False)
class Cutout:
    """A person, or a whole picture, in sizes that halve."""

    levels: tuple[Image.Image, ...]
    """RGBA, the largest first."""
    marks: Marks
    """In px of the largest."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture and the faces in it."""

    pixels: NDArray[np.uint8]
    """(side, side, 3)."""
    boxes: Array
    """(n, 4): left, top, right, bottom; beyond the picture where it cuts a face."""
    points: Array
    """(n, 5, 2), as in `softlight.roles.face_detection.Face`."""
    seen: Array
    """(n,): the share of each face that nothing hides."""


@dataclass(frozen=True, eq=False)
class Stock:
    """What scenes are composed of."""

    people: tuple[Cutout, ...]
    wholes: tuple[Cutout, ...]
    """The portraits with their backgrounds."""
    places: tuple[Image.Image, ...] = ()
    """Pictures without people."""
    parts: NDArray[np.uint8] | None = None
    """(n, side, side, 3): hair, cloth, ears, rooms, with a part of a face at most."""


@dataclass(eq=False)
class _Canvas:
    image: Image.Image
    owner: NDArray[np.uint8]
    """Which face is seen in each pixel, from 1; 0 is everything else."""
    boxes: list[Array] = field(default_factory=list)
    points: list[Array] = field(default_factory=list)
    skin: list[Array] = field(default_factory=list)
    """Points all over each face."""


def halved(image: Image.Image, least: int = 24) -> tuple[Image.Image, ...]:
    """Return a picture and its halves, quarters and so on."""
    levels = [image]
    while min(levels[-1].size) >= 2 * least:
        levels.append(levels[-1].reduce(2))
    return tuple(levels)


def load(folder: Path, held_out: bool, places: Path | None = None, heads: Path | None = None) -> Stock:
    """Read the cut-outs of one side of the split.

    Parameters
    ----------
    folder : Path
        What `face_sprites.py` wrote.
    held_out : bool
        The people who never train.
    places : Path, optional
        A folder of licence-clean pictures without people; it is looked through with its subfolders.
    heads : Path, optional
        What `landmark_faces.py` wrote: the same people with their heads turned and other expressions.
    """
    people, wholes = [], []
    for path in sorted(folder.glob("*/*.npz")):
        if is_held_out(path.relative_to(folder).as_posix()) != held_out:
            continue
        data = np.load(path, allow_pickle=False)
        people.append(Cutout(halved(Image.fromarray(data["person"])), marks_of(data["mesh"])))
        whole = Image.fromarray(data["whole"]).convert("RGBA")
        wholes.append(Cutout(halved(whole), marks_of(data["whole_mesh"])))
    if heads:
        turned_heads = turned_people(heads, random=np.random.default_rng(1))
        people += turned_heads
    files = sorted(places.rglob("*")) if places else []
    rooms = [Image.open(file).convert("RGB") for file in files if file.suffix in (".jpg", ".png")]
    parts = np.load(heads / "places.npy", mmap_mode="r") if heads else None
    return Stock(tuple(people), tuple(wholes), tuple(rooms), parts)


def turned_people(folder: Path, random: np.random.Generator, count: int = 400) -> list[Cutout]:
    """Return some of the faces that `landmark_faces.py` drew."""
    pictures = np.load(folder / "faces.npy", mmap_mode="r")
    points = np.load(folder / "points.npy", mmap_mode="r")
    chosen = np.sort(random.choice(len(pictures), min(count, len(pictures)), replace=False))
    return [head(pictures[index], points[index], random) for index in chosen]


def head(picture: NDArray[np.uint8], mesh: NDArray[np.floating[Any]], random: np.random.Generator) -> Cutout:
    """Cut a head out with a soft edge, between 1.15 and 1.5 times as far away as that of the face."""
    marks = marks_of(mesh)
    image = Image.fromarray(picture).convert("RGBA")
    mask = Image.new("L", image.size)
    rim = marks.middle + random.uniform(1.15, 1.5) * (marks.outline - marks.middle)
    around = rim[np.argsort(np.arctan2(*(rim - marks.middle).T))]
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in around], fill=255)
    image.putalpha(mask.filter(ImageFilter.GaussianBlur(random.uniform(1, 8))))
    return Cutout(halved(image), marks)


def compose(stock: Stock, random: np.random.Generator, side: int = SIDE) -> Scene:
    """Draw a scene."""
    canvas = _Canvas(_background(stock, random, side), np.zeros((side, side), np.uint8))
    tilt = random.uniform(-180, 180) if random.random() < 0.3 else random.normal(0, 8)
    kind = random.random()
    if kind < 0.3:
        _place(canvas, stock.wholes, random, _size(random, 14, 330), tilt)
    if kind >= 0.2:
        largest = _size(random, 12, 300)
        count = 1 + random.poisson(min(9.0, 1.2 * (side / (1.6 * largest)) ** 2))
        sizes = sorted(largest * random.uniform(0.35, 1.0) if i else largest for i in range(int(count)))
        for size in sizes:
            _place(canvas, stock.people, random, max(size, 6.0), tilt)
    if random.random() < 0.3:
        for _ in range(int(random.integers(1, 4))):
            _hide(canvas, random)
    pixels = _photographed(canvas.image, random)
    if random.random() < 0.12:  # what a window beside the photo's edge sees
        edge = int(random.uniform(0.5, 0.95) * side)
        beyond = (
            (slice(edge, None), slice(None)) if random.random() < 0.5 else (slice(None), slice(edge, None))
        )
        pixels[beyond] = 0
        canvas.owner[beyond] = 0
    return _scene(canvas, pixels)


def group(
    stock: Stock, random: np.random.Generator, side: int, count: int, size: tuple[float, float]
) -> Scene:
    """Compose people more or less upright, without costumes, in good light; for evaluation.

    Parameters
    ----------
    stock : Stock
    random : numpy.random.Generator
    side : int
        Px of the scene.
    count : int
        Of people.
    size : (float, float)
        Px of the smallest and the largest face, from forehead to chin.
    """
    canvas = _Canvas(_background(stock, random, side), np.zeros((side, side), np.uint8))
    for height in sorted(_size(random, *size) for _ in range(count)):
        _place(canvas, stock.people, random, height, 0.0, everyday=True)
    return _scene(canvas, np.asarray(canvas.image))


def turned(scene: Scene, quarters: int, mirrored: bool) -> Scene:
    """Return a scene mirrored, and then turned counter-clockwise by some quarters of a circle."""
    side = scene.pixels.shape[0]
    pixels, corners, points = scene.pixels, scene.boxes.reshape(-1, 2, 2), scene.points
    if mirrored:
        pixels = pixels[:, ::-1]
        corners, points = (p * (-1, 1) + (side, 0) for p in (corners, points))
        points = points[:, [1, 0, 2, 4, 3]]
    for _ in range(quarters):
        pixels = np.rot90(pixels)
        corners, points = (p[..., ::-1] * (1, -1) + (0, side) for p in (corners, points))
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    return Scene(
        np.ascontiguousarray(pixels), boxes.astype(np.float32), points.astype(np.float32), scene.seen
    )


def _size(random: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _scene(canvas: _Canvas, pixels: NDArray[np.uint8]) -> Scene:
    side = pixels.shape[0]
    seen = []
    for number, skin in enumerate(canvas.skin, 1):
        at = np.floor(skin).astype(int)
        inside = ((at >= 0) & (at < side)).all(axis=1)
        seen.append(np.count_nonzero(canvas.owner[at[inside, 1], at[inside, 0]] == number) / len(skin))
    return Scene(
        pixels,
        np.array(canvas.boxes, np.float32).reshape(-1, 4),
        np.array(canvas.points, np.float32).reshape(-1, 5, 2),
        np.array(seen, np.float32),
    )


def _background(stock: Stock, random: np.random.Generator, side: int) -> Image.Image:
    kind = random.random()
    if kind < 0.15:
        return textures.drawn(random, side)
    if kind < 0.35 and stock.places:
        place = stock.places[int(random.integers(len(stock.places)))]
        box = _window(place.size, random, 1.0)
    elif kind < 0.65 and stock.parts is not None:
        part = stock.parts[int(random.integers(len(stock.parts)))]
        edge = len(part) // 8  # beyond its middle there may be more of a face
        place = Image.fromarray(part[edge:-edge, edge:-edge])
        box = _window(place.size, random, 1.0)
    else:
        whole = stock.wholes[int(random.integers(len(stock.wholes)))]
        place = whole.levels[0]
        for _ in range(20):
            box = _window(place.size, random, 0.6)
            if not whole.marks.touches(box):
                break
        else:
            return textures.drawn(random, side)
    image = place.resize((side, side), Image.Resampling.BILINEAR, box=box).convert("RGB")
    turn = int(random.integers(8))
    if turn & 4:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.rotate(90 * (turn & 3)) if random.random() < 0.5 else image


def _window(
    size: tuple[int, int], random: np.random.Generator, most: float
) -> tuple[float, float, float, float]:
    """A square part of a picture, with this share of its shorter side at most."""
    extent = min(size) * random.uniform(0.25 * most, most)
    left, top = random.uniform(0, size[0] - extent), random.uniform(0, size[1] - extent)
    return left, top, left + extent, top + extent


def _place(
    canvas: _Canvas,
    cutouts: tuple[Cutout, ...],
    random: np.random.Generator,
    size: float,
    tilt: float,
    everyday: bool = False,
) -> None:
    """Paste a person whose face is about `size` px high, somewhere, turned by about `tilt` degrees.

    Not `everyday`: some upside down, some beyond the edge, some in costumes or seen from behind.
    """
    cutout = cutouts[int(random.integers(len(cutouts)))]
    side = canvas.owner.shape[0]
    any_way = not everyday and random.random() < 0.1
    angle = math.radians(tilt + (random.uniform(-180, 180) if any_way else random.normal(0, 12)))
    scale = size / cutout.marks.height
    squeeze = random.uniform(0.78, 1.12)  # a head that is turned a little is narrower
    mirror = random.random() < 0.5
    x = -scale * squeeze if mirror else scale * squeeze
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    # Sometimes sheared, as wide lenses and odd angles do.
    shear = np.array([[1, random.normal(0, 0.06)], [random.normal(0, 0.06), 1]])
    linear = turn @ shear @ np.diag([x, scale])
    reach = min(size / 2, side / 3)
    low = -0.1 * size if not everyday and random.random() < 0.25 else reach
    middle = random.uniform(low, max(side - low, low + 1), 2)
    affine = np.column_stack([linear, middle - linear @ cutout.marks.middle])
    marks = cutout.marks.moved(affine, mirror)

    # The level that is shrunk the least still, so that bilinear sampling sees every pixel.
    index = int(np.clip(math.floor(-math.log2(max(scale, 1e-3))), 0, len(cutout.levels) - 1))
    level = cutout.levels[index]
    factor = level.width / cutout.levels[0].width
    person = level
    role = 1.0 if everyday else random.random()
    faceless = role < 0.08
    if faceless:
        person = costumes.from_behind(level, cutout.marks.scaled(factor), random)
    elif role < 0.33:
        person = costumes.dressed(level, cutout.marks.scaled(factor), random)
    corners = np.array([(0, 0), (level.width, 0), (level.width, level.height), (0, level.height)]) / factor
    corners = corners @ linear.T + affine[:, 2]
    low_corner = np.clip(np.floor(corners.min(axis=0)), 0, side).astype(int)
    high_corner = np.clip(np.ceil(corners.max(axis=0)), 0, side).astype(int)
    extent = high_corner - low_corner
    if (extent < 2).any():
        return
    # Pillow wants the way back, from the pixels that are made to those of the level.
    back = np.linalg.inv(linear) * factor
    shift = back @ (low_corner - affine[:, 2])
    coefficients = (back[0, 0], back[0, 1], shift[0], back[1, 0], back[1, 1], shift[1])
    patch = person.transform(
        (int(extent[0]), int(extent[1])), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    patch = textures.toned(patch, random)
    canvas.image.paste(patch, (int(low_corner[0]), int(low_corner[1])), patch)
    covered = np.asarray(patch.getchannel("A")) > 127
    area = canvas.owner[low_corner[1] : high_corner[1], low_corner[0] : high_corner[0]]
    area[covered] = 0 if faceless else len(canvas.boxes) + 1
    if not faceless:
        canvas.boxes.append(marks.box)
        canvas.points.append(marks.points)
        canvas.skin.append(marks.skin)


def _hide(canvas: _Canvas, random: np.random.Generator) -> None:
    """Put something in front of it all: an arm, a railing, a leaf."""
    side = canvas.owner.shape[0]
    mask = costumes.thing(side, random)
    canvas.image.paste(textures.cloth(random, side), mask=mask)
    canvas.owner[np.asarray(mask) > 127] = 0


def _photographed(image: Image.Image, random: np.random.Generator) -> NDArray[np.uint8]:
    """What a camera, a scanner and a file make of it: blur, darkness, tints, grey, noise, JPEG."""
    side = image.width
    if random.random() < 0.25:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.4, 2.2)))
    elif random.random() < 0.12:
        small = max(48, int(side / random.uniform(1.3, 3)))
        image = image.resize((small, small), Image.Resampling.BOX).resize(
            (side, side), Image.Resampling.BICUBIC
        )
    elif random.random() < 0.08:
        image = textures.shaken(image, random)
    if random.random() < 0.18:
        image = image.convert("L").convert("RGB")
    image = textures.lit(image, random)
    pixels = np.asarray(image).astype(np.float32)
    if random.random() < 0.5:
        pixels += textures.grain(random, side) * float(random.choice([3.0, 8.0, 20.0]) * random.random())
    pixels = pixels.clip(0, 255).astype(np.uint8)
    if random.random() < 0.5:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=int(random.integers(15, 95)))
        pixels = np.array(Image.open(buffer))
    return pixels
