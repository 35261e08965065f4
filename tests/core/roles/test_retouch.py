"""Skin retouch works with the model that the user has chosen, and with its own when that is no good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from softlight.compositor import composite
from softlight.filters.retouch.filter import retouch
from softlight.filters.retouch.settings import RetouchSettings, Skin
from softlight.picture import Picture
from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks
from softlight_models.bundled import BundledModels
from tests.installed_models import runtime_with
from tests.published_networks import TINT, abpn

Ran = Callable[[str, str, str], None]
FACE = RetouchSettings(skin=Skin.FACES)
CHEEK, SKY = np.s_[250:270, 225:245], np.s_[20:80, 420:500]
"""In the portrait of Hopper."""


def by(runtime: Runtime, portrait: np.ndarray, settings: RetouchSettings = FACE) -> np.ndarray:
    photo = Picture(portrait.astype(np.float32))
    stack = retouch(photo, None, settings, runtime)
    assert stack.layers
    return composite(photo, stack).pixels


@pytest.mark.parametrize("strongest", [1.0, 0.5])
def test_the_chosen_model_retouches(tmp_path: Path, portrait: np.ndarray, strongest: float, ran: Ran) -> None:
    runtime = runtime_with(tmp_path, {"abpn-512": abpn()})
    off = dict.fromkeys(("blemishes", "evenness", "shine", "under_eye"), 0.0)
    settings = RetouchSettings(skin=Skin.FACES, **off | {"shine": strongest})
    finished = by(runtime, portrait, settings)
    assert runtime.notes == () and runtime.model("skin-retouch").files.id == "trial-abpn-512"
    layer = 0.25 + 0.5 * portrait + np.array(TINT)
    expected = portrait + strongest * (2 * layer - 1) * portrait * (1 - portrait)
    change, wanted = ((x - portrait)[CHEEK].mean(axis=(0, 1)) for x in (finished, expected))
    assert np.abs(wanted).max() > 0.02
    np.testing.assert_allclose(change, wanted, atol=0.005)
    np.testing.assert_array_equal(finished[SKY], portrait.astype(np.float32)[SKY])
    ran(
        "abpn-512",
        "generated",
        "chosen in the store, Skin retouch brings its layer to the photo's own pixels",
    )


def test_the_embedded_models_retouch(portrait: np.ndarray, ran: Ran) -> None:
    runtime = Runtime("cpu", models=BundledModels(), passed_checks=PassedChecks(None))
    finished = by(runtime, portrait)
    assert np.abs(finished - portrait)[CHEEK].max() > 0.01
    for role, contract in (("skin-retouch", "softlight-retouch"), ("blend-refinement", "blend-refinement")):
        assert runtime.model(role).files.id is None
        ran(contract, "real", "Softlight's own weights in Skin retouch on a portrait")


def test_a_chosen_file_that_was_changed_is_passed_over(tmp_path: Path, portrait: np.ndarray) -> None:
    runtime = runtime_with(tmp_path, {"abpn-512": abpn()})
    (path,) = (tmp_path / "models" / "trial-abpn-512").glob("*.onnx")
    path.write_bytes(path.read_bytes()[:-1])
    own = Runtime("cpu", models=BundledModels(), passed_checks=PassedChecks(None))
    np.testing.assert_array_equal(by(runtime, portrait), by(own, portrait))
    (note,) = runtime.notes
    assert str(path) in note and note.count("; ") == 1 and note.endswith(".")
