"""A result becomes layers: one pass-through group directly above the photo, in one undo step."""

import gimp
from gimpfu import (
    ADD_MASK_BLACK,
    GRAY,
    GRAYA_IMAGE,
    LAYER_COLOR_SPACE_RGB_PERCEPTUAL,
    LAYER_COMPOSITE_CLIP_TO_BACKDROP,
    LAYER_MODE_NORMAL,
    LAYER_MODE_PASS_THROUGH,
    LAYER_MODE_SOFTLIGHT,
    RGBA_IMAGE,
    pdb,
)

from softlight_gimp210 import depths, marking, records
from softlight_gimp210.places import BRUSH_MASK
from softlight_gimp210.translation import shown

MYPY = False
if MYPY:
    from typing import List, Optional, Sequence, Tuple  # noqa: F401

    from softlight_gimp210.places import Place  # noqa: F401
    from softlight_gimp210.rasters import Layer, Stack  # noqa: F401

    Inserted = Tuple[gimp.Layer, Tuple[str, ...]]

MODES = {"normal": LAYER_MODE_NORMAL, "soft-light": LAYER_MODE_SOFTLIGHT}
PERSISTENT = 1
"""A parasite with this flag is saved with the picture."""
BAND = 1 << 22
BRUSH_MASK_OPACITY = 55.0


def insert(place, stack, record, replaced=None, used_masks=()):
    # type: (Place, Stack, records.Record, Optional[gimp.Item], Sequence[gimp.Item]) -> Inserted
    """Put a result's layers into the image, and make their group the active layer.

    What the stack says of a picture goes into the image's metadata.

    Parameters
    ----------
    place : Place
    stack : Stack
        With at least one layer.
    record : Record
        Stored with the group.
    replaced : gimp.GroupLayer, optional
        An earlier result, directly above the place, which this one takes the place of.
    used_masks : sequence of gimp.Layer
        Brush masks that have done their work and are hidden, so that the result can be seen.

    Returns
    -------
    tuple
        The group, and sentences for the user.
    """
    image = place.image
    # Made in full before the image is touched: what goes wrong here leaves no trace.
    layers = _layers(image, stack.layers)
    group = pdb.gimp_layer_group_new(image)
    name = shown(stack.group) if replaced is None else replaced.name
    group.name = name
    group.mode = LAYER_MODE_PASS_THROUGH
    pdb.gimp_layer_set_composite_space(group, LAYER_COLOR_SPACE_RGB_PERCEPTUAL)
    attach(group, records.MARK, records.to_text(record))
    image.undo_group_start()
    try:
        pdb.gimp_image_insert_layer(image, group, place.parent, place.position)
        for layer in layers:
            pdb.gimp_image_insert_layer(image, layer, group, 0)
        if replaced is not None:
            pdb.gimp_image_remove_layer(image, replaced)
            # GIMP numbered the new names as long as the old ones were there.
            group.name = name
            for layer, result in zip(layers, stack.layers):
                layer.name = shown(result.name)
        for mask in used_masks:
            pdb.gimp_item_set_visible(mask, False)
        image.active_layer = group
        note = None if stack.source_type is None else marking.mark(image, str(stack.source_type))
    finally:
        image.undo_group_end()
    return group, () if note is None else (note,)


def add_brush_mask(image, parent, position):
    # type: (gimp.Image, Optional[gimp.Item], int) -> gimp.Layer
    """Put an empty layer to paint a mask on into the image, in one undo step, and make it active."""
    kind = GRAYA_IMAGE if image.base_type == GRAY else RGBA_IMAGE
    name = "Softlight brush mask"
    layer = gimp.Layer(image, name, image.width, image.height, kind, BRUSH_MASK_OPACITY, LAYER_MODE_NORMAL)
    attach(layer, BRUSH_MASK, "1")
    image.undo_group_start()
    try:
        pdb.gimp_image_insert_layer(image, layer, parent, position)
        image.active_layer = layer
    finally:
        image.undo_group_end()
    return layer


def attach(item, name, text):
    # type: (gimp.Item, str, str) -> None
    """Store `text` with an item; `attach_new_parasite` would add a zero byte to it."""
    item.parasite_attach(gimp.Parasite(name, PERSISTENT, text))


def _layers(image, layers):
    # type: (gimp.Image, Sequence[Layer]) -> List[gimp.Layer]
    """Return layers with their pixels and masks that belong to no stack yet."""
    if depths.has_eight_bits(image):
        return [_layer(image, layer) for layer in layers]
    with depths.empty_like(image) as scratch:
        made = []
        for layer in layers:
            eight_bits = _layer(scratch, layer)
            pdb.gimp_image_insert_layer(scratch, eight_bits, None, 0)
            copy = pdb.gimp_layer_new_from_drawable(eight_bits, image)
            copy.name = eight_bits.name  # GIMP had added "copy".
            made.append(copy)
        return made


def _layer(image, layer):
    # type: (gimp.Image, Layer) -> gimp.Layer
    kind = GRAYA_IMAGE if image.base_type == GRAY else RGBA_IMAGE
    made = gimp.Layer(
        image,
        shown(layer.name),
        layer.width,
        layer.height,
        kind,
        100.0 * layer.opacity,
        MODES[layer.blend],
    )
    made.set_offsets(*layer.offset)
    # GIMP mixes half masks in linear light by default, off by up to 6 levels of 255 from our compositor; and
    # it would make a transparent photo opaque.
    pdb.gimp_layer_set_composite_space(made, LAYER_COLOR_SPACE_RGB_PERCEPTUAL)
    pdb.gimp_layer_set_composite_mode(made, LAYER_COMPOSITE_CLIP_TO_BACKDROP)
    write(made, layer.pixels)
    mask = made.create_mask(ADD_MASK_BLACK)
    made.add_mask(mask)
    write(mask, layer.mask)
    return made


def write(drawable, data):
    # type: (gimp.Drawable, bytes) -> None
    """Fill a whole drawable with 8-bit values."""
    width, height = drawable.width, drawable.height
    stride = width * drawable.bpp
    rows = max(1, BAND // stride)
    region = drawable.get_pixel_rgn(0, 0, width, height, True, False)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        region[0:width, top:bottom] = data[top * stride : bottom * stride]
    drawable.flush()
    drawable.update(0, 0, width, height)
