"""Faces, and De-wrinkle on whole faces, through bridge and engine."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from PIL import Image

from softlight.encoding import from_unit, perceptual_to_linear, to_unit
from softlight.engine.faces import answer
from softlight.engine.studio import Studio, prepare
from softlight.faces import analysis
from softlight.filters.registry import load
from softlight.filters.specification import settings_from_arguments
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.progress import silent
from softlight.runtime import Runtime
from softlight_bridge.client import Engine
from softlight_bridge.errors import Cancelled, EngineError
from softlight_bridge.faces import MOST_FACES, FaceList, FacesRequest
from softlight_bridge.messages import Box, Job, PixelFormat, Raster
from tests.bridge.conftest import make_ground
from tests.bridge.ground import REAL_ENGINE, SAME_KERNELS, one_sentence, trial_job
from tests.core.roles.portraits import POINTS, eyes_apart

DTYPES = {"u8": np.uint8, "u16": np.uint16, "f16": np.float16, "f32": np.float32}
ORDER = {"Y": [0], "YA": [0, 1], "RGB": [0, 1, 2], "BGRA": [2, 1, 0, 3]}
RGB8 = PixelFormat("RGB", "u8")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for _ in make_ground(monkeypatch):
            yield Engine((*SAME_KERNELS, *REAL_ENGINE), "Test 1.0")


def hopper(form: PixelFormat = RGB8, transfer: str = "perceptual") -> Raster:
    with (files("softlight") / "samples" / "hopper.jpg").open("rb") as file:
        values = np.asarray(Image.open(file).convert("RGB"), np.float32) / 255
    if form.channels.startswith("Y"):
        values = values.mean(axis=2, keepdims=True)
    if transfer == "linear":
        values = perceptual_to_linear(values)
    if form.channels.endswith("A"):
        values = np.concatenate([values, np.ones_like(values[..., :1])], axis=2)
    return as_raster(from_unit(values[..., ORDER[form.channels]], DTYPES[form.depth]), form)


def as_raster(pixels: np.ndarray, form: PixelFormat = RGB8) -> Raster:
    return Raster(pixels.shape[1], pixels.shape[0], form, np.ascontiguousarray(pixels).tobytes())


def request(photo: Raster, transfer: str = "perceptual", side: int = 96) -> FacesRequest:
    return FacesRequest((photo.width, photo.height), photo.format, transfer, None, side)


def faces_of(engine: Engine, photo: Raster, **more: Any) -> FaceList:
    asked: list[Box] = []

    def read(box: Box) -> Raster:
        asked.append(box)
        return photo

    found = engine.faces(request(photo, **more), read)
    assert asked == [Box(0, 0, photo.width, photo.height)]
    return found


@pytest.mark.parametrize(
    ("form", "transfer"),
    [
        (RGB8, "perceptual"),
        (PixelFormat("BGRA", "u16"), "perceptual"),
        (PixelFormat("YA", "u8"), "perceptual"),
        (PixelFormat("BGRA", "f16"), "linear"),
        (PixelFormat("RGB", "f32"), "linear"),
    ],
)
def test_a_face_is_found_in_every_kind_of_document(engine: Engine, form: PixelFormat, transfer: str) -> None:
    found = faces_of(engine, hopper(form, transfer), transfer=transfer)
    (face,) = found.faces
    assert face.number == 1 and face.score > 0.5
    errors = np.linalg.norm(np.array(face.points) - np.array(POINTS["hopper.jpg"]), axis=1)
    assert errors.max() / eyes_apart("hopper.jpg") < 0.15
    thumbnail = np.frombuffer(face.thumbnail.data, np.uint8).reshape(96, 96, 3) / 255
    # What is shown is what lies around the box in the photo, as a screen shows it.
    photo = np.frombuffer(hopper().data, np.uint8).reshape(600, 512, 3) / 255
    left, top, width, height = face.box
    around = photo[top - height // 4 : top + height * 5 // 4, left - width // 4 : left + width * 5 // 4]
    expected = around.mean(axis=2) if form.channels.startswith("Y") else around
    assert abs(thumbnail.mean() - expected.mean()) < 0.05


def test_a_photo_without_faces_gives_none_and_says_so(engine: Engine) -> None:
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[None, :, None], (160, 200, 3))
    found = faces_of(engine, as_raster(ramp))
    assert (
        found.faces == () and "No face was found in this photo; paint over the place instead." in found.notes
    )


def test_a_photo_that_is_too_large_is_told_before_it_is_read(engine: Engine) -> None:
    huge = FacesRequest((1 << 19, 1 << 19), RGB8, "perceptual", None, 96)
    with pytest.raises(EngineError, match="more than 536 megapixels") as caught:
        engine.faces(huge, lambda box: pytest.fail("pixels were asked for"))
    assert caught.value.kind == "PictureError" and one_sentence(caught.value)
    job = trial_job()._replace(filter="dewrinkle", picture_size=(1 << 19, 1 << 19), mask=None)
    with pytest.raises(EngineError, match="paint over a part of it, or crop it"):
        engine.run(job, lambda box: pytest.fail("pixels were asked for"))


def test_a_search_can_be_broken_off(engine: Engine) -> None:
    def stop(done: float, text: str) -> None:
        if text != "Starting the engine":
            raise Cancelled

    photo = hopper()
    with pytest.raises(Cancelled):
        engine.faces(request(photo), lambda box: photo, stop)
    assert faces_of(engine, photo).faces


def whole_job(photo: Raster, **settings: Any) -> Job:
    return Job(
        "dewrinkle", settings, (photo.width, photo.height), photo.format, "perceptual", None, None, (0, 0),
        PixelFormat("RGBA", photo.format.depth), photo.format.depth, ("normal", "soft-light"),
    )  # fmt: skip


def test_whole_faces_through_the_engine_are_what_the_filter_returns(engine: Engine) -> None:
    photo, arguments = hopper(), {"faces": "1", "forehead": 0.0, "cheeks": 0.5}
    result = engine.run(whole_job(photo, **arguments), lambda box: photo)
    wanted = load("dewrinkle")
    settings: Any = settings_from_arguments(wanted.spec, wanted.settings_type, arguments)
    pixels = np.frombuffer(photo.data, np.uint8).reshape(600, 512, 3)
    stack = wanted.run(Picture(pixels), None, settings, Runtime(), silent)
    assert result.settings == stack.settings and result.layers and len(result.layers) == len(stack.layers)
    for layer, expected in zip(result.layers, stack.layers, strict=True):
        assert (layer.name, layer.box[:2], layer.opacity) == (
            expected.name,
            expected.offset,
            expected.opacity,
        )
        assert layer.mask is not None
        shape = (layer.box.height, layer.box.width)
        mask = np.frombuffer(layer.mask.data, np.uint8).reshape(shape)
        assert (mask == from_unit(to_unit(expected.mask), np.uint8)).all()


def test_a_preview_of_whole_faces_shows_the_map_and_what_changes(engine: Engine) -> None:
    photo = hopper()
    preview = engine.preview(whole_job(photo), lambda box: photo, (2000, 2000))
    assert preview.view is not None and preview.view_label == "Wrinkle map"
    left, top, width, height = preview.box
    assert 0 < left < 180 and 0 < top < 130 and left + width > 350 and 330 < top + height < 600
    before, after, view = (
        np.frombuffer(one.data, np.uint8).reshape(height, width, 3).astype(int)
        for one in (preview.before, preview.after, preview.view)
    )
    own = np.frombuffer(photo.data, np.uint8).reshape(600, 512, 3)
    assert (before == own[top : top + height, left : left + width]).all()
    changed = np.abs(after - before).max(axis=-1) > 0
    # A margin of a third on each side, in which nothing has changed.
    assert changed.any() and not changed[:40].any() and not changed[:, :20].any()
    marked = view[..., 0] - view[..., 1] > 60
    assert (changed & marked).any()


@pytest.mark.parametrize(
    ("settings", "kind", "words"),
    [
        ({"faces": "7"}, "SettingsError", "face"),
        ({"faces": "left"}, "SettingsError", "'1,3'"),
        ({"target": "everything"}, "SettingsError", "brush"),
    ],
)
def test_what_cannot_be_done_without_a_brush_is_told(
    engine: Engine, settings: dict[str, Any], kind: str, words: str
) -> None:
    photo = hopper()
    with pytest.raises(EngineError, match=words) as caught:
        engine.run(whole_job(photo, **settings), lambda box: photo)
    assert caught.value.kind == kind and one_sentence(caught.value)


def test_the_photo_is_analysed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times, look = [], analysis._find

    def counted(*arguments: Any) -> Any:
        times.append(1)
        return look(*arguments)

    monkeypatch.setattr(analysis, "_find", counted)
    photo, studio = hopper(), Studio("cpu")
    assert studio.faces(request(photo), photo, silent).faces
    work = prepare(whole_job(photo))
    studio.preview(work, photo, (300, 300), silent)
    studio.result(work, photo, silent)
    assert len(times) == 1


def test_the_largest_of_very_many_faces_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand of them would have to be composed; only their number is made up."""
    runtime, photo = Runtime("cpu"), hopper()
    pixels = np.frombuffer(photo.data, np.uint8).reshape(600, 512, 3)
    (one,) = analysis.find(Picture(pixels, ColourEncoding(Transfer.PERCEPTUAL)), runtime)
    crowd = (one,) * (MOST_FACES + 1)
    monkeypatch.setattr(analysis, "find", lambda *arguments: crowd)
    found = answer(request(photo, side=16), photo, runtime, silent)
    assert len(found.faces) == MOST_FACES and "Only the 500 largest faces" in found.notes[-1]
    numbers = [face.number for face in found.faces]
    assert numbers == sorted(set(numbers))
