"""De-wrinkle fills by the model that the user has chosen, and by its own when that one is no good."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from softlight.compositor import composite
from softlight.filters.dewrinkle import DewrinkleSettings
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.filters.dewrinkle.settings import Target
from softlight.filters.dewrinkle.view import wrinkle_view
from softlight.filters.shared_parameters import LayerKind
from softlight.layers import LayerStack
from softlight.picture import Picture
from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks
from softlight_models.bundled import BundledModels
from softlight_models.store import Store
from tests.installed_models import install, places
from tests.published_networks import TINT, face_restorer, lama, migan, network

ROLE = "skin-inpainting"
Ran = Callable[[str, str, str], None]

EVERYTHING = DewrinkleSettings(
    target=Target.EVERYTHING, keep_texture=0.0, feather=0.0, face_size=90.0, layer=LayerKind.NORMAL
)
"""One octave, and the network's fill as it comes."""


@pytest.fixture(scope="module")
def picture(portrait: np.ndarray) -> Picture:
    return Picture(np.rint(portrait * 255).astype(np.uint8))


@pytest.fixture(scope="module")
def brush() -> np.ndarray:
    with (files("softlight") / "samples" / "hopper-mask.png").open("rb") as file:
        return np.asarray(Image.open(file).convert("L"))


def runtime_in(folder: Path) -> Runtime:
    return Runtime("cpu", store=Store(places(folder)), passed_checks=PassedChecks(None))


def same(one: LayerStack, other: LayerStack) -> bool:
    return len(one.layers) == len(other.layers) and all(
        np.array_equal(a.pixels, b.pixels) and np.array_equal(a.mask, b.mask)
        for a, b in zip(one.layers, other.layers, strict=True)
    )


@pytest.fixture(scope="module")
def embedded(picture: Picture, brush: np.ndarray) -> LayerStack:
    runtime = Runtime("cpu", models=BundledModels(), passed_checks=PassedChecks(None))
    return dewrinkle(picture, brush, EVERYTHING, runtime)


@pytest.mark.parametrize(
    ("contract", "content", "tint"),
    [("lama-512", lama(), TINT), ("lama-512-bgr", lama(), TINT[::-1]), ("migan-pipeline", migan(), TINT)],
    ids=["lama", "lama-opencv", "migan"],
)
def test_the_chosen_model_fills(
    tmp_path: Path, brush: np.ndarray, contract: str, content: bytes, tint: tuple[float, ...], ran: Ran
) -> None:
    install(tmp_path, contract, content)
    runtime = runtime_in(tmp_path)
    plain = np.array([120, 130, 110], np.uint8)  # In black and white a tint would not stay.
    picture = Picture(np.tile(plain, (*brush.shape, 1)))
    stack = dewrinkle(picture, brush, EVERYTHING, runtime)
    assert stack.notes == ()
    finished = composite(picture, stack).pixels
    expected = plain + 255 * np.array(tint)
    np.testing.assert_allclose(np.median(finished[brush == 255], axis=0), expected, atol=1)
    assert (finished[brush == 0] == plain).all()
    ran(contract, "generated", "chosen in the store, it fills what De-wrinkle erases")


def test_the_embedded_models_find_and_fill(picture: Picture, brush: np.ndarray, ran: Ran) -> None:
    runtime = Runtime("cpu", models=BundledModels(), passed_checks=PassedChecks(None))
    stack = dewrinkle(picture, brush, DewrinkleSettings(), runtime)
    assert stack.layers and stack.notes == ()
    for role in ("wrinkle-map", ROLE):
        assert runtime.model(role).files.id is None
        ran(role, "real", "Softlight's own weights in De-wrinkle on a portrait")


def test_a_wrinkle_map_of_ones_own_with_a_fixed_size(
    tmp_path: Path, picture: Picture, brush: np.ndarray
) -> None:
    """It calls everything a wrinkle, and looks at squares of 384 px."""
    content = network(
        "(float[1,3,384,384] image) => (float[1,2,384,384] map)",
        """
  whole = ReduceMax <axes = [1], keepdims = 1> (image)
  none = Sub (whole, whole)
  all = Add (none, one)
  map = Concat <axis = 1> (all, all)
""",
    )
    install(tmp_path, "wrinkle-map", content)
    settings = DewrinkleSettings(face_size=90.0, protect=False)
    view = wrinkle_view(picture, brush, settings, runtime_in(tmp_path))
    assert view[brush == 255].min() > 0.95


def test_each_job_asks_anew_what_is_to_be_used(
    tmp_path: Path, picture: Picture, brush: np.ndarray, embedded: LayerStack
) -> None:
    install(tmp_path, "lama-512", lama())
    runtime = runtime_in(tmp_path)
    before = runtime.fingerprint()
    first = dewrinkle(picture, brush, EVERYTHING, runtime)
    assert not same(first, embedded)
    other_process = Store(places(tmp_path))
    other_process.choose(ROLE, f"softlight-{ROLE}")
    assert runtime.fingerprint() != before
    assert same(dewrinkle(picture, brush, EVERYTHING, runtime), embedded)
    other_process.choose(ROLE, "trial-lama-512")
    assert runtime.fingerprint() == before
    assert same(dewrinkle(picture, brush, EVERYTHING, runtime), first)
    other_process.remove("trial-lama-512")
    assert same(dewrinkle(picture, brush, EVERYTHING, runtime), embedded)


def flip_last_bit(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [flip_last_bit, cut_in_half, Path.unlink])
def test_a_file_that_was_changed_is_not_used(
    tmp_path: Path, picture: Picture, brush: np.ndarray, embedded: LayerStack, harm: Callable[[Path], None]
) -> None:
    install(tmp_path, "lama-512", lama())
    runtime = runtime_in(tmp_path)
    assert not same(dewrinkle(picture, brush, EVERYTHING, runtime), embedded)
    (path,) = (tmp_path / "models" / "trial-lama-512").glob("*.onnx")
    released = path.read_bytes()
    harm(path)
    stack = dewrinkle(picture, brush, EVERYTHING, runtime)
    assert same(stack, embedded)
    (note,) = stack.notes
    assert str(path) in note and note.count("; ") == 1 and note.endswith(".")
    path.write_bytes(released)
    stack = dewrinkle(picture, brush, EVERYTHING, runtime)
    assert not same(stack, embedded) and stack.notes == ()


def test_a_file_of_another_network_is_not_used(
    tmp_path: Path, picture: Picture, brush: np.ndarray, embedded: LayerStack
) -> None:
    """A user's own entry may say what it likes of a file."""
    foreign = face_restorer(512, (0.4, 0.4))
    with pytest.raises(AssertionError, match="does not fit"):  # the helper's own check that it can be used
        install(tmp_path, "lama-512", foreign)
    stack = dewrinkle(picture, brush, EVERYTHING, runtime_in(tmp_path))
    assert same(stack, embedded)
    (note,) = stack.notes
    assert "does not fit its contract lama-512 (it takes input instead of image, mask)" in note
