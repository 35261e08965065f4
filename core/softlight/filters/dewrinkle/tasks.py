"""What De-wrinkle has to do: one task for what a brush marked, or one for each face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box
from softlight.encoding import from_unit, to_unit
from softlight.errors import MaskError, SettingsError
from softlight.faces import analysis, protection, regions
from softlight.faces.analysis import AnalysedFace
from softlight.filters import boxes, chosen_faces
from softlight.filters.brush import check_size
from softlight.filters.dewrinkle.plan import area
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target
from softlight.picture import Picture
from softlight.progress import Progress
from softlight.runtime import Runtime

NAME = "De-wrinkle"
NECK = ("neck", "skin")
"""Parts of a face that count as neck below the jaw: networks draw the line between them as they like."""
LEAST = 0.002
"""Strength below which a pixel is not meant: half a level of an 8-bit mask."""


@dataclass(frozen=True, eq=False)
class Task:
    """A part of the photo, and how strongly each of its pixels is meant."""

    name: str
    """Of its layers."""
    picture: Picture
    """The part alone; all that the networks see."""
    origin: tuple[int, int]
    """x and y of the part in the photo."""
    mask: NDArray[Any]
    """Of the part's size."""
    settings: DewrinkleSettings
    """Settled for this task."""
    allowed: NDArray[np.uint8] | None = None
    """Of the part's size: 0 where nothing may change, whatever the feather adds; `None`: 255 everywhere."""
    fillable: NDArray[np.uint8] | None = None
    """Of the part's size: 0 what no fill may touch, as a collar, whose colour it would take on; `None`: 255
    everywhere."""


def under_brush(
    picture: Picture, mask: NDArray[Any], settings: DewrinkleSettings, runtime: Runtime, progress: Progress
) -> Task:
    """Return the one task of a brush; `settings` are settled.

    Only the filter's own area is analysed, so that a host's part of the photo shows the same faces.

    Raises
    ------
    MaskError
        If the mask has another size, is empty, or covers only what is to stay.
    """
    check_size(mask, picture)
    if settings.target is Target.EVERYTHING or not settings.protect:
        return Task(NAME, picture, (0, 0), mask, settings)
    box = Box(*area(mask, settings)).within(boxes.whole_of(picture))
    part, painted = boxes.part_of(picture, box), mask[box.slices]
    allowed = _allowed(part, analysis.find(part, runtime, progress), runtime)
    if allowed is None:
        return Task(NAME, part, (box.left, box.top), painted, settings)
    painted = painted.copy()
    for strip in boxes.strips(boxes.whole_of(part)):
        rows = strip.slices
        painted[rows] = from_unit(to_unit(painted[rows]) * to_unit(allowed[rows]), mask.dtype)
    if not (painted > 0).any():
        raise MaskError(
            "Only eyes, brows, lips, hair or glasses are under the mask; paint over skin, "
            "or switch their protection off."
        )
    return Task(NAME, part, (box.left, box.top), painted, settings, allowed=allowed)


def _allowed(picture: Picture, faces: Sequence[AnalysedFace], runtime: Runtime) -> NDArray[np.uint8] | None:
    """Return where nothing has to stay, 0..255; `None` without a face."""
    if not faces:
        return None
    parsings = [protection.parse(picture, face, runtime) for face in faces]
    allowed = np.full((picture.height, picture.width), 255, np.uint8)
    for strip in boxes.strips(boxes.whole_of(picture)):
        allowed[strip.slices] = from_unit(protection.free_in(faces, parsings, strip), np.uint8)
    return allowed


def on_faces(
    picture: Picture, settings: DewrinkleSettings, runtime: Runtime, progress: Progress
) -> tuple[int, Iterator[Task]]:
    """Return how many faces are chosen, and a task for each that can be worked on, made when its turn comes.

    Raises
    ------
    SettingsError
        If a face is chosen that is not there, or nothing is switched on.
    MaskError
        If there is no face, or only faces below `SMALLEST_FACE`.
    """
    strengths = {name: float(getattr(settings, name)) for name in regions.REGIONS}
    if not any(strengths.values()):
        raise SettingsError("All regions are switched off; switch on those that shall change.")
    chosen = chosen_faces.find(
        picture, settings.faces, runtime, progress,
        subject="wrinkles", instead="paint over the wrinkles to remove them",
    )  # fmt: skip
    names = [chosen.name(NAME, number) for number in chosen.numbers]
    tasks = (
        _on_face(picture, chosen.faces, number, name, strengths, settings, runtime)
        for number, name in zip(chosen.numbers, names, strict=True)
    )
    return len(names), (task for task in tasks if task is not None)


def _on_face(
    picture: Picture,
    faces: Sequence[AnalysedFace],
    number: int,
    name: str,
    strengths: dict[str, float],
    settings: DewrinkleSettings,
    runtime: Runtime,
) -> Task | None:
    face = faces[number]
    box = regions.reach(face.landmarks, face.interocular, picture.height, picture.width, settings.feather)
    if box.empty:
        return None
    parsing = protection.parse(picture, face, runtime)

    def drawing(names: Sequence[str]) -> regions.Drawing:
        some = {name: strengths[name] for name in names}
        return regions.drawn(face.landmarks, face.interocular, some, settings.feather)

    on_face, neck = drawing([name for name in strengths if name != "neck"]), drawing(["neck"])
    mask = np.zeros((box.bottom - box.top, box.right - box.left), picture.pixels.dtype)
    fillable = np.zeros(mask.shape, np.uint8)
    for strip in boxes.strips(box):
        meant = on_face.in_box(strip)
        if strengths["neck"] > 0:
            meant += neck.in_box(strip) * protection.share_in(parsing, strip, NECK)
        free = 1 - protection.around_skin_in(face, parsing, strip)
        meant *= free
        if settings.protect:
            meant *= 1 - protection.kept_in(face, parsing, strip)
        meant[~analysis.nearest(faces, number, strip) | (meant < LEAST)] = 0
        mask[strip.slices_in(box)] = from_unit(meant, mask.dtype)
        fillable[strip.slices_in(box)] = from_unit(free, np.uint8)
    if not (mask > 0).any():
        return None
    # The regions are as soft as the feather wants; a second one would reach into the neighbour's mask.
    settled = replace(settings, face_size=face.interocular, feather=0.0)
    left, top, right, bottom = area(mask, replace(settled, protect=False))
    around = Box(box.left + left, box.top + top, box.left + right, box.top + bottom)
    seen = around.within(boxes.whole_of(picture))
    part = boxes.part_of(picture, seen)
    there, free_there = boxes.moved(mask, box, seen), boxes.moved(fillable, box, seen)
    return Task(name, part, (seen.left, seen.top), there, settled, fillable=free_there)
