"""What the retouched labels hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need torch")
pytest.importorskip("cv2")

from tests.training.skin import RED, blob, face, stained
from training import label_retouch, reference_retoucher


def test_a_file_says_what_the_retoucher_did_and_is_not_made_again(tmp_path: Path) -> None:
    plain = face()
    image = np.rint(stained(plain.image, blob(280, 110, 5), RED) * 255).astype(np.uint8)
    byte = lambda m: np.rint(m * 255).astype(np.uint8)  # noqa: E731
    labels = tmp_path / "labels" / "cc0"
    labels.mkdir(parents=True)
    np.savez(
        labels / "somebody.npz", image=image, skin=byte(plain.skin), features=byte(plain.features),
        hair=byte(plain.hair), clothes=byte(plain.hair), mesh=plain.mesh, native=np.float32(180),
    )  # fmt: skip
    for _ in range(2):
        label_retouch.write("cc0/somebody.npz", tmp_path / "labels", tmp_path / "out", frozenset())
    (written,) = (p for p in (tmp_path / "out").rglob("*") if p.is_file())
    with np.load(written, allow_pickle=False) as data:
        assert data["changes"].dtype == np.int8
        np.testing.assert_array_equal(data["image"], image)
        expected = reference_retoucher.changes(
            image.astype(np.float32) / 255, plain.skin, plain.features, plain.mesh, plain.hair
        )
        assert np.abs(data["changes"] / 255.0 - expected).max() <= 0.5 / 255 + 1e-6
        assert data["changes"][0, 280, 110].any()
        assert data["skin"][280, 110] == 255
        assert data["skin"][plain.features == 1].max() == 0
        assert data["under_eye"].max() > 200


def test_frames_and_lenses_are_no_skin() -> None:
    plain = face()
    image = np.rint(plain.image * 255).astype(np.uint8)
    image[258:264, 60:400] = 20  # the lower rims
    left = label_retouch.without_glasses(image, plain.skin, plain.mesh)
    assert left[261, 100] < 0.05
    assert left[225, 130] < 0.05
    np.testing.assert_array_equal(left[330:], plain.skin[330:])
