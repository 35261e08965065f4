"""From places to layers: what is meant changes, by the whole of what networks say, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from softlight.alignment import Box
from softlight.blend_pyramid import Networks
from softlight.compositor import composite
from softlight.errors import Cancelled
from softlight.filters.pyramid.cells import cells_of
from softlight.filters.pyramid.place import Place, finished, seen
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, silent
from softlight.roles.local_retouching import TILING, Retouched
from softlight.tiles import Planes

LIGHTER = np.float32(0.05)
LOOKING = "Looking"


def networks(tick: Callable[[], None]) -> Networks:
    """Everything but the darkest is skin, and gets lighter."""

    def retouch(image: Planes) -> Retouched:
        tick()
        return Retouched(np.full_like(image, LIGHTER), (image.mean(axis=0) > 0.25).astype(np.float32))

    def refine(image: Planes, coarse: Planes) -> Planes:
        size = image.shape[2], image.shape[1]
        return np.stack([cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in coarse])

    return Networks(retouch, TILING, refine)


@pytest.fixture
def photo() -> Picture:
    """Grey skin with a black half, in colours that are no grey."""
    pixels = np.full((420, 610, 3), (150, 128, 110), np.uint8)
    pixels[:, 400:] = (12, 10, 9)
    return Picture(pixels)


def place_of(photo: Picture, box: Box, interocular: float, origin: tuple[int, int] = (0, 0)) -> Place:
    cells = cells_of(box, interocular)
    return Place(
        "Layer",
        photo,
        origin,
        interocular,
        cells,
        np.ones((cells.whole.bottom, cells.whole.right), np.float32),
    )


def layers(*places: Place, strength: float = 1.0) -> tuple[Layer, ...]:
    steps = [(place, silent) for place in places]
    return finished(steps, networks, LOOKING, BlendMode.NORMAL, strength).layers


@pytest.mark.parametrize("interocular", [60.0, 180.0, 400.0, 800.0])
def test_skin_in_the_box_changes_by_all_of_it_at_every_scale(photo: Picture, interocular: float) -> None:
    box = Box(70, 33, 555, 390)
    place = place_of(photo, box, interocular)
    (layer,) = layers(place)
    after = composite(photo, LayerStack("x", (layer,))).pixels.astype(int)
    change = after - photo.pixels
    # In the box's outermost cells a layer fades into what is not looked at.
    edge = 2 * place.cells.side
    inner = np.s_[place.box.top + edge : 390 - edge, place.box.left + edge : 380]
    assert np.abs(change[inner] - 255 * LIGHTER).max() <= 1
    assert not change[:, 420:].any(), "no skin"
    assert (
        not change[: place.box.top].any() and not change[390:].any() and not change[:, : place.box.left].any()
    )


def test_a_brush_is_the_mask_and_what_lies_elsewhere_in_the_photo_is_moved_there(photo: Picture) -> None:
    place = place_of(photo, Box(96, 40, 300, 200), 400.0, origin=(1000, 2000))
    brush = np.zeros((160, 204), np.uint8)
    brush[20:60, 30:90], brush[80:120, 30:90] = 255, 51
    painted = Place("Layer", photo, place.origin, 400.0, place.cells, place.reach, brush)
    (layer,) = layers(painted, strength=0.5)
    assert (layer.offset, layer.opacity) == ((1000 + 96 + 30, 2000 + 40 + 20), 0.5)
    np.testing.assert_array_equal(layer.mask, brush[20:120, 30:90])
    view = seen([(painted, silent)], networks, LOOKING, Picture(np.zeros((2500, 1700, 1), np.uint8)))
    assert view.shape == (2500, 1700)
    np.testing.assert_allclose(view[2040:2200, 1096:1300], brush / 255, atol=1e-6)
    assert np.count_nonzero(view) == np.count_nonzero(brush)


def test_what_may_change_a_little_changes_a_little(photo: Picture) -> None:
    place = place_of(photo, Box(0, 0, 320, 320), 800.0)
    assert place.cells.side == 4
    reach = place.reach.copy()
    reach[:, 40:] = 0.5
    reach[60:] = 0
    (layer,) = layers(Place("Layer", photo, (0, 0), 800.0, place.cells, reach))
    assert (layer.mask[:230, :150] == 255).all() and (
        np.abs(layer.mask[:230, 170:310].astype(int) - 128) <= 1
    ).all()
    assert layer.mask.shape[0] <= 242


def test_it_is_known_whether_there_is_skin_however_light_the_brush(photo: Picture) -> None:
    def sure(box: Box, brush: int) -> bool:
        place = place_of(photo, box, 200.0)
        painted = np.full((box.bottom - box.top, box.right - box.left), brush, np.uint8)
        place = Place("Layer", photo, (0, 0), 200.0, place.cells, place.reach, painted)
        return finished([(place, silent)], networks, LOOKING, BlendMode.NORMAL, 1.0).sure

    assert sure(Box(100, 100, 140, 150), 255) and sure(Box(100, 100, 140, 150), 3)
    assert not sure(Box(450, 100, 500, 150), 255) and not sure(Box(100, 100, 140, 150), 0)


def test_places_come_one_after_the_other_and_can_be_cancelled(photo: Picture) -> None:
    told: list[tuple[int, float]] = []

    def step(number: int) -> Progress:
        def report(done: float, text: str) -> None:
            told.append((number, done))
            if number == 1 and done >= 0.4:
                raise Cancelled

        return report

    two = [(place_of(photo, Box(10, 10, 200, 200), 180.0), step(number)) for number in (0, 1)]
    with pytest.raises(Cancelled):
        finished(two, networks, LOOKING, BlendMode.SOFT_LIGHT, 1.0)
    assert told == sorted(told) and {number for number, _ in told} == {0, 1}
