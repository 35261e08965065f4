"""A preview shows what was painted and what changes, and something around it."""

from __future__ import annotations

import numpy as np

from softlight.compositor import composite
from softlight.engine.closeup import around_change, cut_out
from softlight.layers import Layer, LayerStack
from softlight.picture import Picture
from softlight_bridge.messages import Box

PHOTO = Picture(np.random.default_rng(1).integers(0, 256, (120, 200, 3), np.uint8))


def layer(left: int, top: int, width: int, height: int) -> Layer:
    pixels = np.full((height, width, 3), 200, np.uint8)
    return Layer("L", pixels, np.full((height, width), 128, np.uint8), offset=(left, top))


def test_all_layers_are_in_it_with_a_third_around() -> None:
    stack = LayerStack("G", (layer(60, 40, 30, 20), layer(80, 50, 10, 20)))
    # Together 60 to 90 and 40 to 70: 10 px on each side.
    assert around_change(PHOTO, stack, None) == Box(50, 30, 50, 50)


def test_it_ends_where_the_photo_ends() -> None:
    assert around_change(PHOTO, LayerStack("G", (layer(0, 0, 30, 30),)), None) == Box(0, 0, 40, 40)
    assert around_change(PHOTO, LayerStack("G", (layer(170, 90, 30, 30),)), None) == Box(160, 80, 40, 40)


def test_nothing_changed_shows_all_of_the_photo() -> None:
    assert around_change(PHOTO, LayerStack("G", ()), None) == Box(0, 0, 200, 120)


def test_the_part_looks_as_it_does_in_the_whole() -> None:
    stack = LayerStack("G", (layer(60, 40, 30, 20), layer(80, 50, 10, 20)))
    box = around_change(PHOTO, stack, None)
    part = composite(*cut_out(PHOTO, stack, box)).pixels
    whole = composite(PHOTO, stack).pixels
    assert (part == whole[30:80, 50:100]).all()


def test_what_was_painted_is_in_it_though_nothing_has_changed() -> None:
    mask = np.zeros((120, 200), np.float16)
    mask[50:80, 100:130] = 0.1
    mask[0, 0] = np.nan
    assert around_change(PHOTO, LayerStack("G", ()), mask) == Box(90, 40, 50, 50)
    stack = LayerStack("G", (layer(70, 50, 60, 30),))
    assert around_change(PHOTO, stack, mask) == Box(50, 30, 100, 70)
