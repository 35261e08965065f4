"""Thumbnails show the face, at the side that was asked for, in the colours of an ordinary screen."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.encoding import from_unit, perceptual_to_linear
from softlight.faces.thumbnails import thumbnail
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.roles.face_detection import Face

SIDE = 96


def scene(width: int = 400, height: int = 300) -> np.ndarray:
    """A ramp in red and green that says where in the picture each pixel lies."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return np.stack([x, y, np.full_like(x, 0.5)], axis=-1).astype(np.float32)


def face(left: float, top: float, right: float, bottom: float) -> Face:
    return Face((left, top, right, bottom), 0.9, np.zeros((5, 2)))


def shown(picture: Picture, box: Face) -> np.ndarray:
    small = thumbnail(picture, box, SIDE)
    assert small.shape == (SIDE, SIDE, 3) and small.dtype == np.uint8
    return small.astype(float) / 255


def test_the_face_is_in_the_middle_of_it() -> None:
    small = shown(Picture(scene()), face(100, 120, 140, 180))
    # Around (120, 150), one and a half times 60 px.
    assert np.allclose(small.mean(axis=(0, 1))[:2], (120 / 400, 150 / 300), atol=0.01)
    assert np.allclose(small[48, 0, 0], 75 / 400, atol=0.01)
    assert np.allclose(small[0, 48, 1], 105 / 300, atol=0.01)


@pytest.mark.parametrize("box", [(-30, -20, 30, 40), (380, 250, 440, 340), (395, 295, 396, 296)])
def test_at_the_frame_it_shows_what_there_is(box: tuple[float, float, float, float]) -> None:
    small = shown(Picture(scene()), face(*box))
    assert np.allclose(small[..., 2], 0.5, atol=0.01)
    corner = (0, 0) if box[0] < 0 else (-1, -1)
    assert np.allclose(small[corner][:2], (0, 0) if box[0] < 0 else (1, 1), atol=0.03)


def test_a_face_larger_than_the_picture_has_a_margin() -> None:
    small = shown(Picture(scene(400, 100)), face(-20, -20, 420, 120))
    assert np.allclose(small[0], 0.75, atol=0.01) and np.allclose(small[-1], 0.75, atol=0.01)
    assert np.allclose(small[48, 48], (0.5, 0.5, 0.5), atol=0.08)


def test_a_tiny_face_is_enlarged() -> None:
    small = shown(Picture(scene()), face(200, 150, 204, 154))
    assert np.allclose(small.mean(axis=(0, 1))[:2], (202 / 400, 152 / 300), atol=0.02)


@pytest.mark.parametrize(
    ("dtype", "transfer"),
    [
        *((dtype, Transfer.PERCEPTUAL) for dtype in (np.uint8, np.uint16, np.float16, np.float32)),
        # 8 bits are too few for the shadows of linear light.
        *((dtype, Transfer.LINEAR) for dtype in (np.uint16, np.float16, np.float32)),
    ],
)
def test_every_encoding_looks_the_same(dtype: type, transfer: Transfer) -> None:
    values = perceptual_to_linear(scene()) if transfer is Transfer.LINEAR else scene()
    alpha = np.ones((*values.shape[:2], 1), np.float32)
    stored = from_unit(np.concatenate([values, alpha], axis=2), dtype)
    box = face(100, 120, 140, 180)
    small = shown(Picture(stored, ColourEncoding(transfer)), box)
    assert np.abs(small - shown(Picture(scene()), box)).max() < 0.02


def test_a_grey_picture_is_shown_in_grey() -> None:
    small = shown(Picture(scene()[..., :1]), face(100, 120, 140, 180))
    assert (small == small[..., :1]).all()
