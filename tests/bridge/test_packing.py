"""Every message there and back, and every header that lies refused before its blobs are received."""

from __future__ import annotations

import copy
import threading
from multiprocessing import Pipe
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from softlight_bridge import packing
from softlight_bridge.errors import BridgeError, WireError
from softlight_bridge.messages import (
    CHANNELS,
    DEPTHS,
    Box,
    Job,
    PixelFormat,
    Preview,
    Raster,
    Result,
    ResultLayer,
)
from softlight_bridge.source_types import VOCABULARY
from softlight_bridge.wire import Line
from tests.bridge.ground import trial_job

FORMATS = [PixelFormat(channels, depth) for channels in CHANNELS for depth in DEPTHS]
Y8, RGB8, RGBA8 = PixelFormat("Y", "u8"), PixelFormat("RGB", "u8"), PixelFormat("RGBA", "u8")


def raster(width: int, height: int, form: PixelFormat) -> Raster:
    size = width * height * form.pixel_bytes
    return Raster(width, height, form, bytes(i * 7 % 251 for i in range(size)))


def sent(packed: packing.Packed) -> tuple[Line, dict[str, Any], Any]:
    """Send a message; the line and header that arrive, and what to call at the end."""
    mine, other = Pipe()
    line, sender = Line(mine), Line(other)
    thread = threading.Thread(target=sender.send, args=packed)
    thread.start()
    header = line.receive_header()

    def end() -> None:
        thread.join()
        line.close()
        sender.close()

    return line, header, end


jobs = st.builds(
    lambda form, mask, depth, icc, name, number: trial_job()._replace(
        format=form, mask=raster(3, 2, PixelFormat("Y", mask)), mask_origin=(5, 7), mask_depth=depth, icc=icc,
        layer_format=PixelFormat("YA" if len(form.channels) < 3 else "BGRA", form.depth),
        settings={"a": number, "b": name, "c": None, "d": True}, transfer="linear", filter=name,
    ),
    st.sampled_from(FORMATS), st.sampled_from(list(DEPTHS)), st.sampled_from([None, *DEPTHS]),
    st.none() | st.binary(min_size=1, max_size=50), st.text(max_size=20),
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1000, 1000),
)  # fmt: skip


@given(jobs, st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999)))
@settings(max_examples=40, deadline=None)
def test_a_job_arrives_as_sent(job: Job, size: tuple[int, int] | None) -> None:
    line, header, end = sent(packing.pack_job(job, size))
    received, preview = packing.unpack_job(line, header)
    end()
    assert received == job and preview == size


@pytest.mark.parametrize("depth", [None, "u8", "f16"])
def test_a_result_arrives_as_sent(depth: str | None) -> None:
    job = trial_job()._replace(mask_depth=depth)
    layers = tuple(
        ResultLayer(
            f"Layer {n}", blend, 0.25 * n, Box(n, 2, 5, 4), raster(5, 4, RGBA8),
            None if depth is None else raster(5, 4, PixelFormat("Y", depth)),
        )
        for n, blend in enumerate(("soft-light", "normal"))
    )  # fmt: skip
    result = Result("De-wrinkle", layers, {"filter": "trial", "deep": {"x": [1, None]}}, ("A note.",))
    for source_type in (None, VOCABULARY + "compositeWithTrainedAlgorithmicMedia"):
        result = result._replace(source_type=source_type)
        line, header, end = sent(packing.pack_result(result))
        assert packing.unpack_result(line, header, job) == result
        end()


def test_a_result_of_an_engine_that_knows_no_source_types() -> None:
    header = packing.pack_result(Result("G", (), {}, ("A note.",)))[0]
    del header["source_type"]
    assert packing.unpack_result(Silent(), header, trial_job()).source_type is None  # type: ignore[arg-type]


@pytest.mark.parametrize("view", [None, raster(4, 3, RGB8)])
def test_a_preview_arrives_as_sent(view: Raster | None) -> None:
    preview = Preview(raster(4, 3, RGB8), raster(4, 3, RGB8), view, "Wrinkle map", Box(1, 2, 30, 20))
    line, header, end = sent(packing.pack_preview(preview))
    assert packing.unpack_preview(line, header, trial_job(), (4, 3)) == preview
    end()


def test_the_small_messages_arrive_as_sent() -> None:
    assert packing.unpack_need(packing.pack_need(Box(1, 2, 3, 4))[0], (40, 30)) == Box(1, 2, 3, 4)
    assert packing.unpack_progress(packing.pack_progress(0.5, "Half")[0]) == (0.5, "Half")
    error = packing.unpack_error(packing.pack_error("MaskError", "Paint.")[0])
    assert (error.kind, str(error)) == ("MaskError", "Paint.")


class Silent:
    """A line that must not be asked for anything more."""

    def receive_blob(self, size: int) -> bytearray:
        raise AssertionError(f"{size} bytes were received on the word of a wrong header")


