"""What people wear and what stands before them, drawn onto pictures and, where wished, their class maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.face_marks import Array, Marks
from training.parsing_labels import CLASSES

Colour = tuple[int, int, int]
Ink = Colour | int

BRASS = (150, 130, 90)
"""Of frames: hardly darker than skin."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A picture and, where wished, the map of its classes: what is drawn on one is drawn on the other."""

    picture: Image.Image
    """RGB, or RGBA."""
    classes: Image.Image | None = None
    """L: numbers in `CLASSES`."""

    def fill(self, outline: Array, colour: Colour, name: str) -> None:
        """Fill an outline (n, 2) with a colour, and with a class."""
        for pen, ink in self._pens(colour, name):
            pen.polygon(_corners(outline), fill=ink)

    def line(self, points: Array, width: int, colour: Colour, name: str) -> None:
        """Draw along points (n, 2), `width` px wide."""
        for pen, ink in self._pens(colour, name):
            pen.line(_corners(points), fill=ink, width=width, joint="curve")

    def _pens(self, colour: Colour, name: str) -> Iterator[tuple[ImageDraw.ImageDraw, Ink]]:
        yield ImageDraw.Draw(self.picture), colour
        if self.classes is not None:
            yield ImageDraw.Draw(self.classes), CLASSES.index(name)


def _corners(points: Array) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]


def _colour(random: np.random.Generator, low: int = 0, high: int = 256) -> Colour:
    red, green, blue = random.integers(low, high, 3).tolist()
    return red, green, blue


def _axes(marks: Marks) -> tuple[Array, Array, float]:
    """The face's own axes (to its left, down to the chin; unit length) and the distance of the eyes."""
    right, left = marks.points[:2]
    across = left - right
    distance = max(float(np.hypot(*across)), 1e-3)
    across = across / distance
    return across, np.array([-across[1], across[0]]), distance


def _ring(middle: Array, across: Array, down: Array, rx: float, ry: float, power: float) -> Array:
    """A closed outline between an ellipse (a power of 1) and a rectangle (towards 0)."""
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    c, s = np.cos(turn), np.sin(turn)
    x = rx * np.sign(c) * np.abs(c) ** power
    y = ry * np.sign(s) * np.abs(s) ** power
    return middle + x[:, None] * across + y[:, None] * down


def dressed(person: Image.Image, marks: Marks, random: np.random.Generator) -> Image.Image:
    """Return the person with sunglasses, a mask or a hat."""
    sheet = Sheet(person.copy())
    kind = random.random()
    if kind < 0.45:
        glasses(sheet, marks, random, dark=True)
    elif kind < 0.75:
        mask(sheet, marks, random)
    if kind > 0.65 or kind < 0.1:
        hat(sheet, marks, random)
    return sheet.picture


def glasses(sheet: Sheet, marks: Marks, random: np.random.Generator, dark: bool) -> None:
    """Draw rims, bridge and temples; `dark` ones have lenses that hide the eyes."""
    across, down, distance = _axes(marks)
    rx, ry = random.uniform(0.3, 0.47) * distance, random.uniform(0.19, 0.35) * distance
    power = random.uniform(0.35, 1.0)
    frame = _colour(random, 0, 140) if random.random() < 0.7 else BRASS
    # Thin metal as often as thick plastic: it is what a crease is most easily taken for.
    rim = random.uniform(0.011, 0.028) if random.random() < 0.5 else random.uniform(0.028, 0.06)
    width = max(1, round(rim * distance))
    eyes = marks.points[:2] + random.uniform(0, 0.1) * distance * down
    outwards = (-across, across)
    sheet.line(np.stack([eyes[0] + rx * across, eyes[1] - rx * across]), width, frame, "glasses")
    for eye, out, ear in zip(eyes, outwards, _ears(marks), strict=True):
        hinge = eye + rx * out - 0.03 * distance * down
        sheet.line(np.stack([hinge, ear + 0.05 * distance * out]), width, frame, "glasses")
    if dark:
        lens = _colour(random, 0, 80) if random.random() < 0.8 else _colour(random, 60, 220)
        for eye in eyes:
            sheet.fill(_ring(eye, across, down, rx, ry, power), lens, "glasses")
            if random.random() < 0.4:  # the sky in the glass
                sky = _ring(eye - 0.3 * ry * down, across, down, 0.5 * rx, 0.2 * ry, 1)
                sheet.fill(sky, _colour(random, 90), "glasses")
    for eye in eyes:
        ring = _ring(eye, across, down, rx, ry, power)
        sheet.line(np.concatenate([ring, ring[:2]]), width, frame, "glasses")


