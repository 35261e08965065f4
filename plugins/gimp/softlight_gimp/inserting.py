"""A result becomes layers: one pass-through group directly above the photo, in one undo step.

By the measured rules of the canvas: soft light needs pass-through groups, masks go on each layer, and GIMP
mixes half masks in linear light (off by up to 6 levels of 255) unless told to do it perceptually.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from gi.repository import Gegl, Gimp

from softlight_bridge.messages import Box, Result, ResultLayer
from softlight_bridge.translation import _, shown
from softlight_gimp import records, results
from softlight_gimp.encoding import Encoding, encoding_of
from softlight_gimp.marking import Mark
from softlight_gimp.places import Place

MODES = {"normal": Gimp.LayerMode.NORMAL, "soft-light": Gimp.LayerMode.SOFTLIGHT}


def insert(
    place: Place,
    result: Result,
    record: records.Record,
    *,
    replaced: Gimp.GroupLayer | None = None,
    used_masks: Sequence[Gimp.Layer] = (),
    mark: Mark | None = None,
) -> Gimp.GroupLayer:
    """Put a result's layers into the image, and select their group.

    Parameters
    ----------
    place : Place
    result : Result
        With at least one layer.
    record : Record
        Stored with the group.
    replaced : Gimp.GroupLayer, optional
        An earlier result, at the place's position, which this one takes the place of.
    used_masks : sequence of Gimp.Layer
        Brush masks that have done their work and are hidden, so that the result can be seen.
    mark : Mark, optional
        What the image's metadata shall say from now on; undone with the layers.
    """
    image, name = place.image, shown(result.group)
    encoding = encoding_of(image)
    # Made in full before the image is touched: what goes wrong here leaves no trace.
    layers = [
        _layer(image, layer, _name(layer, name), encoding, whole_canvas=number == 0 and merging_cuts())
        for number, layer in enumerate(result.layers)
    ]
    group = Gimp.GroupLayer.new(image, name)
    group.set_mode(Gimp.LayerMode.PASS_THROUGH)
    group.set_composite_space(Gimp.LayerColorSpace.RGB_PERCEPTUAL)
    results.attach(group, record)
    position = place.position
    with one_undo_step(image):
        if replaced is not None:
            # First, since no two layers of an image have the same name.
            name, position = replaced.get_name(), image.get_item_position(replaced)
            image.remove_layer(replaced)
        image.insert_layer(group, place.parent, position)
        group.set_name(name)
        for layer in layers:
            image.insert_layer(layer, group, 0)
        for mask in used_masks:
            mask.set_visible(False)
        if mark is not None:
            mark.set()
        image.set_selected_layers([group])
    return group


def merging_cuts() -> bool:
    """Whether this GIMP cuts a merged picture to the box of a pass-through group.

    GIMP 3.0.4 does, when it merges visible layers and so for every PNG: what is beside the group is lost. A
    group that covers the canvas has nothing beside it. Its empty tiles take no memory, but time: all of a
    24 MP picture in 16 bits is drawn in 4.6 s instead of 0.9 s.
    """
    return (Gimp.MAJOR_VERSION, Gimp.MINOR_VERSION) < (3, 2)


def _name(layer: ResultLayer, group: str) -> str:
    """Return a name that differs from the group's: GIMP would number one of the two."""
    name = shown(layer.name)
    if name != group:
        return name
    told = _("{name} (soft light)") if layer.blend == "soft-light" else _("{name} (normal)")
    return told.format(name=name)


def _layer(
    image: Gimp.Image, layer: ResultLayer, name: str, encoding: Encoding, *, whole_canvas: bool
) -> Gimp.Layer:
    """Return a layer that belongs to no stack yet, with its pixels and its mask."""
    kind = Gimp.ImageType.GRAYA_IMAGE if encoding.grey else Gimp.ImageType.RGBA_IMAGE
    box, inside = layer.box, Box(0, 0, layer.box.width, layer.box.height)
    if whole_canvas:
        box, inside = Box(0, 0, image.get_width(), image.get_height()), layer.box
    made = Gimp.Layer.new(image, name, box.width, box.height, kind, 100.0 * layer.opacity, MODES[layer.blend])
    made.set_offsets(box.left, box.top)
    as_reference(made)
    write_pixels(made, inside, encoding.babl_name(alpha=True), layer.pixels.data)
    if layer.mask is not None:
        mask = made.create_mask(Gimp.AddMaskType.BLACK)
        made.add_mask(mask)
        write_pixels(mask, inside, encoding.mask_babl_name, layer.mask.data)
    return made


def as_reference(layer: Gimp.Layer) -> None:
    """Make GIMP mix a layer as our own compositor does: on the blend curve, the photo's alpha kept."""
    layer.set_composite_space(Gimp.LayerColorSpace.RGB_PERCEPTUAL)
    layer.set_composite_mode(Gimp.LayerCompositeMode.CLIP_TO_BACKDROP)


def write_pixels(drawable: Gimp.Drawable, box: Box, name: str, data: bytes | bytearray | memoryview) -> None:
    """Fill a box of a drawable with values in the babl format `name`."""
    buffer = drawable.get_buffer()
    # PyGObject takes anything else byte by byte: 0.9 s for 26 MB.
    buffer.set(Gegl.Rectangle.new(*box), name, bytes(data))
    buffer.flush()


@contextlib.contextmanager
def one_undo_step(image: Gimp.Image) -> Iterator[None]:
    """Make all that happens to the image inside one step of its undo history."""
    image.undo_group_start()
    try:
        yield
    finally:
        image.undo_group_end()
