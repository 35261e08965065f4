"""Faces are found in pictures of every kind, once."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.alignment import Box, applied
from softlight.encoding import from_unit, perceptual_to_linear
from softlight.errors import Cancelled
from softlight.faces import analysis
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.runtime import Runtime
from tests.core.faces.synthetic import face
from tests.core.filters.conftest import PIXEL_TYPES
from tests.core.roles.portraits import POINTS


def test_faces_come_from_left_to_right_with_their_points(couple: np.ndarray, runtime: Runtime) -> None:
    faces = analysis.find(Picture(couple), runtime)
    assert len(faces) == 2
    for found, (name, shift) in zip(faces, (("astronaut.png", 0), ("hopper.jpg", 512)), strict=True):
        expected = np.array(POINTS[name], float) + np.array((shift, 0))
        apart = float(np.linalg.norm(expected[1] - expected[0]))
        # Marked by eye, within some px.
        assert np.linalg.norm(found.points - expected, axis=1).max() < 0.2 * apart
        assert found.interocular == pytest.approx(apart, rel=0.12)
        left, top, right, bottom = found.face.box
        assert left < expected[:, 0].min() < expected[:, 0].max() < right
        assert top < expected[:, 1].min() < expected[:, 1].max() < bottom


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_in_pictures_of_every_type(
    hopper: np.ndarray, runtime: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    (expected,) = analysis.find(Picture(hopper), runtime)
    values = hopper.astype(np.float32) / 255
    if channels < 3:
        values = values.mean(axis=2, keepdims=True)
    if transfer is Transfer.LINEAR:
        values = perceptual_to_linear(values)
    if channels in (2, 4):
        values = np.concatenate([values, np.ones((*values.shape[:2], 1), np.float32)], axis=2)
    (found,) = analysis.find(Picture(from_unit(values, dtype), ColourEncoding(transfer)), runtime)
    off = np.linalg.norm(found.landmarks.points[:, :2] - expected.landmarks.points[:, :2], axis=1).mean()
    assert off < 0.03 * expected.interocular


@pytest.mark.parametrize("scale", [0.3, 4.0])
def test_at_other_sizes(hopper: np.ndarray, runtime: Runtime, scale: float) -> None:
    (expected,) = analysis.find(Picture(hopper), runtime)
    size = (round(hopper.shape[1] * scale), round(hopper.shape[0] * scale))
    other = cv2.resize(hopper, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    (found,) = analysis.find(Picture(np.asarray(other)), runtime)
    assert np.linalg.norm(found.points / scale - expected.points, axis=1).max() < 0.05 * expected.interocular


def test_a_picture_is_analysed_once(couple: np.ndarray, runtime: Runtime) -> None:
    first = analysis.find(Picture(couple), runtime)
    assert analysis.find(Picture(couple.copy()), runtime) is first
    assert analysis.find(Picture(couple[:, ::-1].copy()), runtime) is not first


def test_where_nobody_is_there_is_nobody(runtime: Runtime) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (300, 400, 3)).astype(np.uint8)
    assert analysis.find(Picture(noise), runtime) == ()
    assert analysis.find(Picture(np.zeros((1, 1, 1), np.float32)), runtime) == ()
    assert analysis.find(Picture(np.full((40, 40, 3), np.nan, np.float32)), runtime) == ()


def test_it_can_be_cancelled(couple: np.ndarray, runtime: Runtime) -> None:
    def stop(done: float, text: str) -> None:
        if text == "Measuring faces":
            raise Cancelled

    with pytest.raises(Cancelled):
        analysis.find(Picture(couple[::-1, ::-1].copy()), runtime, stop)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
def test_a_part_is_shrunk_as_it_is_stored_and_lies_where_it_says(dtype: type) -> None:
    y, x = np.mgrid[:900, :1400]
    blob = np.exp(-((x - 930) ** 2 + (y - 410) ** 2) / (2 * 40**2)).astype(np.float32)
    picture = Picture(from_unit(blob[..., None], dtype))
    part = analysis.part_of(picture, Box(300, 100, 1300, 800), 250)
    assert part.pixels.shape == (175, 250, 3)
    assert part.pixels.dtype == np.float32
    weight = part.pixels[..., 0] / part.pixels[..., 0].sum()
    rows, columns = np.mgrid[:175, :250]
    centre = [float((weight * columns).sum()), float((weight * rows).sum())]
    np.testing.assert_allclose(applied(part.matrix, [(930.0, 410.0)])[0], centre, atol=0.05)
    assert part.pixels.max() == pytest.approx(1.0, abs=0.01)


def test_a_face_seen_from_the_side_keeps_its_size() -> None:
    front = face(500, 400, 100)
    assert front.interocular == pytest.approx(100, rel=0.03)
    turned = front.points * (0.15, 1.0)
    assert analysis.interocular(turned) == pytest.approx(100, rel=0.2)


def test_each_pixel_is_nearest_to_one_face() -> None:
    faces = [face(100, 100, 40), face(180, 120, 20), face(100, 100, 40)]
    box = Box(0, 0, 300, 250)
    owners = np.stack([analysis.nearest(faces, number, box) for number in range(3)])
    np.testing.assert_array_equal(owners.sum(axis=0), 1)
    assert owners[0, 100, 100]
    assert owners[1, 135, 180]
    assert not owners[2].any()
