"""What each octave of De-wrinkle works on."""

import numpy as np

from softlight.filters.dewrinkle.octave import BEYOND, Networks
from softlight.filters.dewrinkle.retouch import retouch, seen_at
from softlight.filters.dewrinkle.settings import Target
from softlight.tiles import run_tiled, starts

WANTED = (400, 420, 1100, 1200)
SHAPE = (1600, 1500)


def test_an_octave_sees_its_own_context_only() -> None:
    assert seen_at(1.0, WANTED, SHAPE) == np.s_[356:1264, 336:1164]
    assert seen_at(0.25, WANTED, SHAPE) == np.s_[164:1456, 144:1356]
    assert seen_at(0.125, WANTED, SHAPE) == np.s_[0:1600, 0:1500]


def test_a_fine_octave_runs_no_tile_for_a_coarse_octaves_context() -> None:
    calls = []

    def tile(image: np.ndarray) -> np.ndarray:
        calls.append(image)
        return np.zeros((1, 2, *image.shape[2:]), np.float32)

    networks = Networks(lambda image, needed: run_tiled(tile, needed, 2, image), lambda image, hole: image)
    photo = np.full((*SHAPE, 3), 0.5, np.float32)
    brush = np.ones(SHAPE, np.float32)
    _, change = retouch(photo, brush, None, WANTED, (0.25, 1.0), Target.WRINKLES, 1.0, networks)
    assert not change.any()
    coarse = len(starts(1292 // 4)) * len(starts(1212 // 4))
    fine = len(starts(908)) * len(starts(828))
    assert len(calls) == coarse + fine


def test_no_fill_touches_a_collar() -> None:
    """A collar beside a wrinkled neck: what would be filled with its colour stays out of the hole."""
    shape = (200, 300)
    holes = []

    def fill(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
        holes.append(hole)
        return np.ones_like(image)

    networks = Networks(lambda image, needed: np.ones((*shape, 2), np.float32), fill)
    photo, brush = np.full((*shape, 3), 0.5, np.float32), np.zeros(shape, np.float32)
    brush[50:150, 50:148] = 1
    fillable = np.ones(shape, np.float32)
    fillable[:, 150:] = 0
    for free, last in ((None, 147 + BEYOND), (fillable, 149)):
        retouch(photo, brush, free, (0, 0, 300, 200), (1.0,), Target.WRINKLES, 1.0, networks)
        assert np.flatnonzero(holes.pop().any(axis=0))[-1] == last


def test_black_and_white_stays_black_and_white() -> None:
    shape = (100, 120)
    networks = Networks(
        lambda image, needed: np.ones((*shape, 2), np.float32),
        lambda image, hole: np.broadcast_to(np.float32([0.4, 0.5, 0.9]), image.shape),
    )
    brush = np.ones(shape, np.float32)
    for tint, alike in ((0.0, True), (0.1, False)):
        photo = np.full((*shape, 3), 0.5, np.float32) + np.float32([0, 0, tint])
        _, change = retouch(photo, brush, None, (0, 0, 120, 100), (1.0,), Target.WRINKLES, 0.0, networks)
        assert change[50, 60].max() > 0.05
        assert (float(np.ptp(change, axis=-1).max()) == 0) is alike