def _ears(marks: Marks) -> Array:
    """Where temples end: on the outline, at the height of the eyes, right and left."""
    across, down, _ = _axes(marks)
    away = marks.outline - marks.points[:2].mean(axis=0)
    height = np.abs(away @ down)
    return np.stack([
        marks.outline[np.where(away @ across * side > 0, height, np.inf).argmin()] for side in (-1, 1)
    ])  # fmt: skip


def mask(sheet: Sheet, marks: Marks, random: np.random.Generator) -> None:
    """Cover nose, mouth and chin by a cloth, some with folds."""
    across, down, distance = _axes(marks)
    oval = marks.outline[:36]
    nose = marks.points[2]
    upper = nose - random.uniform(-0.05, 0.3) * distance * down
    low = oval[(oval - upper) @ down > 0]
    bridge = upper + 0.18 * distance * np.stack([across, -across])
    rim = np.concatenate([low, bridge])
    middle = rim.mean(axis=0)
    by_angle = np.argsort(np.arctan2((rim - middle) @ down, (rim - middle) @ across))
    colour = _colour(random, 150) if random.random() < 0.5 else _colour(random)
    sheet.fill(middle + 1.03 * (rim - middle)[by_angle], colour, "cloth")
    red, green, blue = (int(0.85 * c) for c in colour)
    for i in range(int(random.integers(0, 4))):
        at = nose + (0.1 + 0.22 * i) * distance * down
        ends = at + 0.6 * distance * np.stack([-across, across])
        sheet.line(ends, max(1, round(0.012 * distance)), (red, green, blue), "cloth")


def hat(sheet: Sheet, marks: Marks, random: np.random.Generator) -> None:
    """Put on a cap or, with a brim, a hat."""
    across, down, distance = _axes(marks)
    brim = marks.points[:2].mean(axis=0) - random.uniform(0.35, 0.7) * distance * down
    wide, high = random.uniform(1.0, 1.4) * distance, random.uniform(0.7, 1.55) * distance
    top = brim - high * down
    crown = [
        brim - wide * across,
        top - 0.85 * wide * across,
        top + 0.85 * wide * across,
        brim + wide * across,
    ]
    colour = _colour(random)
    sheet.fill(np.stack(crown), colour, "hat")
    sheet.fill(_ring(brim - 0.8 * high * down, across, down, 0.9 * wide, 0.5 * high, 1), colour, "hat")
    if random.random() < 0.6:
        width = wide * random.uniform(1.0, 1.7)
        rim = _ring(brim, across, down, width, random.uniform(0.1, 0.25) * distance, 1)
        sheet.fill(rim, colour, "hat")


def from_behind(person: Image.Image, marks: Marks, random: np.random.Generator) -> Image.Image:
    """Return the person with hair, or skin, where the face was."""
    _, down, distance = _axes(marks)
    oval = marks.outline
    middle = oval.mean(axis=0)
    hair = marks.outline[36:].mean(axis=0) - random.uniform(0, 0.3) * distance * down
    x, y = np.clip(np.rint(hair), 0, np.array(person.size) - 1).astype(int).tolist()
    pixel = person.getpixel((x, y))
    assert isinstance(pixel, tuple)
    red, green, blue = (int(np.clip(c + random.integers(-25, 26), 0, 255)) for c in pixel[:3])
    mask = Image.new("L", person.size)
    rim = middle + random.uniform(1.05, 1.25) * (oval[:36] - middle)
    ImageDraw.Draw(mask).polygon(_corners(rim), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(0.06 * distance))
    noise = random.integers(-18, 19, (max(2, person.height // 2), max(2, person.width // 8), 1))
    shade = np.clip(np.array([red, green, blue]) + noise, 0, 255).astype(np.uint8)
    fill = Image.fromarray(shade).resize(person.size, Image.Resampling.BILINEAR).convert("RGBA")
    result = person.copy()
    result.paste(fill, mask=mask)
    return result


def thing(side: int, random: np.random.Generator) -> Image.Image:
    """Return where something stands before a scene: a bar, a blob, a leaf; L, (side, side)."""
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    if random.random() < 0.4:
        ends = random.uniform(-0.2 * side, 1.2 * side, 4).tolist()
        draw.line(ends, fill=255, width=int(random.uniform(0.02, 0.15) * side))
    else:
        middle = random.uniform(0, side, 2)
        turn = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(4, 12))))
        radius = random.uniform(0.03, 0.2) * side * random.uniform(0.5, 1.3, len(turn))
        points = middle + radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        draw.polygon(_corners(points), fill=255)
    return mask
