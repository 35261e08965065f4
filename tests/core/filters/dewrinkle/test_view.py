"""The wrinkle map that hosts show."""

from __future__ import annotations

import numpy as np
import pytest

from softlight.errors import Cancelled, MaskError
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.filters.dewrinkle.settings import DewrinkleSettings, Target
from softlight.filters.dewrinkle.view import wrinkle_view
from softlight.picture import Picture
from softlight.runtime import Runtime

SETTINGS = DewrinkleSettings(face_size=85)


def test_the_map_marks_what_the_filter_changes(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime
) -> None:
    picture = Picture(portrait)
    view = wrinkle_view(picture, brush, SETTINGS, runtime)
    assert view.dtype == np.float32 and view.shape == brush.shape
    assert view.min() >= 0 and 0.5 < view.max() <= 1
    assert not view[brush == 0].any()
    changed = np.zeros(brush.shape, bool)
    for layer in dewrinkle(picture, brush, SETTINGS, runtime).layers:
        left, top = layer.offset
        height, width = layer.mask.shape
        changed[top : top + height, left : left + width] |= layer.mask > 0
    shown = view > 0.5
    assert changed[shown].mean() > 0.98
    assert shown[changed & (brush > 0)].mean() > 0.25
    assert view[~changed].max(initial=0) < 0.5


def test_everything_painted_is_shown_as_it_was_painted(
    portrait: np.ndarray, brush: np.ndarray, runtime: Runtime
) -> None:
    settings = DewrinkleSettings(face_size=85, target=Target.EVERYTHING)
    view = wrinkle_view(Picture(portrait), brush, settings, runtime)
    np.testing.assert_array_equal(view, brush.astype(np.float32) / np.float32(255))


def test_where_no_skin_is_painted_the_map_is_empty(portrait: np.ndarray, runtime: Runtime) -> None:
    mask = np.zeros(portrait.shape[:2], np.uint8)
    mask[20:60, 420:500] = 255
    assert not wrinkle_view(Picture(portrait), mask, SETTINGS, runtime).any()


def test_looking_can_be_stopped(portrait: np.ndarray, brush: np.ndarray, runtime: Runtime) -> None:
    def stop(done: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        wrinkle_view(Picture(portrait), brush, SETTINGS, runtime, stop)


def test_an_empty_mask_gets_a_sentence(portrait: np.ndarray, runtime: Runtime) -> None:
    with pytest.raises(MaskError, match="empty"):
        wrinkle_view(Picture(portrait), np.zeros(portrait.shape[:2], np.uint8), SETTINGS, runtime)
