"""Requests for faces and their answers, there and back, and what lies refused before its blobs."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from softlight_bridge import faces, packing
from softlight_bridge.errors import WireError
from softlight_bridge.faces import FaceList, FacesRequest, FoundFace
from softlight_bridge.messages import Box, PixelFormat, Raster
from tests.bridge.ground import trial_job
from tests.bridge.test_packing import ANY, FORMATS, RGB8, SIZES, SOME, Silent, changed, raster, sent

REQUEST = FacesRequest((40, 30), RGB8, "perceptual", None, 16)
POINTS = ((12.5, 8.0), (20.0, 8.25), (-3.0, 12.0), (13.0, 900.0), (19.0, 16.0))


def face(number: int) -> FoundFace:
    return FoundFace(number, Box(8, 2, 18, 20), 0.9, POINTS, raster(16, 16, RGB8))


requests = st.builds(
    FacesRequest,
    st.tuples(st.integers(1, 1 << 19), st.integers(1, 1 << 19)), st.sampled_from(FORMATS),
    st.sampled_from(["perceptual", "linear"]), st.none() | st.binary(min_size=1, max_size=50),
    st.integers(16, 256),
)  # fmt: skip


@given(requests)
@settings(max_examples=30, deadline=None)
def test_a_request_arrives_as_sent(request: FacesRequest) -> None:
    line, header, end = sent(faces.pack_request(request))
    assert faces.unpack_request(line, header) == request
    end()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_faces_arrive_as_sent(count: int) -> None:
    found = FaceList(tuple(face(2 * number + 1) for number in range(count)), ("A note.",))
    line, header, end = sent(faces.pack_faces(found))
    assert faces.unpack_faces(line, header, REQUEST) == found
    end()


WRONG_REQUESTS = [
    *(("picture_size.width", value) for value in SIZES),
    *(("format", value) for value in ANY),
    *(("transfer", value) for value in (*SOME, "gamma")),
    *(("profile", value) for value in (-1, 1 << 40, "x", 1.5, True, None, KeyError)),
    *(("thumbnail", value) for value in (*SIZES, 15, 257)),
]


@pytest.mark.parametrize(("path", "value"), WRONG_REQUESTS, ids=lambda part: repr(part)[:24])
def test_a_request_that_lies_is_refused_before_its_blobs(path: str, value: Any) -> None:
    header = changed(faces.pack_request(REQUEST)[0], path, value)
    with pytest.raises(WireError):
        faces.unpack_request(Silent(), header)  # type: ignore[arg-type]


WRONG_FACES = [
    *(("faces", value) for value in (KeyError, None, 7, {}, [7], [None], [{}])),
    *(("faces.0.number", value) for value in (KeyError, None, 0, -1, 1.5, True, "1", 2)),
    *(("faces.0.box.left", value) for value in (-1, 23, 1.5, KeyError)),
    *(("faces.0.box.height", value) for value in (*SIZES, 29)),
    *(("faces.0.score", value) for value in (KeyError, None, -0.1, 1.1, "1", True, float("nan"))),
    *(("faces.0.points", value) for value in (KeyError, None, [1.0], [[1.0]], [[1, "x"]], [[1, 2]] * 6)),
    *(("faces.0.points", [value]) for value in (None, [0, 1e9], [float("nan"), 0.0], [True, 1])),
    *(("faces.0.thumbnail", value) for value in (KeyError, None, 7)),
    *(("faces.0.thumbnail.width", value) for value in (*SIZES, 17)),
    ("faces.0.thumbnail.format.channels", "RGBA"),
    ("faces.0.thumbnail.format.depth", "u16"),
    *(("notes", value) for value in (KeyError, None, "x", [7], ["x"] * 101)),
]


@pytest.mark.parametrize(("path", "value"), WRONG_FACES, ids=lambda part: repr(part)[:24])
def test_faces_that_lie_are_refused_before_their_blobs(path: str, value: Any) -> None:
    header = changed(faces.pack_faces(FaceList((face(1), face(2)), ()))[0], path, value)
    with pytest.raises(WireError):
        faces.unpack_faces(Silent(), header, REQUEST)  # type: ignore[arg-type]


def test_more_faces_than_anybody_can_choose_among_are_refused() -> None:
    one = faces.pack_faces(FaceList((face(1),), ()))[0]["faces"][0]
    header = {"type": "faces", "faces": [{**one, "number": n + 1} for n in range(501)], "notes": []}
    with pytest.raises(WireError):
        faces.unpack_faces(Silent(), header, REQUEST)  # type: ignore[arg-type]


@pytest.mark.parametrize("side", [15, 257])
def test_a_thumbnail_of_a_wrong_size_is_the_callers_mistake(side: int) -> None:
    with pytest.raises(ValueError):
        faces.pack_request(REQUEST._replace(thumbnail=side))


def test_a_job_without_a_mask_arrives_as_sent() -> None:
    job = trial_job()._replace(mask=None, icc=b"a profile")
    line, header, end = sent(packing.pack_job(job, None))
    assert packing.unpack_job(line, header) == (job, None)
    end()


def test_the_largest_answer_fits_into_a_header() -> None:
    thumbnail = Raster(16, 16, PixelFormat("RGB", "u8"), bytes(768))
    far = tuple((-1234567.890123, 1234567.890123) for _ in range(5))
    box = Box(500000, 500000, 20000, 20000)
    many = tuple(FoundFace(n, box, 0.123456789, far, thumbnail) for n in range(1, faces.MOST_FACES + 1))
    notes = ("x" * 1000,) * 100
    line, header, end = sent(faces.pack_faces(FaceList(many, notes)))
    request = REQUEST._replace(picture_size=(1 << 19, 1 << 19))
    assert faces.unpack_faces(line, header, request) == FaceList(many, notes)
    end()
