"""What the figures of garment creases count, on cloth whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("torch", reason="the evaluations need torch")

from training import folds
from training.evaluation import garments
from training.evaluation.garments import Wearer

SIZE = 400


def wearer() -> Wearer:
    """Woven grey cloth with a seam, below a band of skin; a soft fold runs down its left."""
    random = np.random.default_rng(3)
    x = np.arange(SIZE)
    fold = 1 - 0.25 * np.exp(-((x - 40) ** 2) / 128)
    rows = 0.5 * np.tile(fold, (SIZE, 1)) + random.normal(0, 0.01, (SIZE, SIZE))
    rows[:, 300:303] = 0.2
    cloth, folded = np.zeros((2, SIZE, SIZE), np.float32)
    cloth[60:], folded[60:, 20:60] = 1, 1
    image = np.rint(255 * rows[..., None] * np.ones(3)).clip(0, 255).astype(np.uint8)
    return Wearer("pd/somebody.npz", image, cloth, folded)


def test_the_square_shows_cloth_without_folds_of_its_own() -> None:
    rows, columns = wearer().square()
    assert rows.start >= 60 and columns.start >= 60


def test_who_does_nothing_keeps_everything_and_who_flattens_loses_the_folds() -> None:
    someone = wearer()
    assert garments.kept(someone, someone.image) == (1, 1, 1, 1, garments.CAP)
    flat = someone.image.copy()
    flat[60:, :100] = flat[60:, 100:200]  # a smooth part of the cloth
    soft, inside, edges, weave, elsewhere = garments.kept(someone, flat)
    assert soft < 0.3 and inside < 0.3
    assert edges == pytest.approx(1, abs=0.02) and weave == pytest.approx(1, abs=0.02)
    assert elsewhere == garments.CAP


def test_a_result_is_judged_inside_and_outside_of_what_was_drawn() -> None:
    cases = list(garments.drawn(wearer(), folds.bank(8, seed=1)))
    assert cases
    for case in cases:
        right = garments.score(case, case.truth)
        nothing = garments.score(case, case.image)
        assert (right.inside, right.outside) == (garments.CAP, garments.CAP)
        assert right.similarity == pytest.approx(1, abs=1e-4)
        assert nothing.inside < 42 < nothing.outside
        assert nothing.similarity < right.similarity


def test_clothes_that_reach_onto_the_skin_share_less_of_the_union() -> None:
    someone = wearer()
    assert garments.shared(someone, someone.cloth) == 1
    assert garments.shared(someone, np.ones_like(someone.cloth)) == pytest.approx(340 / 400)
