"""What each octave of De-wrinkle works on."""

import numpy as np

from softlight.filters.dewrinkle.octave import Networks
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
    _, change = retouch(photo, brush, WANTED, (0.25, 1.0), Target.WRINKLES, 1.0, networks)
    assert not change.any()
    coarse = len(starts(1292 // 4)) * len(starts(1212 // 4))
    fine = len(starts(908)) * len(starts(828))
    assert len(calls) == coarse + fine
