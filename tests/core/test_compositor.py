import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softlight import compositor
from softlight.compositor import bake, composite, quantise
from softlight.encoding import from_unit, to_unit
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture
from softlight.soft_light import blend

DEPTHS = (np.uint8, np.uint16, np.float16, np.float32)


def photo(dtype: type, channels: int, seed: int = 0, size: tuple[int, int] = (40, 60)) -> Picture:
    rng = np.random.default_rng(seed)
    return Picture(from_unit(rng.uniform(0, 1, (*size, channels)).astype(np.float32), dtype))


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Picture, LayerStack]:
    picture = photo(draw(st.sampled_from(DEPTHS)), draw(st.integers(1, 4)), draw(st.integers(0, 99)))
    layers = []
    for index in range(draw(st.integers(0, 4))):
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        shape = draw(st.integers(1, 70)), draw(st.integers(1, 70))
        mask = rng.uniform(0, 1, shape).astype(np.float32)
        mask[rng.uniform(0, 1, shape) < draw(st.sampled_from([0, 0.5, 1]))] = 0
        layers.append(
            Layer(
                f"layer {index}",
                rng.uniform(0, 1, (*shape, picture.colour_channels)).astype(np.float32),
                mask,
                draw(st.sampled_from(BlendMode)),
                draw(st.sampled_from([0.0, 0.3, 1.0])),
                (draw(st.integers(-40, 70)), draw(st.integers(-40, 70))),
            )
        )
    return picture, LayerStack("stack", tuple(layers))


def pixel_by_pixel(picture: Picture, stack: LayerStack) -> tuple[np.ndarray, np.ndarray]:
    """The definition, in float64 over the whole photo; and where anything counts."""
    values = to_unit(picture.pixels).astype(np.float64)
    colour = values[..., : picture.colour_channels]
    counted = np.zeros(values.shape[:2], bool)
    for layer in stack.layers:
        for y, x in np.ndindex(layer.mask.shape):
            py, px = y + layer.offset[1], x + layer.offset[0]
            weight = float(layer.mask[y, x]) * layer.opacity
            if weight == 0 or not (0 <= py < picture.height and 0 <= px < picture.width):
                continue
            below, top = colour[py, px].copy(), layer.pixels[y, x].astype(np.float64)
            if layer.blend is BlendMode.SOFT_LIGHT:
                top = (1 - 2 * top) * below**2 + 2 * top * below
            colour[py, px] = below + (top - below) * weight
            counted[py, px] = True
    return values, counted


@settings(max_examples=60, deadline=None)
@given(scenes(), st.sampled_from([16, 512]))
def test_composite_is_its_definition(scene: tuple[Picture, LayerStack], tile: int) -> None:
    picture, stack = scene
    original = picture.pixels.copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compositor, "TILE", tile)
        done = composite(picture, stack)
    values, counted = pixel_by_pixel(picture, stack)
    assert done.pixels.dtype == picture.pixels.dtype and (picture.pixels == original).all()
    assert (done.pixels[~counted] == original[~counted]).all()
    assert (done.pixels[..., picture.colour_channels :] == original[..., picture.colour_channels :]).all()
    # Half a level of rounding, and float32 against float64.
    tolerance = {"uint8": 0.501 / 255, "uint16": 0.51 / 65535, "float16": 5e-4, "float32": 1e-6}
    assert np.abs(to_unit(done.pixels) - values).max() <= tolerance[done.pixels.dtype.name]


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_a_baked_stack_looks_the_same(scene: tuple[Picture, LayerStack]) -> None:
    picture, stack = scene
    baked = bake(picture, stack)
    assert all(layer.blend is BlendMode.NORMAL for layer in baked.layers)
    one, other = composite(picture, stack).pixels, composite(picture, baked).pixels
    step = {"uint8": 1 / 255, "uint16": 1 / 65535, "float16": 1e-3, "float32": 1e-6}[one.dtype.name]
    assert np.abs(to_unit(one) - to_unit(other)).max() <= step * 1.001


