"""How a network of the role age changes a face: what it adds for some years, on the photo's own pixels.

What it makes of a face with no years to add is not that face. So it is asked twice, and only what lies
between both answers is added: pores, grain and all that it cannot hold stay those of the photo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.alignment import Box, Planes, Points, applied, chained, scale_of
from softlight.faces import analysis
from softlight.filters.edit.change import Subject
from softlight.filters.edit.networks.square import Added, added, allowed
from softlight.filters.monochrome import is_monochrome, without_colour
from softlight.picture import Picture
from softlight.roles.age import change_age
from softlight.runtime import Model

KEPT = 256.0
"""Px between the eyes of the copy that the network is shown: FRAN's square has 252, StyleGANEX's fewer."""
AGE = 40.0
"""Years that a face is said to show. Nobody tells how many they are; what is added lies between two answers,
for this age and for as many years more."""
PERSON = ("skin", "brows", "eyes", "ears", "nose", "inner mouth", "lips", "neck", "hair")
"""What grows old. Glasses, hats, clothes and what lies behind stay."""
FINEST = 0.6
"""Standard deviation, in px of what the network saw, below which nothing of its answers is used: StyleGANEX
answers four times as large as it looks."""


@dataclass(frozen=True, eq=False)
class Aged:
    """What makes a face older or younger."""

    mesh: Points
    """As `Change.mesh`: where it was, for what is added moves nothing."""
    added: Added

    @property
    def margin(self) -> float:
        """As `Change.margin`."""
        return 0.0

    def box(self, picture: Picture) -> Box:
        """As `Change.box`."""
        return self.added.box(picture)

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """As `Change.made`."""
        more = self.added.within(block)
        return before[block.slices_in(around)] + more, (more != 0).any(axis=-1)


def aged(subject: Subject, model: Model, years: float, tick: Callable[[], None]) -> Aged:
    """Return how a face changes with some years by a model of the role age.

    Parameters
    ----------
    subject : Subject
    model : Model
    years : float
        To add, -100..100.
    tick : callable
        Called before each run of the network.

    Raises
    ------
    ModelError
        If the network fails, or gives no finite values.
    """
    near = analysis.around(subject.picture, subject.face.points, KEPT)
    five = applied(near.matrix, subject.face.points)
    tick()
    still = change_age(model, near.pixels, five, AGE, 0.0)
    tick()
    moved = change_age(model, near.pixels, five, AGE, years)
    change = moved.pixels - still.pixels
    if change.any():
        finest = FINEST * still.side / _seen(model)
        change = np.asarray(cv2.GaussianBlur(change, (0, 0), finest), np.float32)
        if is_monochrome(near.pixels):
            change = without_colour(change)
    matrix = chained(near.matrix, still.matrix)
    apart = subject.face.interocular * scale_of(matrix)
    where = allowed(subject.parsing, matrix, still.side, apart, *PERSON)
    return Aged(subject.mesh, added(change, where, matrix))


def _seen(model: Model) -> int:
    """Return the side of the largest square that a network looks at, in px."""
    network = model.session().network
    return max(size for one in network.inputs for size in network.usual_shape(one)[2:])
