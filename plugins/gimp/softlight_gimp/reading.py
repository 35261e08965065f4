"""The photo's pixels: what is seen below a place in the layer stack, or one layer alone.

Nothing of the image is touched: where layers have to be hidden, that happens in a duplicate, whose pixels
GIMP shares until one of the two changes (24 MP in 16 bits: duplicated in 14 ms).
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import NamedTuple

from gi.repository import Gegl, Gimp

from softlight_bridge.messages import Box, PixelFormat, Raster
from softlight_gimp import brush_mask
from softlight_gimp.encoding import Encoding, encoding_of
from softlight_gimp.places import Place, siblings
from softlight_gimp.refusals import Refusal

BELOW, LAYER = "below", "layer"
"""Values of the argument that says what a filter looks at."""


class Photo(NamedTuple):
    """What a filter looks at."""

    format: PixelFormat
    read: Callable[[Box], Raster]


def photo_at(place: Place, source: str) -> Photo:
    """Return the photo for a result at `place`.

    Parameters
    ----------
    place : Place
    source : {"below", "layer"}
        The projection of all that lies below, or the layer below alone: its own pixels, without its mask,
        opacity and effects.

    Raises
    ------
    Refusal
        When the layer alone is asked for, and there is no such layer or it is a group.
    """
    encoding = encoding_of(place.image)
    layer = place.photo
    if source == LAYER:
        if layer is None:
            raise Refusal("There is no layer below the brush mask; move the mask above the photo.")
        if layer.is_group():
            raise Refusal(
                f"'{layer.get_name()}' is a group; look at everything below instead, or select a layer in it."
            )
        alpha = not fills_canvas(layer)
        return _photo(encoding, alpha, lambda box: _read_layer(layer, box, encoding, alpha))
    if layer is not None and hides_all_below(layer):
        return _photo(encoding, False, lambda box: _read_layer(layer, box, encoding, False))
    return _photo(encoding, True, lambda box: read_projection(place, box, encoding.babl_name(alpha=True)))


def _photo(encoding: Encoding, alpha: bool, read: Callable[[Box], bytes]) -> Photo:
    wire = encoding.wire(alpha)
    return Photo(wire, lambda box: Raster(box.width, box.height, wire, read(box)))


def fills_canvas(layer: Gimp.Layer) -> bool:
    """Whether the layer has a colour of its own on every pixel of the canvas."""
    image = layer.get_image()
    _, x, y = layer.get_offsets()
    reaches = x + layer.get_width() >= image.get_width() and y + layer.get_height() >= image.get_height()
    return x <= 0 and y <= 0 and reaches and not layer.has_alpha()


def hides_all_below(layer: Gimp.Layer) -> bool:
    """Whether what is seen directly above `layer` is the layer's own pixels."""
    plain = layer.get_mode() in (Gimp.LayerMode.NORMAL, Gimp.LayerMode.NORMAL_LEGACY)
    return (
        not layer.is_group()
        and plain
        and layer.get_opacity() == 100.0
        and layer.get_mask() is None
        and not layer.get_filters()
        and fills_canvas(layer)
    )


def _read_layer(layer: Gimp.Layer, box: Box, encoding: Encoding, alpha: bool) -> bytes:
    _, x, y = layer.get_offsets()
    name = encoding.babl_name(alpha)
    return read_pixels(layer, Box(box.left - x, box.top - y, box.width, box.height), name)


def read_pixels(drawable: Gimp.Drawable, box: Box, name: str) -> bytes:
    """Read a box of a drawable's own pixels in the babl format `name`; zeros outside of it."""
    rectangle = Gegl.Rectangle.new(*box)
    return bytes(drawable.get_buffer().get(rectangle, 1.0, name, Gegl.AbyssPolicy.NONE))


def read_projection(place: Place, box: Box, name: str) -> bytes:
    """Read what is seen below `place`: the pixels that a layer there is blended with.

    That is everything below it in its own group, and, as long as groups are pass-through, below those too.
    Brush masks do not count.

    Parameters
    ----------
    place : Place
    box : Box
        Inside the canvas.
    name : str
        Of a babl format.
    """
    scratch = place.image.duplicate()
    try:
        scratch.undo_disable()
        _hide_above(scratch, place)
        for layer in brush_mask.brush_masks(scratch.get_layers()):
            layer.set_visible(False)
        # Cropping first spares the projection of the whole picture (24 MP in 16 bits: 1.0 s), but would cut
        # off what an effect such as a blur sees beyond the box.
        if not _has_effects(scratch.get_layers()):
            scratch.crop(box.width, box.height, box.left, box.top)
            box = box._replace(left=0, top=0)
        seen = Gimp.Layer.new_from_visible(scratch, scratch, "seen")
        data = read_pixels(seen, box, name)
        # GIMP keeps a layer that lies in no stack, even when its image is gone.
        seen.delete()
        return data
    finally:
        # GIMP ends a plug-in that still holds a buffer of a deleted image.
        gc.collect()
        scratch.delete()


def _hide_above(scratch: Gimp.Image, place: Place) -> None:
    """Hide in a duplicate of the place's image all that a layer at the place is not blended with."""
    level = list(scratch.get_layers())
    for position in path_of(place)[:-1]:
        group = level[position]
        beside = level[:position]
        if group.get_mode() != Gimp.LayerMode.PASS_THROUGH:
            # An isolated group: its content is blended with itself alone, before the group's own effects.
            beside = _outside(group)
            group.set_mode(Gimp.LayerMode.NORMAL)
        for layer in beside:
            layer.set_visible(False)
        group.set_visible(True)
        group.set_opacity(100.0)
        for effect in group.get_filters():
            effect.set_visible(False)
        if group.get_mask() is not None:
            group.remove_mask(Gimp.MaskApplyMode.DISCARD)
        level = list(group.get_children())
    for layer in level[: place.position]:
        layer.set_visible(False)


def _outside(group: Gimp.Layer) -> list[Gimp.Layer]:
    """Return what lies beside the groups around `group`."""
    found: list[Gimp.Layer] = []
    inner: Gimp.Layer | None = group
    while inner is not None:
        around = inner.get_parent()
        found += [layer for layer in siblings(inner.get_image(), around) if layer != inner]
        inner = around
    return found


def path_of(place: Place) -> list[int]:
    """Return the positions of the groups around a place, from the image down, and the place's own."""
    path = [place.position]
    group = place.parent
    while group is not None:
        path.insert(0, place.image.get_item_position(group))
        group = group.get_parent()
    return path


def _has_effects(layers: list[Gimp.Layer]) -> bool:
    return any(
        layer.get_visible()
        and (layer.get_filters() or (layer.is_group() and _has_effects(layer.get_children())))
        for layer in layers
    )
