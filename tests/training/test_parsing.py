"""Labels for the parsing: what borders on what, and what is drawn in both picture and classes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="the recipes need torch")
pytest.importorskip("cv2")

import torch

from softlight.roles import parsing as role
from tests.training.faces import mean_mesh
from training import parsing
from training.label_parsing import attached
from training.parsing_labels import CLASSES, EYES, INTEROCULAR, SIDE, UNKNOWN

NOSE = np.array([SIDE / 2, EYES + 44], np.float32)


def face_and_flag() -> np.ndarray:
    """Classes: a nose on skin, hair above it, and skin-coloured stripes far away."""
    classes = np.zeros((SIDE, SIDE), np.uint8)
    classes[120:330, 160:320] = CLASSES.index("skin")
    classes[80:120, 150:330] = CLASSES.index("hair")
    classes[200:260, 220:260] = CLASSES.index("nose")
    classes[100:400, 20:60] = CLASSES.index("skin")
    return classes


def test_classes_are_those_of_the_role() -> None:
    assert CLASSES == role.CLASSES


def test_skin_that_hangs_together_with_no_face_is_forgotten() -> None:
    before = face_and_flag()
    after = attached(before, NOSE)
    assert (after[100:400, 20:60] == UNKNOWN).all()
    kept = np.ones_like(before, bool)
    kept[100:400, 20:60] = False
    np.testing.assert_array_equal(after[kept], before[kept])


def test_skin_around_real_glasses_is_not_known() -> None:
    mesh = np.zeros((478, 2), np.float32)
    mesh[[105, 334]], mesh[4] = (240, 180), NOSE
    classes = parsing.without_frames(face_and_flag(), mesh)
    assert (classes[200, 165:320] == UNKNOWN).all()
    assert (classes[150, 165:320] == CLASSES.index("skin")).all()


@pytest.mark.parametrize("seed", range(12))
def test_what_is_drawn_is_drawn_in_both(seed: int) -> None:
    """A pixel that changes its class changes its colour, and the other way round."""
    mesh = (SIDE / 2, EYES) + INTEROCULAR * mean_mesh()
    image = Image.new("RGB", (SIDE, SIDE), (250, 200, 255))
    classes = Image.new("L", (SIDE, SIDE), CLASSES.index("skin"))
    parsing.dress(image, classes, mesh.astype(np.float32), np.random.default_rng(seed))
    recoloured = (np.asarray(image) != (250, 200, 255)).any(axis=2)
    renamed = np.asarray(classes) != CLASSES.index("skin")
    assert renamed.any()
    np.testing.assert_array_equal(recoloured, renamed)


def test_the_network_gives_shares_for_any_number_of_squares() -> None:
    network = parsing.Parsing().eval()
    with torch.no_grad():
        shares = network(torch.rand(2, 3, parsing.NETWORK_SIDE, parsing.NETWORK_SIDE))
    assert shares.shape == (2, len(CLASSES), parsing.NETWORK_SIDE, parsing.NETWORK_SIDE)
    assert torch.allclose(shares.sum(1), torch.ones(()), atol=1e-5)


def halves() -> tuple[torch.Tensor, torch.Tensor]:
    """Return a square, left skin and right hair, and its perfect shares."""
    classes = torch.full((1, 8, 8), CLASSES.index("skin"))
    classes[..., 4:] = CLASSES.index("hair")
    return classes, torch.nn.functional.one_hot(classes, len(CLASSES)).permute(0, 3, 1, 2).float()


def test_perfect_shares_miss_no_overlap() -> None:
    classes, shares = halves()
    assert float(parsing.missed_overlap(shares, classes)) == pytest.approx(0, abs=1e-6)


def test_swapped_classes_miss_all_overlap() -> None:
    classes, shares = halves()
    assert float(parsing.missed_overlap(shares.flip(3), classes)) == pytest.approx(1, abs=1e-6)


def test_a_small_class_counts_as_much_as_a_large_one() -> None:
    """Two pixels of lips that are taken for skin: a 32nd of the pixels, a third of the overlap of three."""
    classes, shares = halves()
    classes[0, 4, 1:3] = CLASSES.index("lips")
    assert float(parsing.missed_overlap(shares, classes)) == pytest.approx(1 / 3, abs=0.02)


def test_what_is_unknown_misses_nothing() -> None:
    """Whatever is said there; also a class that is nowhere else."""
    classes, shares = halves()
    classes[:, :2] = UNKNOWN
    shares[:, :, :2] = torch.rand(1, len(CLASSES), 2, 8)
    assert float(parsing.missed_overlap(shares, classes)) == pytest.approx(0, abs=1e-6)
    classes[..., 4:] = UNKNOWN
    assert float(parsing.missed_overlap(shares, classes)) == pytest.approx(0, abs=1e-6)