@pytest.mark.parametrize("dtype", DEPTHS)
def test_full_opacity_at_the_corner_outside(dtype: type) -> None:
    picture = photo(dtype, 3)
    red = np.zeros((20, 20, 3), np.float32)
    red[..., 0] = 1
    layer = Layer("red", red, np.ones((20, 20), np.float32), offset=(-10, -15))
    done = composite(picture, LayerStack("s", (layer,))).pixels
    assert to_unit(done[:5, :10]) == pytest.approx(np.broadcast_to([1, 0, 0], (5, 10, 3)), abs=1e-6)
    assert (done[5:] == picture.pixels[5:]).all() and (done[:, 10:] == picture.pixels[:, 10:]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_passes_through(bad: float) -> None:
    picture = photo(np.float32, 3)
    picture.pixels[3, 4, 1] = bad
    layer = Layer(
        "l", np.full((40, 60, 3), 0.7, np.float32), np.ones((40, 60), np.float32), BlendMode.SOFT_LIGHT
    )
    done = composite(picture, LayerStack("s", (layer,))).pixels
    assert done[3, 4].tobytes() == picture.pixels[3, 4].tobytes()
    rest = np.ones((40, 60), bool)
    rest[3, 4] = False
    assert np.isfinite(done[rest]).all() and (done[rest] != picture.pixels[rest]).any(axis=1).all()


def test_floats_keep_values_outside() -> None:
    picture = Picture(np.array([[[1.5, -0.25, 0.5]]], np.float32))
    layer = Layer(
        "l", np.full((1, 1, 3), 1.25, np.float32), np.ones((1, 1), np.float32), BlendMode.SOFT_LIGHT
    )
    done = composite(picture, LayerStack("s", (layer,)))
    assert done.pixels[0, 0] == pytest.approx(blend(picture.pixels, layer.pixels)[0, 0])
    assert done.pixels.max() < 1 and done.pixels.min() < -0.25


@pytest.mark.parametrize("dtype", DEPTHS)
def test_quantised_layers_look_the_same_within_the_depth(dtype: type) -> None:
    picture = photo(dtype, 3)
    rng = np.random.default_rng(3)
    layer = Layer(
        "l",
        rng.uniform(0, 1, (40, 60, 3)).astype(np.float32),
        rng.uniform(0, 1, (40, 60)).astype(np.float32),
        BlendMode.SOFT_LIGHT,
        0.5,
    )
    stack = LayerStack("s", (layer,), {"strength": 1}, ("a note",))
    stored = quantise(stack, dtype)
    assert stored.layers[0].pixels.dtype == dtype and stored.layers[0].mask.dtype == dtype
    assert (stored.settings, stored.notes) == (stack.settings, stack.notes)
    one, other = to_unit(composite(picture, stack).pixels), to_unit(composite(picture, stored).pixels)
    step = {"uint8": 1 / 255, "uint16": 1 / 65535, "float16": 1e-3, "float32": 0}[np.dtype(dtype).name]
    assert np.abs(one - other).max() <= step * 1.001


def test_a_layer_of_other_channels_is_a_defect() -> None:
    layer = Layer("l", np.zeros((4, 4, 3), np.float32), np.ones((4, 4), np.float32))
    with pytest.raises(ValueError, match="colour channels"):
        composite(photo(np.uint8, 1), LayerStack("s", (layer,)))


def test_memory_beside_the_copy_does_not_follow_the_photo() -> None:
    # A diagonal stroke, so that the layer's box is the whole photo and the work is tiles along it.
    picture = photo(np.uint8, 3, size=(3000, 3000))
    mask = np.zeros((3000, 3000), np.uint8)
    mask[np.arange(3000), np.arange(3000)] = 255
    layer = Layer("l", np.full((3000, 3000, 3), 90, np.uint8), mask)
    tracemalloc.start()
    composite(picture, LayerStack("s", (layer,)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - picture.pixels.nbytes < 30 << 20
