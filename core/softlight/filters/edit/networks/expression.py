"""How networks of the role expression change a face: what they paint of it as it is, and moved.

A face is looked at once. What a slider does is arithmetic on key points and one more painting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from softlight.alignment import Matrix, Planes, applied, chained, scale_of
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.faces.mesh import mesh_of
from softlight.filters.edit.change import Subject, Unchanged
from softlight.filters.edit.networks.expression_points import Expression, moved_points
from softlight.filters.edit.networks.painted_change import PaintedChange, Painting, change_between
from softlight.roles.expression import Points3, Portrait, analysed, painted, stitched
from softlight.roles.face_detection import Face
from softlight.roles.landmarks import find_landmarks
from softlight.roles.parsing import parse_face
from softlight.runtime import Model, Runtime
from softlight.runtime.memory import Memory

KEPT = 84.0
"""Px between the eyes of the copy that is cut for the networks: twice as many as they see."""


@dataclass(frozen=True)
class Networks:
    """What an expression is made with."""

    expression: Model
    landmarks: Model
    parsing: Model
    memory: Memory
    """A face is looked at once, however often a slider is moved."""

    @classmethod
    def of(cls, runtime: Runtime) -> Networks:
        """Return those that the roles use now.

        Raises
        ------
        ModelError
            If there is no model for one of the roles.
        """
        expression, landmarks, parsing = (
            runtime.model(role) for role in ("expression", "landmarks", "parsing")
        )
        return cls(expression, landmarks, parsing, runtime.memory)


@dataclass(frozen=True, eq=False)
class Still:
    """A face that was looked at, and how the networks paint it as it is."""

    portrait: Portrait
    painting: Painting
    matrix: Matrix
    """From the copy of the photo to the painting, and to all others."""


def expressed(
    subject: Subject, networks: Networks, wanted: Expression, tick: Callable[[], None]
) -> PaintedChange:
    """Return how a face changes to another expression by models of the role expression.

    Parameters
    ----------
    subject : Subject
    networks : Networks
    wanted : Expression
    tick : callable
        Called before each run of a large network.

    Raises
    ------
    ModelError
        If a network fails, or gives no finite values.
    Unchanged
        If no face is found in what is painted.
    """
    near = analysis.around(subject.picture, subject.face.points, KEPT)
    face, model = analysis.face_moved(subject.face, near.matrix), networks.expression
    still = networks.memory.beside(
        subject.face, "portrait", lambda: _looked_at(networks, near.pixels, face, tick)
    )
    points = moved_points(model, still.portrait, face.landmarks, wanted, tick)
    tick()
    after = _painting(networks, still.portrait, points, face)[0].held(still.painting)
    seen = parse_face(networks.parsing, after.pixels, applied(still.matrix, face.points))
    return change_between(subject, still.painting, after, seen, chained(near.matrix, still.matrix))


def _looked_at(networks: Networks, photo: Planes, face: AnalysedFace, tick: Callable[[], None]) -> Still:
    model = networks.expression
    tick()
    portrait = analysed(model, photo, face.points)
    tick()
    # Stitched as every other is: what that does to a face at rest must not show.
    points = stitched(model, portrait, portrait.motion.points)
    return Still(portrait, *_painting(networks, portrait, points, face))


def _painting(
    networks: Networks, portrait: Portrait, points: Points3, face: AnalysedFace
) -> tuple[Painting, Matrix]:
    """Return what is painted of a face, and the way there from the copy of the photo."""
    crop = painted(networks.expression, portrait, points)
    left, top, right, bottom = face.face.box
    middle = applied(crop.matrix, [((left + right) / 2, (top + bottom) / 2)])[0]
    half = scale_of(crop.matrix) * np.array([right - left, bottom - top]) / 2
    box = tuple(np.concatenate([middle - half, middle + half]).tolist())
    five = applied(crop.matrix, face.points)
    found = find_landmarks(networks.landmarks, crop.pixels, Face(box, 1.0, five))
    if found.presence < analysis.SURE:
        raise Unchanged(f"what {networks.expression.files.title} painted there is no face")
    return Painting(crop.pixels, mesh_of(found)), crop.matrix
