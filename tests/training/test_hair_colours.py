"""The strands that hair in another colour is compared by."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the evaluations' tables come with what runs on torch")

from training.evaluation.hair_colours import PEOPLE, strands


def test_strands_are_told_by_hair_alone() -> None:
    """What lies beside the hair, and how light all of it is, counts for nothing."""
    random = np.random.default_rng(4)
    hair = np.clip(90 + 12 * random.normal(size=(64, 64, 1)), 0, 255) * np.ones(3)
    sure = np.zeros((64, 64), bool)
    sure[:, :32] = True
    one, other = hair.astype(np.uint8), (hair + 60).astype(np.uint8)
    one[:, 32:], other[:, 32:] = 255, 0
    before, after = strands(one, sure, 100.0), strands(other, sure, 100.0)
    assert before.shape == (sure.sum(),) and abs(before.mean()) < 1
    assert np.corrcoef(before, after)[0, 1] > 0.98
    noise = random.integers(60, 120, one.shape, dtype=np.uint8)
    assert abs(np.corrcoef(before, strands(noise, sure, 100.0))[0, 1]) < 0.2


def test_nobody_is_measured_twice() -> None:
    assert len(set(PEOPLE)) == len(PEOPLE) == 24
