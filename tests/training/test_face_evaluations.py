"""The figures of the cards of parsing and landmarks are counted right."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the evaluations need torch")

from softlight.alignment import applied
from training.evaluation import landmarks, parsing
from training.parsing_labels import CLASSES, UNKNOWN

HAIR = CLASSES.index("hair")


def test_overlap_is_pooled_over_faces_and_only_where_somebody_knows() -> None:
    """In one face 200 px in both of 500 in either, in the other one 400 of 400."""
    known, ours = (np.zeros((2, 40, 40), np.uint8) for _ in range(2))
    known[:, :10], ours[0, :5], ours[1, :10] = HAIR, HAIR, HAIR
    ours[0, 20:25] = HAIR  # where there is none: 200 px, but half of them may be
    known[0, 20:25, :20] = UNKNOWN
    said = parsing.overlap(list(zip(known, ours, strict=True)), list(known != UNKNOWN), HAIR)
    assert said == f"{600 / 900:.3f} ({(200 / 500 + 1) / 2:.3f}, n=2)"


def test_a_class_that_hardly_any_face_shows_has_no_figure() -> None:
    known = np.zeros((40, 40), np.uint8)
    known[0, : parsing.LEAST - 1] = HAIR
    assert parsing.overlap([(known, known)], [known != UNKNOWN], HAIR) == "–"


def test_a_spoiled_photo_shows_its_points_where_the_matrix_says() -> None:
    photo = np.zeros((90, 120, 3), np.float32)
    photo[28:33, 68:73] = 1
    names = []
    for name, worse, matrix in landmarks.spoiled(photo):
        names.append(name)
        x, y = applied(matrix, np.array([(70.0, 30.0)]))[0]
        light = worse.mean(axis=2) - np.median(worse)
        light[light < 0.3 * light.max()] = 0
        rows, columns = np.mgrid[: worse.shape[0], : worse.shape[1]]
        assert (columns * light).sum() / light.sum() == pytest.approx(x, abs=1), name
        assert (rows * light).sum() / light.sum() == pytest.approx(y, abs=1), name
    assert len(set(names)) == len(names) == 9
