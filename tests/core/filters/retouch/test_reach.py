"""Where Skin retouch works: near chosen faces or on them alone, and under a brush, less what must stay."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.errors import MaskError
from softlight.faces import analysis
from softlight.filters.pyramid import painted
from softlight.filters.pyramid.cells import Faces, parsed
from softlight.filters.pyramid.place import Place
from softlight.filters.retouch.reach import of_face, under_brush
from softlight.picture import Picture
from softlight.progress import silent
from softlight.runtime import Runtime

EYE, NECK = np.s_[193:202, 222:234], np.s_[350:380, 255:285]
CHEEK, CAP = np.s_[250:270, 225:245], np.s_[60:90, 240:290]
"""In the portrait of Hopper, whose eyes are 84 px apart."""


def seen(picture: Picture, runtime: Runtime) -> Faces:
    return parsed(picture, analysis.find(picture, runtime), runtime)


def plane(place: Place | None, picture: Picture) -> np.ndarray:
    """The reach in the picture's pixels; its cells are pixels here."""
    assert place is not None and place.cells.side == 1
    whole = np.zeros((picture.height, picture.width), np.float32)
    whole[place.box.slices] = place.reach
    return whole


def test_all_skin_near_a_face_may_change_and_what_must_stay_may_not(
    portrait: np.ndarray, runtime: Runtime
) -> None:
    picture = Picture(portrait)
    faces = seen(picture, runtime)
    near = plane(of_face(picture, faces, 0, "x", only_face=False, protect=True), picture)
    assert near[CHEEK].min() > 0.9 and near[NECK].min() > 0.9 and not near[EYE].any()
    bare = plane(of_face(picture, faces, 0, "x", only_face=False, protect=False), picture)
    assert bare[EYE].min() == pytest.approx(1) and (bare >= near).all()
    face = plane(of_face(picture, faces, 0, "x", only_face=True, protect=True), picture)
    assert face[CHEEK].min() > 0.9
    for beside in (NECK, EYE, CAP):
        assert face[beside].max() < 0.05


def test_what_is_near_reaches_the_shoulders(portrait: np.ndarray, runtime: Runtime) -> None:
    # In black and white, where all of it has the colour of skin.
    grey = portrait.mean(axis=2, keepdims=True).round().astype(np.uint8)
    picture = Picture(np.pad(grey, ((0, 0), (300, 300), (0, 0)), mode="edge"))
    faces = seen(picture, runtime)
    (face,) = faces.faces
    near = plane(of_face(picture, faces, 0, "x", only_face=False, protect=False), picture)
    x, y = face.points.mean(axis=0)
    unit = face.interocular
    row = near[round(y + unit)]
    assert row[round(x - 3.4 * unit)] == row[round(x + 3.4 * unit)] == 1
    assert row[round(x - 3.9 * unit)] == row[round(x + 3.9 * unit)] == 0
    assert near[round(y + 4.4 * unit), round(x)] == 1


def test_beyond_the_parsing_the_colour_of_the_face_counts(portrait: np.ndarray, runtime: Runtime) -> None:
    wide = np.pad(portrait, ((0, 0), (300, 300), (0, 0)))
    wide[:, :300], wide[:, -300:] = portrait[CHEEK].mean(axis=(0, 1)), (180, 190, 200)
    picture = Picture(wide)
    near = plane(of_face(picture, seen(picture, runtime), 0, "x", only_face=False, protect=True), picture)
    bare, wall = near[300:340, 285:297], near[300:340, -297:-285]
    assert bare.min() > 0.9 and wall.max() == 0


def test_background_cloth_and_hat_are_out_of_reach(portrait: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(portrait)
    near = plane(of_face(picture, seen(picture, runtime), 0, "x", only_face=False, protect=True), picture)
    assert near[CAP].max() < 0.1 and near[100:140, 420:450].max() < 0.1 and near[CHEEK].min() > 0.9


def test_faces_cheek_to_cheek_share_no_pixel(portrait: np.ndarray, runtime: Runtime) -> None:
    picture = Picture(np.concatenate([portrait[:, 120:362], portrait[:, 170:400]], axis=1))
    faces = seen(picture, runtime)
    assert len(faces.faces) == 2
    planes = [
        plane(of_face(picture, faces, number, "x", only_face=False, protect=True), picture)
        for number in (0, 1)
    ]
    assert all(one.max() == pytest.approx(1) for one in planes)
    assert not ((planes[0] > 0) & (planes[1] > 0)).any()


def test_a_brush_counts_less_what_must_stay(portrait: np.ndarray, runtime: Runtime) -> None:
    picture, mask = Picture(portrait), np.zeros(portrait.shape[:2], np.uint8)
    mask[EYE] = mask[CHEEK] = 255

    def place(mask: np.ndarray, protect: bool) -> Place:
        what = painted.look(picture, mask, 84.0, 0.0, "the skin", runtime, silent)
        return under_brush(what, "Skin retouch", runtime, protect=protect)

    found = place(mask, True)
    left, top = found.origin
    assert found.brush is not None and found.brush.shape == found.reach.shape
    may = np.zeros_like(mask, bool)
    rows, columns = found.box.slices
    may[rows.start + top : rows.stop + top, columns.start + left : columns.stop + left] = (
        found.brush > 0
    ) & (found.reach > 0)
    assert not may[EYE].any() and may[CHEEK].all() and not may[mask == 0].any()
    in_eye = np.zeros_like(mask)
    in_eye[195:200, 225:231] = 255
    assert place(in_eye, False).reach.all()
    with pytest.raises(MaskError, match="^Only eyes, brows, lips, hair or glasses are under the mask; "):
        place(in_eye, True)