def changed(header: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    header = copy.deepcopy(header)
    *way, last = path.split(".")
    part = header
    for name in way:
        part = part[int(name)] if isinstance(part, list) else part[name]
    if value is KeyError:
        del part[last]
    else:
        part[last] = value
    return header


ANY = (KeyError, None, -1, 1.5, True, "x", [], {}, 1 << 70, float("nan"))
SIZES = (KeyError, None, 0, -1, 1.5, True, "9", [], 1 << 20, 1 << 70, float("inf"))
SOME = (KeyError, 7, "u9", [], {}, "U8", None)

WRONG_JOBS = [
    *(("picture_size.width", value) for value in SIZES),
    *(("mask.width", value) for value in SIZES),
    *(("mask.height", value) for value in (*SIZES, 31)),
    *(("mask_origin.left", value) for value in (*SIZES[1:2], -1, 1, 41, "0", 0.0, KeyError)),
    *(("mask.format.depth", value) for value in SOME),
    ("mask.format.channels", "RGB"),
    *(("format.channels", value) for value in SOME),
    *(("format", value) for value in ANY),
    *(("layer_format.channels", value) for value in (*SOME, "RGB", "YA")),
    *(("mask_depth", value) for value in (7, "x", [], {})),
    *(("profile", value) for value in (-1, 1 << 40, "x", 1.5, True, None, KeyError)),
    *(("transfer", value) for value in (*SOME, "gamma")),
    *(("blends", value) for value in (*ANY, ["soft-light"], ["normal", "multiply"], ["normal"] * 3, [7])),
    *(("filter", value) for value in (KeyError, None, 7, "x" * 300)),
    *(("settings", value) for value in (KeyError, None, 7, [], {"x": []}, {"x": {}}, {"y" * 101: 1},
                                        {"x": "y" * 1001}, {str(n): n for n in range(101)},
                                        {"x": float("inf")})),
    *(("preview", value) for value in (7, "x", {}, {"width": 0, "height": 1})),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), WRONG_JOBS, ids=lambda part: repr(part)[:24])
def test_a_job_that_lies_is_refused_before_its_blobs(path: str, value: Any) -> None:
    header = changed(packing.pack_job(trial_job(), None)[0], path, value)
    with pytest.raises(WireError):
        packing.unpack_job(Silent(), header)  # type: ignore[arg-type]


def test_a_mask_of_four_gigabytes_is_refused() -> None:
    header = packing.pack_job(trial_job(), None)[0]
    header["picture_size"] = {"width": 1 << 19, "height": 1 << 19}
    header["mask"].update(width=1 << 16, height=1 << 16)
    with pytest.raises(WireError):
        packing.unpack_job(Silent(), header)  # type: ignore[arg-type]


def test_a_huge_canvas_is_fine_when_little_of_it_is_painted() -> None:
    job = trial_job()._replace(picture_size=(1 << 19, 1 << 19))
    line, header, end = sent(packing.pack_job(job, None))
    assert packing.unpack_job(line, header)[0] == job
    end()


WRONG_RESULTS = [
    *(("layers", value) for value in (KeyError, None, 7, {}, [7], [None], [{}] * 101)),
    *(("layers.0.box.left", value) for value in (*SIZES[1:2], -1, 37, KeyError)),
    *(("layers.0.box.width", value) for value in SIZES),
    *(("layers.0.pixels.width", value) for value in (*SIZES, 6)),
    *(("layers.0.pixels.format.depth", value) for value in (*SOME, "u16")),
    ("layers.0.pixels.format.channels", "BGRA"),
    *(("layers.0.mask", value) for value in (KeyError, None, 7)),
    *(("layers.0.mask.height", value) for value in (*SIZES, 5)),
    *(("layers.0.opacity", value) for value in (KeyError, None, -0.1, 1.1, "1", True, float("nan"))),
    *(("layers.0.blend", value) for value in (KeyError, None, "multiply", 7)),
    *(("layers.0.name", value) for value in (KeyError, None, 7, "x" * 300)),
    *(("notes", value) for value in (KeyError, None, "x", [7], ["x"] * 101)),
    *(("settings", value) for value in (KeyError, None, [])),
    *(("group", value) for value in (KeyError, None, 7)),
    *(("source_type", value) for value in (7, "", "print", VOCABULARY, VOCABULARY + "<x>", "x" * 300)),
]


@pytest.mark.parametrize(("path", "value"), WRONG_RESULTS, ids=lambda part: repr(part)[:24])
def test_a_result_that_lies_is_refused_before_its_blobs(path: str, value: Any) -> None:
    layer = ResultLayer("L", "normal", 1.0, Box(1, 2, 5, 4), raster(5, 4, RGBA8), raster(5, 4, Y8))
    header = changed(packing.pack_result(Result("G", (layer,), {}, ()))[0], path, value)
    with pytest.raises(WireError):
        packing.unpack_result(Silent(), header, trial_job())  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [Box(0, 0, 1, 1), Box(0, 0, 40, 29)])
def test_pixels_must_be_those_that_were_asked_for(wrong: Box) -> None:
    header = packing.pack_pixels(raster(wrong.width, wrong.height, RGB8))[0]
    with pytest.raises(WireError):
        packing.unpack_pixels(Silent(), header, Box(0, 0, 40, 30), RGB8)  # type: ignore[arg-type]


@pytest.mark.parametrize("box", [Box(-1, 0, 1, 1), Box(0, 0, 41, 1), Box(39, 0, 2, 1), Box(0, 0, 0, 1)])
def test_the_engine_cannot_ask_for_what_is_not_there(box: Box) -> None:
    with pytest.raises(WireError):
        packing.unpack_need(packing.pack_need(box)[0], (40, 30))


@pytest.mark.parametrize("size", [(3, 3), (4, 2)])
def test_a_preview_larger_than_the_dialog_is_refused(size: tuple[int, int]) -> None:
    preview = Preview(raster(4, 3, RGB8), raster(4, 3, RGB8), None, "", Box(0, 0, 4, 3))
    header = packing.pack_preview(preview)[0]
    with pytest.raises(WireError):
        packing.unpack_preview(Silent(), header, trial_job(), size)  # type: ignore[arg-type]


def test_a_mask_that_is_too_large_is_a_sentence_of_the_clients_own() -> None:
    huge = Raster(1 << 15, 1 << 15, Y8, b"")
    with pytest.raises(BridgeError, match="work on a part of it"):
        packing.pack_job(trial_job()._replace(mask=huge), None)
