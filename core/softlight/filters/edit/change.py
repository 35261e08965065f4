"""What an edit does to a face, whichever attribute it changes and however that is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from softlight.alignment import Box, Points
from softlight.faces.analysis import AnalysedFace, Part
from softlight.picture import Picture
from softlight.roles.parsing import Parsing
from softlight.tiles import Planes

KEPT = 200.0
"""Px between the eyes of the copy of a face in which its texture is changed."""


@dataclass(frozen=True, eq=False)
class Subject:
    """The face that is edited, as it was photographed, and where its points are by now."""

    picture: Picture
    """The photo, or the part of it that is looked at."""
    face: AnalysedFace
    part: Part
    """Its surroundings, at a scale of 100 px and more between its eyes."""
    parsing: Parsing
    mesh: Points
    """(468, 2): its points after the edits before, in px of the photo."""


class Unchanged(Exception):
    """An attribute of a face cannot be changed; says why, to end a sentence with."""


class Change(Protocol):
    """One attribute's change of one face, found once and made block by block."""

    @property
    def mesh(self) -> Points:
        """Where the points of the face come to lie, shape (468, 2), in px of the photo."""
        ...

    @property
    def margin(self) -> float:
        """Px around a block at which `made` looks."""
        ...

    def box(self, picture: Picture) -> Box:
        """Return the part of the photo that may change."""
        ...

    def made(self, before: Planes, block: Box, around: Box) -> tuple[Planes, NDArray[Any]]:
        """Return a block of the photo after the change, and where it is another.

        Parameters
        ----------
        before : ndarray of float32, shape (height, width, 3) of `around`
            Working values: perceptual RGB, 0..1 nominal; with the edits before.
        block, around : Box
            The part that is wanted, and what is seen of the photo around it: `margin` px where there are any.

        Returns
        -------
        after : ndarray of float32, shape (height, width, 3) of `block`
        done : ndarray, shape (height, width)
            How much of it shows, 0..1 or of bool: 0 where nothing is done, for values in linear light come
            back with other last bits.
        """
        ...
