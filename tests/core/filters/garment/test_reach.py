"""Whose clothes are meant where nothing is painted: below the chosen face, however it is held."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.filters.garment import reach
from softlight.filters.pyramid.cells import Faces
from softlight.filters.pyramid.place import Place
from softlight.picture import Picture
from tests.core.faces.synthetic import face

SIZE = 40.0
"""Px between the eyes."""
PHOTO = Picture(np.zeros((900, 1000, 3), np.uint8))


def meant(place: Place | None, x: float, y: float) -> float:
    """How strongly a pixel of the photo is meant, 0..1."""
    assert place is not None
    side = place.cells.side
    column, row = (round(x) - place.box.left) // side, (round(y) - place.box.top) // side
    inside = 0 <= row < place.reach.shape[0] and 0 <= column < place.reach.shape[1]
    return float(place.reach[row, column]) if inside else 0.0


@pytest.mark.parametrize("degrees", [0, 90, 180, -60])
def test_the_body_is_meant_and_what_lies_above_the_head_and_far_beside_is_not(degrees: float) -> None:
    person = face(500, 450, SIZE, degrees)
    place = reach.of_person(PHOTO, Faces((person,), ()), 0, "Garment creases")
    angle = np.radians(degrees)
    down, right = np.array([-np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), np.sin(angle)])

    def at(along: float, beside: float) -> float:
        return meant(place, *(np.array([500, 450]) + SIZE * (along * down + beside * right)))

    assert at(2.5, 0) == at(8, 0) == at(3, 4) == at(6, -4.5) == 1
    assert at(-3, 0) == at(4, 7) == at(4, -7) == 0
    assert at(-0.5, 4) == at(0, -4) == 0  # beside the head


def test_of_two_people_each_has_the_clothes_below_their_own_face() -> None:
    people = Faces((face(300, 200, SIZE), face(600, 200, SIZE)), ())
    places = [reach.of_person(PHOTO, people, number, "Garment creases") for number in (0, 1)]
    assert [meant(place, 320, 400) for place in places] == [1, 0]
    assert [meant(place, 580, 400) for place in places] == [0, 1]


def test_a_face_whose_body_is_out_of_the_picture_has_no_place() -> None:
    below = Faces((face(500, 900 + 2 * SIZE, SIZE),), ())
    assert reach.of_person(PHOTO, below, 0, "Garment creases") is None
