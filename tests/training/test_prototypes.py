"""The recipe of the prototypes, on faces of which is known how they differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")

from tests.training.faces import mean_mesh
from training import prototypes as recipe


def write(folder: Path, count: int = 24) -> None:
    """Faces whose corners of the mouth are up at random, and whose skin is darker with age."""
    random = np.random.default_rng(3)
    folder.mkdir(parents=True)
    along = np.arange(recipe.SIDE)
    oval = np.hypot((along - 180) / 100, (along[:, None] - 190) / 140) < 1
    for number in range(count):
        mesh = mean_mesh()[:468].astype(np.float32)
        mesh += random.normal(0, 0.002, mesh.shape).astype(np.float32)
        smile, age = random.random(), int(random.integers(30, 80))
        mesh[[61, 291], 1] -= 0.1 * smile
        mesh[[61, 291], 0] += 0.08 * smile * np.float32([-1, 1])
        texture = np.full((recipe.SIDE, recipe.SIDE, 3), 160, np.uint8)
        # Skin between the brows and the lips, left of the nose and right of it, by age.
        texture[150:220, 110:250] = 160 - age
        np.savez(
            folder / f"person-{number}.npz",
            mesh=mesh,
            depth=random.normal(0, 0.02, 468).astype(np.float32),
            texture=texture,
            face=(255 * oval).astype(np.uint8),
            age=np.array(age),
            male=np.array(number % 2),
        )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[np.ndarray, ...]]:
    labels = tmp_path_factory.mktemp("labels")
    write(labels / "pd")
    return dict(recipe.prototypes(recipe.load(labels, held_out=False)))


def test_it_finds_how_mouths_move(found: dict[str, tuple[np.ndarray, ...]]) -> None:
    shape = found["smile"][0]
    assert shape[61, 1] < -0.03 and shape[61, 0] < -0.02
    others = np.setdiff1d(np.arange(468), (61, 291))
    assert np.abs(shape[others]).max() < 0.3 * abs(shape[61, 1])


def test_it_finds_what_age_does_to_skin(found: dict[str, tuple[np.ndarray, ...]]) -> None:
    tone = found["age"][1]
    scale = recipe.KEPT / recipe.SIDE
    inside, beside = (
        tone[round(185 * scale), round(180 * scale)],
        tone[round(260 * scale), round(180 * scale)],
    )
    assert (inside < beside - 0.1).all()
    assert np.ptp(inside) < 1e-3, "no colour"


def test_what_fewer_faces_show_than_are_asked_for_counts_nothing() -> None:
    known = np.full((recipe.KEPT, recipe.KEPT, 1), recipe.ENOUGH + 1, np.float32)
    known[:, :40] = recipe.ENOUGH - 1
    fade = recipe.fading(known)
    assert fade[100, -1] == 1 and not fade[100, :30].any()
    assert not fade[0].any(), "the top of the mesh"


def test_a_blur_keeps_what_is_even() -> None:
    planes = np.full((2, 20, 30, 3), 0.3, np.float32)
    np.testing.assert_allclose(recipe.blurred(planes, 2.0), planes, atol=1e-6)
    step = np.zeros((40, 40, 1), np.float32)
    step[:, 20:] = 1
    soft = recipe.blurred(step, 3.0)[20, :, 0]
    assert (np.diff(soft) >= 0).all() and soft[19] == pytest.approx(1 - soft[20], abs=1e-6)


def test_tone_stays_modest() -> None:
    strong = np.zeros((4, 4, 3), np.float32)
    strong[..., 0] = 3
    tone = recipe.modest(strong)
    assert abs(tone.mean()) <= recipe.LIGHT and np.ptp(tone[0, 0]) <= 2 * recipe.COLOUR + 1e-6
    small = np.full((4, 4, 3), 0.01, np.float32)
    np.testing.assert_allclose(recipe.modest(small), small, rtol=1e-2)


def test_skin_gets_less_colour_than_lips() -> None:
    mean = np.load(recipe.MEAN).astype(np.float32)
    tone = np.zeros((recipe.KEPT, recipe.KEPT, 3), np.float32) + np.float32((0.05, 0.0, -0.05))
    pale = recipe.paler(tone, mean)
    down, across = ((mean[13][::-1] - recipe.CORNER[::-1]) / recipe.EXTENT * recipe.KEPT).astype(int)
    np.testing.assert_allclose(pale[down, across], tone[0, 0], rtol=1e-5)
    np.testing.assert_allclose(pale[0, 0], recipe.PALE * tone[0, 0], rtol=1e-5)


def test_without_labels_it_says_how_they_are_made(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"make them with training\.label_prototypes"):
        recipe.load(tmp_path, held_out=False)
