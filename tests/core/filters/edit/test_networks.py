"""Edit attributes by installed networks: the road from a user's store to layers, on generated networks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from softlight.compositor import composite
from softlight.errors import Cancelled, ModelError
from softlight.faces import analysis
from softlight.faces.mesh import mesh_of
from softlight.filters.edit.filter import FILTER, edit
from softlight.filters.edit.settings import EditSettings, Method
from softlight.picture import Picture, Transfer
from softlight.runtime import Runtime, Session
from tests.core.filters.conftest import PIXEL_TYPES, SAMPLES, changed, opened, stored
from tests.core.filters.on_its_area import compare_on_area
from tests.installed_models import runtime_with
from tests.published_faces import fran, styleganex_age
from tests.published_motion import moving

SMILE = EditSettings(smile=1.0, method=Method.NETWORKS)
AGE = EditSettings(age=10.0, method=Method.NETWORKS)
BOTH = replace(SMILE, age=10.0, brows=0.5, eyes=0.5)
CHEEK, WALL, COAT = np.s_[255:270, 225:245], np.s_[:60, :60], np.s_[520:590, 20:120]
"""In the portrait of Hopper, whose eyes are 82 px apart."""


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    return runtime_with(tmp_path_factory.mktemp("networks"), {"fran-1024": fran(), "live-portrait": moving()})


def brush(shape: tuple[int, ...]) -> np.ndarray:
    """Over the mouth."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.ellipse(mask, (257, 290), (50, 35), 0, 0, 360, 255, -1)
    return mask


def raised(image: np.ndarray, runtime: Runtime) -> float:
    """How far the corners of the mouth are above its middle, in distances between the eyes."""
    (face,) = analysis.find(Picture(image), runtime)
    mesh = mesh_of(face.landmarks)
    middle = (mesh[0] + mesh[17]) / 2
    return float(middle[1] - (mesh[61, 1] + mesh[291, 1]) / 2) / face.interocular


