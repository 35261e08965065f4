"""What Skin retouch's recipe shows its networks: what is left of a patch after its changes is right."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the recipes need torch")

import numpy as np
import torch

from training import skin_retouch
from training.abpn import blend_layer, blended
from training.blemishes import COMPONENTS
from training.blend_refinement import step
from training.skin_retouch import Labelled, Patches


def portrait(step_levels: int = 4) -> Labelled:
    """Skin of one tone with a darker square, which the retoucher lifts by some levels; above it, none."""
    image = np.full((320, 300, 3), (180, 140, 120), np.uint8)
    image[200:220, 100:120] -= step_levels
    skin = np.full((320, 300), 255, np.uint8)
    skin[:80] = 0
    changes = np.zeros((len(COMPONENTS), 320, 300, 3), np.int8)
    changes[0, 200:220, 100:120] = step_levels
    return Labelled("pd/nobody.npz", image, skin, np.zeros_like(skin), changes)


def test_a_patch_and_its_changes_make_clean_skin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was drawn, and whatever the light: what is left is as even as the portrait without it."""
    patches = Patches([portrait()], seed=5)
    monkeypatch.setattr(patches, "_degraded", lambda image: image)
    for _ in range(6):
        image, skin, changes = patches.batch(2)
        after = image + changes.sum(1)
        for picture, where in zip(after, skin[:, 0], strict=True):
            tones = picture[:, where > 0.99]
            if tones.shape[1]:
                assert (tones.amax(1) - tones.amin(1)).max() < 2.5 / 255
        assert (changes.abs().amax((1, 2)) * (skin[:, 0] == 0)).max() == 0


def test_each_source_can_be_left_out() -> None:
    lifted = Patches([portrait()], seed=5, drawn=False).batch(8)[2]
    assert lifted[:, 0].abs().max() > 0
    assert lifted[:, 1:].abs().max() == 0
    drawn = Patches([portrait()], seed=5, reference=False).batch(8)[2]
    assert drawn[:, 1:].abs().max() > 0


def test_light_keeps_the_order_of_tones_and_grey_has_no_colour() -> None:
    random = np.random.default_rng(2)
    image = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 256, 3)
    for _ in range(20):
        light = skin_retouch.light_curves(random)
        assert (np.diff(light, axis=0) >= 0).all()
        assert light.min() >= 0
        assert light.max() <= 1
        grey = skin_retouch.lit(image[..., ::-1], light, grey=True)
        assert np.ptp(grey, axis=-1).max() == 0


def test_the_pyramids_step_is_right_where_nothing_is_finer_than_the_level_below() -> None:
    image = torch.full((1, 3, 32, 32), 0.6)
    changes = torch.full((1, 3, 32, 32), 0.05)
    coarse, wanted = step(image, changes, 0.0)
    torch.testing.assert_close(coarse, blend_layer(image, changes)[..., ::2, ::2])
    enlarged = torch.nn.functional.interpolate(coarse, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(blended(image, enlarged), wanted)
    torch.testing.assert_close(wanted, image + changes)


def test_people_are_on_one_side_only(tmp_path: Path) -> None:
    names = [f"pd/person-{number}.npz" for number in range(30)]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        face = portrait()
        np.savez(path, image=face.image[:8, :8], skin=face.skin[:8, :8], under_eye=face.under_eye[:8, :8],
                 changes=face.changes[:, :8, :8])  # fmt: skip
    sides = [{face.name for face in skin_retouch.load(tmp_path, held_out)} for held_out in (False, True)]
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] == set(names)
    assert all(sides)
