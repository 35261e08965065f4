"""The slider for the mouth on shipped portraits: one with closed lips, one with a smile that shows teeth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.alignment import Box, applied, inverted
from softlight.compositor import composite
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.faces.mesh import mesh_of
from softlight.filters import boxes
from softlight.filters.edit.change import KEPT, Subject
from softlight.filters.edit.filter import FILTER, edit
from softlight.filters.edit.mouth.lips import Lips, lips_of
from softlight.filters.edit.mouth.mouth import mouth
from softlight.filters.edit.settings import EditSettings
from softlight.picture import Picture
from softlight.roles.parsing import parse_face
from softlight.runtime import Runtime
from tests.core.filters.conftest import SAMPLES, changed, opened
from tests.core.filters.on_its_area import compare_on_area

SLIDER = (-1.0, -0.5, 0.0, 0.5, 1.0)


@pytest.fixture(scope="module")
def smiling() -> np.ndarray:
    """Eileen Collins; her eyes are 42 px apart."""
    return opened(SAMPLES / "astronaut.png")


def face_of(image: np.ndarray, runtime: Runtime) -> AnalysedFace:
    (face,) = analysis.find(Picture(image), runtime)
    return face


def subject_of(image: np.ndarray, runtime: Runtime) -> Subject:
    face = face_of(image, runtime)
    close = analysis.around(Picture(image), face.points, KEPT)
    inside = analysis.face_moved(face, close.matrix)
    parsing = parse_face(runtime.model("parsing"), close.pixels, inside.points)
    return Subject(
        Picture(image), face, close, parsing.moved(inverted(close.matrix)), mesh_of(face.landmarks)
    )


def lips(image: np.ndarray, runtime: Runtime) -> Lips:
    subject = subject_of(image, runtime)
    found = lips_of(subject.part, subject.parsing, subject.mesh)
    assert found is not None
    return found


def edited(image: np.ndarray, runtime: Runtime, amount: float) -> np.ndarray:
    stack = edit(Picture(image), None, EditSettings(mouth=amount), runtime)
    return np.asarray(composite(Picture(image), stack).pixels)


def test_a_mouth_opens_and_closes_with_the_slider(smiling: np.ndarray, runtime: Runtime) -> None:
    """As the landmarks and the parsing see it in the result."""
    results = [edited(smiling, runtime, one) for one in SLIDER]
    opened_ = [face_of(one, runtime).landmarks.lips_open for one in results]
    assert (np.diff(opened_) > 0.015).all() and opened_[0] < 0.5 * opened_[2]
    assert (np.diff([lips(one, runtime).gap.max() for one in results]) > 0.02).all()


def test_closed_lips_part(portrait: np.ndarray, runtime: Runtime) -> None:
    results = [edited(portrait, runtime, one) for one in (0.0, 0.5, 1.0)]
    opened_ = [face_of(one, runtime).landmarks.lips_open for one in results]
    assert (np.diff(opened_) > 0.005).all() and opened_[2] > opened_[0] + 0.03


def test_what_is_uncovered_is_dark_and_drawn_from_the_photo(portrait: np.ndarray, runtime: Runtime) -> None:
    line, after = lips(portrait, runtime), edited(portrait, runtime, 1.0)
    column = round((line.left + line.right) / 2)
    down = np.arange(2, 14)
    places = np.stack([np.full(len(down), column), line.parting[column] + down], axis=1)
    x, y = np.round(applied(inverted(line.matrix), places)).astype(int).T
    assert after[y, x].mean() < 0.5 * portrait[y, x].mean()
    red, green, blue = after[y, x].astype(float).mean(axis=0)
    assert red > green and red > blue


def test_teeth_keep_their_size(smiling: np.ndarray, runtime: Runtime) -> None:
    """Those of the photo lie in the result as they are, with nothing between them and the upper lip."""
    line, after = lips(smiling, runtime), edited(smiling, runtime, 1.0)
    quarter = (line.right - line.left) / 4
    columns = np.arange(round(line.left + quarter), round(line.right - quarter))
    corners = [(columns[0], line.upper[columns].min()), (columns[-1], line.parting[columns].min())]
    (left, top), (right, bottom) = np.round(applied(inverted(line.matrix), corners)).astype(int)
    teeth = smiling[top:bottom, left:right]
    assert teeth.shape[0] >= 4 and teeth.shape[1] >= 15
    around = after[top - 8 : bottom + 8, left - 8 : right + 8]
    alike = cv2.matchTemplate(around, teeth, cv2.TM_CCOEFF_NORMED)
    assert alike.max() > 0.97
    larger = cv2.resize(teeth, None, fx=1.2, fy=1.2, interpolation=cv2.INTER_CUBIC)
    assert cv2.matchTemplate(around, larger, cv2.TM_CCOEFF_NORMED).max() < alike.max() - 0.02


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_nothing_changes_beyond_the_lower_face(smiling: np.ndarray, runtime: Runtime, amount: float) -> None:
    picture, face = Picture(smiling), face_of(smiling, runtime)
    different = changed(picture, edit(picture, None, EditSettings(mouth=amount), runtime))
    rows, columns = np.nonzero(different)
    (x, nose), unit = face.points[2], face.interocular
    assert len(rows) > 0.3 * unit**2
    assert rows.min() > nose and rows.max() < nose + 2 * unit
    assert np.abs(columns - x).max() < 1.3 * unit


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_grey_stays_grey(smiling: np.ndarray, runtime: Runtime, amount: float) -> None:
    grey = np.repeat(smiling.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    after = edited(grey, runtime, amount)
    assert (after != grey).any()
    assert (after[..., 0] == after[..., 1]).all() and (after[..., 1] == after[..., 2]).all()


@pytest.mark.parametrize("amount", [-0.7, 0.7])
def test_on_its_area_it_is_what_it_is_on_the_photo(
    smiling: np.ndarray, runtime: Runtime, amount: float
) -> None:
    picture = Picture(np.pad(smiling, ((0, 0), (801, 703), (0, 0)), mode="edge"))
    mask = np.zeros(picture.pixels.shape[:2], np.uint8)
    mask[120:165, 801 + 190 : 801 + 255] = 255
    left, _, right, _ = compare_on_area(FILTER, picture, mask, EditSettings(mouth=amount), runtime)
    assert right - left < picture.width


def test_what_is_made_does_not_depend_on_blocks(smiling: np.ndarray, runtime: Runtime) -> None:
    """To half a level of 8 bit: OpenCV rounds positions to 1/32 px, and they begin elsewhere."""
    change, picture = mouth(subject_of(smiling, runtime), 1.0), Picture(smiling)
    assert change is not None
    pixels = smiling.astype(np.float32) / 255
    box = change.box(picture)
    all_, done = change.made(pixels, box, boxes.whole_of(picture))
    half = Box(box.left, box.top, (box.left + box.right) // 2, box.bottom)
    around = boxes.grown(half, change.margin).within(boxes.whole_of(picture))
    some, done_ = change.made(pixels[around.slices], half, around)
    np.testing.assert_array_equal(done_, done[:, : half.right - half.left])
    np.testing.assert_allclose(some, all_[:, : half.right - half.left], atol=2e-3)


def test_a_smile_is_made_on_the_mouth(smiling: np.ndarray, runtime: Runtime) -> None:
    stack = edit(Picture(smiling), None, EditSettings(mouth=-1.0, smile=0.5), runtime)
    assert [one.name for one in stack.layers] == ["Edit attributes: Mouth", "Edit attributes: Smile"]
    alone = edit(Picture(smiling), None, EditSettings(smile=0.5), runtime)
    both, smile = (
        lips(np.asarray(composite(Picture(smiling), one).pixels), runtime) for one in (stack, alone)
    )
    assert both.gap.max() < 0.5 * smile.gap.max()
    # It is as wide as the other smile: the corners went apart on closed lips as well.
    assert both.right - both.left > 0.85 * (smile.right - smile.left)


def test_where_there_is_nothing_to_change_it_says_so(portrait: np.ndarray, runtime: Runtime) -> None:
    covered = portrait.copy()
    covered[250:335, 190:340] = (60, 90, 140)
    told = "Mouth of the face was left as it is: no lips are to be seen."
    for amount in (1.0, -1.0):
        stack = edit(Picture(covered), None, EditSettings(mouth=amount), runtime)
        assert not stack.layers
        assert stack.notes[-2:] == (told, "Nothing was changed.")


def test_closed_lips_stay_as_they_are(portrait: np.ndarray, runtime: Runtime) -> None:
    """However the parsing sees their line, less than a level changes on average."""
    after = edited(portrait, runtime, -1.0)
    assert np.abs(after.astype(int) - portrait)[250:335, 190:340].mean() < 1