def test_at_zero_no_network_is_asked_for(portrait: np.ndarray, runtime: Runtime) -> None:
    """Nothing is installed for the roles: what stays at zero does not miss it."""
    stack = edit(Picture(portrait), None, EditSettings(method=Method.NETWORKS), runtime)
    assert not stack.layers and stack.notes[-1] == "All sliders are at zero, so nothing was changed."
    stack = edit(Picture(portrait), None, EditSettings(gender=0.5, method=Method.NETWORKS), runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Gender"]


@pytest.mark.parametrize(("settings", "role"), [(AGE, "age"), (SMILE, "expression")])
def test_without_a_model_one_sentence_says_so(
    portrait: np.ndarray, runtime: Runtime, settings: EditSettings, role: str
) -> None:
    with pytest.raises(ModelError, match=f"^No model for {role} is installed; `softlight models list` shows"):
        edit(Picture(portrait), None, settings, runtime)


@pytest.mark.parametrize("export", ["facefusion", "visomaster"])
def test_the_corners_of_the_mouth_go_where_they_are_painted(
    portrait: np.ndarray, tmp_path: Path, export: str
) -> None:
    """As the landmarks see it: from end to end by .069 distances between the eyes in what is painted."""
    contract = {"facefusion": "live-portrait", "visomaster": "live-portrait-bins"}[export]
    runtime = runtime_with(tmp_path, {contract: moving(export)})
    found = []
    for smile in (-1.0, -0.5, 0.0, 0.5, 1.0):
        stack = edit(Picture(portrait), None, replace(SMILE, smile=smile), runtime)
        assert [one.name for one in stack.layers] == ["Edit attributes: Expression"] * bool(smile)
        found.append(raised(composite(Picture(portrait), stack).pixels, runtime))
    assert (np.diff(found) > 0.003).all() and found[-1] - found[0] == pytest.approx(0.069, abs=0.01)


def test_a_move_keeps_the_grain_and_is_seen_once(portrait: np.ndarray, networks: Runtime) -> None:
    """A large face with noise as fine as its pixels, which no network saw: it is as strong as before."""
    large = cv2.resize(portrait, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    noise = np.random.default_rng(2).normal(0, 0.03, large.shape[:2]).astype(np.float32)
    noisy = large + cv2.GaussianBlur(noise, (0, 0), 0.7)[..., None]
    after = composite(Picture(noisy), edit(Picture(noisy), None, BOTH, networks)).pixels
    corner = np.s_[820:900, 640:700]
    fine = [image[corner] - cv2.GaussianBlur(image[corner], (0, 0), 1.5) for image in (noisy, after)]
    assert np.abs(after - noisy)[corner].mean() > 0.02
    assert 0.9 < fine[1].std() / fine[0].std() < 1.1


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES)
def test_every_depth_changes_in_the_face_and_nowhere_else(
    portrait: np.ndarray, networks: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(portrait, dtype, channels, transfer)
    before = picture.pixels.copy()
    stack = edit(picture, None, BOTH, networks)
    np.testing.assert_array_equal(picture.pixels, before)
    assert [one.name for one in stack.layers] == ["Edit attributes: Age", "Edit attributes: Expression"]
    different = changed(picture, stack)
    assert different[CHEEK].mean() > 0.9
    assert not different[WALL].any() and not different[COAT].any()


@pytest.mark.parametrize(("dtype", "channels", "transfer"), PIXEL_TYPES[::3])
def test_on_its_area_it_is_what_it_is_on_the_photo(
    portrait: np.ndarray, networks: Runtime, dtype: type, channels: int, transfer: Transfer
) -> None:
    picture = stored(np.pad(portrait, ((0, 0), (701, 403), (0, 0))), dtype, channels, transfer)
    mask = np.pad(brush(portrait.shape), ((0, 0), (701, 403)))
    left, _, right, _ = compare_on_area(FILTER, picture, mask, BOTH, networks)
    assert right - left < picture.width


@pytest.mark.parametrize("settings", [AGE, SMILE, BOTH])
def test_networks_that_paint_nothing_else_change_nothing(
    portrait: np.ndarray, tmp_path: Path, settings: EditSettings
) -> None:
    runtime = runtime_with(tmp_path, {"fran-1024": fran(0.0), "live-portrait": moving(strength=0.0)})
    picture = stored(portrait, np.float32, 3, Transfer.LINEAR)
    stack = edit(picture, None, settings, runtime)
    assert not stack.layers
    assert stack.notes[-1] == "Nothing was changed."


def test_years_are_added_to_the_photo_and_nothing_else_of_the_answer(
    portrait: np.ndarray, tmp_path: Path
) -> None:
    """The generated networks take red for years, a tenth for ten; StyleGANEX's also lose all green."""
    for contract, content, years, due in (
        ("fran-1024", fran(), 10, -0.1),
        ("fran-1024", fran(), -20, 0.2),
        ("styleganex-age", styleganex_age(), 20, -0.05),
    ):
        runtime = runtime_with(tmp_path / f"{contract}{years}", {contract: content})
        picture = Picture(0.2 + 0.6 * portrait.astype(np.float32) / 255)
        stack = edit(picture, None, replace(AGE, age=years), runtime)
        added = (composite(picture, stack).pixels - picture.pixels)[CHEEK]
        np.testing.assert_allclose(added, np.broadcast_to([due, 0, 0], added.shape), atol=2e-3)


def test_grey_stays_grey(portrait: np.ndarray, networks: Runtime) -> None:
    grey = np.repeat(portrait.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    after = composite(Picture(grey), edit(Picture(grey), None, BOTH, networks)).pixels
    assert (after != grey).any()
    assert (after[..., 0] == after[..., 1]).all() and (after[..., 1] == after[..., 2]).all()


def test_a_face_is_looked_at_once(
    portrait: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, runs = runtime_with(tmp_path, {"live-portrait": moving()}), Counter[str]()
    run: Callable[..., Any] = Session.run

    def counted(session: Session, **arrays: Any) -> Any:
        runs[session.label.split()[-1]] += 1
        return run(session, **arrays)

    monkeypatch.setattr(Session, "run", counted)
    for smile in (0.3, 0.6, 0.9):
        edit(Picture(portrait), None, replace(SMILE, smile=smile), runtime)
    assert runs["feature-extractor"] == runs["motion-extractor"] == 1
    assert runs["generator"] == 4  # as it is, and three times moved


def test_of_two_people_the_chosen_one_alone_changes(portrait: np.ndarray, networks: Runtime) -> None:
    both = np.full((600, 1024, 3), 120, np.uint8)
    both[:512, :512], both[:, 512:] = opened(SAMPLES / "astronaut.png"), portrait[:600]
    stack = edit(Picture(both), None, replace(BOTH, faces="2"), networks)
    assert [one.name for one in stack.layers] == ["Edit attributes: Age 2", "Edit attributes: Expression 2"]
    assert not changed(Picture(both), stack)[:, :480].any()


def test_what_is_painted_without_a_face_is_told(portrait: np.ndarray, tmp_path: Path) -> None:
    """These networks paint nothing but white when something moves."""
    runtime = runtime_with(tmp_path, {"live-portrait": moving(strength=1000.0)})
    stack = edit(Picture(portrait), None, replace(SMILE, gender=0.5), runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Gender"]
    assert stack.notes[-1] == (
        "Expression of the face was left as it is: what live-portrait painted there is no face."
    )


@pytest.mark.parametrize("settings", [AGE, SMILE])
def test_an_answer_of_nan_is_one_sentence(
    portrait: np.ndarray, tmp_path: Path, settings: EditSettings
) -> None:
    nan = float("nan")
    runtime = runtime_with(tmp_path, {"fran-1024": fran(nan), "live-portrait": moving(strength=nan)})
    with pytest.raises(ModelError, match=r"^The \S+( generator)? model gives values that are not finite"):
        edit(Picture(portrait), None, settings, runtime)


@pytest.mark.parametrize("until", [0.05, 0.3, 0.5])
def test_it_can_be_cancelled(portrait: np.ndarray, networks: Runtime, until: float) -> None:
    def stop(done: float, text: str) -> None:
        if done > until:
            raise Cancelled

    with pytest.raises(Cancelled):
        edit(Picture(portrait), None, BOTH, networks, stop)


def test_it_can_be_cancelled_between_two_networks(portrait: np.ndarray, networks: Runtime) -> None:
    told: list[str] = []

    def stop(done: float, text: str) -> None:
        told.append(text)
        if told.count("Editing: Expression") > 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        edit(Picture(portrait), None, SMILE, networks, stop)


def test_prototypes_are_the_default(portrait: np.ndarray, networks: Runtime, runtime: Runtime) -> None:
    """Who has installed networks for other programs sees no change."""
    picture, settings = Picture(portrait), EditSettings(age=10.0)
    with_networks, without = (edit(picture, None, settings, one) for one in (networks, runtime))
    np.testing.assert_array_equal(with_networks.layers[0].pixels, without.layers[0].pixels)
