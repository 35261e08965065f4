"""Moves of faces: nothing without a change, in each face's own proportions, and never a fold."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from softlight.alignment import Box, applied, inverted
from softlight.faces.mesh import mean_mesh
from softlight.faces.prototypes import prototypes
from softlight.filters.edit.reshaping import SIDE, move_of, resampled, shown, square_around, transferred

FREE = np.ones((SIDE, SIDE, 1), np.float32)


def face(scale: float = 120.0, degrees: float = 0.0) -> np.ndarray:
    """The mean face somewhere in a photo."""
    angle = np.radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return mean_mesh() @ turn.T + (300.0, 260.0)


@given(st.floats(20, 2000), st.floats(-180, 180))
@settings(max_examples=25, deadline=None)
def test_a_change_is_as_large_and_turned_as_the_face(scale: float, degrees: float) -> None:
    shape = prototypes()["smile"].shape
    turned = face(scale, degrees) - (300.0, 260.0)
    there = transferred(turned, shape)
    expected = face(scale, degrees) - (300.0, 260.0)
    expected = (mean_mesh() + shape) @ np.linalg.lstsq(mean_mesh(), turned, rcond=None)[0] - expected
    np.testing.assert_allclose(there, expected, atol=1e-6 * scale)


def test_of_a_face_turned_away_less_moves_across() -> None:
    narrow = mean_mesh() * (0.6, 1.0)
    shape = np.tile((0.05, 0.05), (468, 1))
    np.testing.assert_allclose(transferred(narrow, shape), shape * (0.6, 1.0), atol=1e-9)


def test_no_change_moves_nothing() -> None:
    mesh = face()
    move = move_of(mesh, np.zeros((468, 2)), FREE, square_around(mesh))
    assert np.abs(move.back).max() < 1e-9
    assert move.reach < 1e-9
    np.testing.assert_allclose(move.mesh, mesh, atol=1e-9)
    assert not shown(move.source(Box(200, 200, 300, 300))).any()


def test_the_square_holds_the_face_where_the_prototypes_say() -> None:
    """The middle of the eyes, (0, 0) of the mean mesh, lies 1.8 and 1.4 of 3.6 from the corner."""
    found = applied(square_around(face(75.0, 20.0)), [(300.0, 260.0)])[0]
    np.testing.assert_allclose(found, (SIDE / 2 - 0.5, SIDE * 1.4 / 3.6 - 0.5), atol=1e-6)


def test_points_go_where_the_change_sends_them() -> None:
    """What the field brings to where a point shall be is what was at the point: to .006 eye distances."""
    mesh = face(100.0)
    shape = prototypes()["smile"].shape
    matrix = square_around(mesh)
    move = move_of(mesh, shape, FREE, matrix)
    wanted = mesh + 100.0 * shape
    box = Box(140, 120, 460, 440)
    source = move.source(box)
    for point in (61, 291, 50, 280, 205, 425, 17, 0):
        x, y = wanted[point]
        back = source[round(y) - box.top, round(x) - box.left]
        missed = wanted[point] + back - mesh[point]
        assert np.hypot(*missed) < 0.6, point
    np.testing.assert_allclose(move.mesh, wanted, atol=1e-6)


def test_what_is_not_free_stays() -> None:
    mesh = face()
    free = FREE.copy()
    free[:, : SIDE // 2] = 0
    move = move_of(mesh, prototypes()["smile"].shape, free, square_around(mesh))
    assert not move.back[:, : SIDE // 2].any() and np.abs(move.back[:, SIDE // 2 :]).max() > 1
    assert np.linalg.norm(move.mesh[61] - mesh[61]) < 1e-6 < np.linalg.norm(move.mesh[291] - mesh[291])


@given(st.floats(-6, 6), st.sampled_from(["smile", "smile-closed", "brows", "eyes", "masculine"]))
@settings(max_examples=25, deadline=None)
def test_skin_never_folds(amount: float, name: str) -> None:
    """However far a slider were pushed, each px of the result comes from farther right and down."""
    mesh = face()
    move = move_of(mesh, amount * prototypes()[name].shape, FREE, square_around(mesh))
    x = move.back[..., 0] + np.arange(SIDE)
    y = move.back[..., 1] + np.arange(SIDE)[:, None]
    area = np.gradient(x, axis=1) * np.gradient(y, axis=0) - np.gradient(x, axis=0) * np.gradient(y, axis=1)
    assert area.min() > 0


def test_a_move_by_whole_pixels_is_exact() -> None:
    random = np.random.default_rng(4)
    around, box = Box(10, 20, 60, 70), Box(20, 30, 50, 60)
    pixels = random.random((50, 50, 3), np.float32)
    source = np.full((30, 30, 2), (3.0, -2.0), np.float32)
    np.testing.assert_allclose(resampled(pixels, source, box, around), pixels[8:38, 13:43], atol=1e-6)


def test_the_way_back_is_in_the_photos_pixels() -> None:
    """A face twice as large moves twice as far."""
    shape = prototypes()["smile"].shape
    reach = []
    for scale in (60.0, 120.0):
        mesh = face(scale, 30.0)
        reach.append(move_of(mesh, shape, FREE, square_around(mesh)).reach)
    np.testing.assert_allclose(reach[1], 2 * reach[0], rtol=1e-3)
    assert inverted(square_around(face())).shape == (2, 3)
