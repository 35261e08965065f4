"""What a filter of faces looks at: all of a photo and its faces, or what a brush marked and those there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.filters import boxes, brush, chosen_faces
from softlight.picture import Picture
from softlight.progress import Progress
from softlight.runtime import Runtime
from softlight.tiles import Planes

SMALLEST = 8.0
"""Px between the eyes, of a face some 20 px wide."""
REACH = 6.0
"""Interocular distances around what was painted that are looked at: from a chin to the far corner of the
square in which its face is restored or edited, and to what its parsing sees."""
SQUARE = 3.0
"""Interocular distances from the middle of a face to the corners of that square, and a little more."""


class FaceSettings(Protocol):
    """What the settings of such a filter have in common."""

    @property
    def faces(self) -> str: ...

    @property
    def feather(self) -> float: ...

    @property
    def face_size(self) -> float | None: ...


@dataclass(frozen=True, eq=False)
class Scope:
    """A part of a photo, and what shall be done there."""

    picture: Picture
    origin: tuple[int, int]
    """x and y of that part in the photo."""
    faces: tuple[AnalysedFace, ...]
    """All faces of the part, from left to right."""
    chosen: tuple[int, ...]
    """Which of them the filter shall work on."""
    area: Box
    """The part of the picture that may change."""
    brush: NDArray[Any] | None
    """The mask of that picture; `None`: all of it."""
    feather: float
    """Px over which the brush's edge fades."""

    def name(self, label: str, number: int) -> str:
        """Return the name of a face's layer: with its number, if there is more than one face."""
        return label if len(self.faces) == 1 else f"{label} {number + 1}"

    def whose(self, number: int) -> str:
        """Return a face in a sentence."""
        return "the face" if len(self.faces) == 1 else f"face {number + 1}"

    def painted(self, box: Box) -> bool:
        """Return whether anything in a box may change."""
        if self.brush is None:
            return not box.within(self.area).empty
        near = boxes.grown(box, self.feather).within(boxes.whole_of(self.picture))
        return not near.empty and bool((self.brush[near.slices] > 0).any())

    def weights(self, box: Box) -> Planes:
        """Return how strongly each pixel of a box is meant, float32 of shape (height, width), 0..1."""
        if self.brush is None:
            return np.ones((box.bottom - box.top, box.right - box.left), np.float32)
        around = boxes.grown(box, self.feather).within(boxes.whole_of(self.picture))
        soft = brush.feathered(brush.shares(self.brush[around.slices]), self.feather)
        return soft[box.slices_in(around)]


def seen(mask: NDArray[Any], settings: FaceSettings, reach: float = REACH) -> Box:
    """Return all that is looked at around what was painted; it may reach beyond the picture.

    Parameters
    ----------
    mask : ndarray, shape (height, width)
    settings : FaceSettings
        Settled.
    reach : float
        Interocular distances around what was painted that are looked at.

    Raises
    ------
    MaskError
        When nothing is painted.
    """
    assert settings.face_size is not None
    painted = brush.painted_box(mask, "the faces")
    return boxes.grown(painted, (reach + settings.feather) * settings.face_size)


def scope_of(
    picture: Picture,
    mask: NDArray[Any] | None,
    settings: FaceSettings,
    runtime: Runtime,
    progress: Progress,
    *,
    subject: str,
    instead: str,
    reach: float = REACH,
    square: float = SQUARE,
) -> Scope:
    """Find what a run looks at; the settings are settled.

    Parameters
    ----------
    picture : Picture
    mask : ndarray, shape (height, width), or None
    settings : FaceSettings
    runtime : Runtime
    progress : Progress
    subject, instead : str
        What small faces are too small for, and what to do without a face; see `chosen_faces.find`.
    reach : float
        As in `seen`.
    square : float
        Interocular distances from the middle of a face to the farthest that belongs to it.

    Raises
    ------
    MaskError
        If the mask has another size or is empty; without one, if there is no face.
    SettingsError
        If a face is chosen that is not there.
    """
    if mask is None:
        found = chosen_faces.find(
            picture,
            settings.faces,
            runtime,
            progress,
            subject=subject,
            instead=instead,
            smallest=SMALLEST,
        )
        return Scope(picture, (0, 0), found.faces, found.numbers, boxes.whole_of(picture), None, 0.0)
    assert settings.face_size is not None
    brush.check_size(mask, picture)
    around = seen(mask, settings, reach).within(boxes.whole_of(picture))
    part, painted = boxes.part_of(picture, around), mask[around.slices]
    faces = analysis.find(part, runtime, progress)
    feather = settings.feather * settings.face_size
    area = boxes.grown(brush.painted_box(painted, "the faces"), feather).within(boxes.whole_of(part))
    near = tuple(
        number
        for number, face in enumerate(faces)
        if face.interocular >= SMALLEST and _reaches(face, area, square)
    )
    return Scope(part, (around.left, around.top), faces, near, area, painted, feather)


def _reaches(face: AnalysedFace, area: Box, square: float) -> bool:
    """Return whether what belongs to a face may lie over a part of a box."""
    x, y = face.points.mean(axis=0)
    aside = max(area.left - x, x - area.right, 0.0), max(area.top - y, y - area.bottom, 0.0)
    return float(np.hypot(*aside)) <= square * face.interocular
