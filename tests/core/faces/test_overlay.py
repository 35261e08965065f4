"""What is drawn into a photo lies where the faces are, and the photo stays as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from softlight.encoding import from_unit, perceptual_to_linear
from softlight.faces.analysis import AnalysedFace, find
from softlight.faces.overlay import overlay
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.roles.face_detection import Face
from softlight.runtime import Runtime
from tests.core.roles.portraits import portrait


@pytest.fixture(scope="module")
def hopper() -> Picture:
    return Picture(from_unit(portrait("hopper.jpg"), np.uint8))


@pytest.fixture(scope="module")
def face(hopper: Picture) -> AnalysedFace:
    (found,) = find(hopper, Runtime("cpu"))
    return found


def test_what_is_drawn_lies_on_the_face(hopper: Picture, face: AnalysedFace) -> None:
    before = hopper.pixels.copy()
    drawn = overlay(hopper, (face,))
    assert (hopper.pixels == before).all() and drawn.shape == hopper.pixels.shape
    changed = (drawn != before).any(axis=-1)
    left, top, right, bottom = (round(side) for side in face.face.box)
    assert changed[top, left:right].mean() > 0.9 and changed[top:bottom, left].mean() > 0.9
    x, y = np.rint(face.points[0]).astype(int)
    assert changed[y - 6 : y + 7, x - 6 : x + 7].any()
    assert not changed[500:].any() and not changed[:, :100].any()


def test_no_faces_leave_the_photo(hopper: Picture) -> None:
    assert (overlay(hopper, ()) == hopper.pixels).all()


def test_linear_light_looks_the_same(hopper: Picture, face: AnalysedFace) -> None:
    stored = perceptual_to_linear(hopper.pixels.astype(np.float32) / np.float32(255))
    linear = Picture(stored, ColourEncoding(Transfer.LINEAR))
    difference = np.abs(overlay(linear, (face,)).astype(int) - overlay(hopper, (face,)).astype(int))
    assert difference.max() <= 1


@pytest.mark.parametrize("shift", [(-200.0, -150.0), (300.0, 350.0), (1e7, -1e7)])
def test_a_face_that_the_frame_cuts_is_drawn_as_far_as_it_is_there(
    hopper: Picture, face: AnalysedFace, shift: tuple[float, float]
) -> None:
    x, y = shift
    left, top, right, bottom = face.face.box
    moved = Face((left + x, top + y, right + x, bottom + y), 0.5, face.face.points + shift)
    points = face.landmarks.points + np.array([x, y, 0])
    drawn = overlay(hopper, (AnalysedFace(moved, replace(face.landmarks, points=points)),))
    changed = (drawn != hopper.pixels).any(axis=-1)
    assert changed.any() == (abs(x) < 1e6)
    assert changed.mean() < 0.4
