"""A result becomes one normal layer that shows the same."""

from __future__ import annotations

from gi.repository import Babl, Gimp

from softlight_bridge.messages import Box
from softlight_gimp import inserting, places, reading
from softlight_gimp.masks import Mask, cropped
from softlight_gimp.refusals import Refusal


def bake(image: Gimp.Image, group: Gimp.GroupLayer) -> Gimp.Layer:
    """Replace `group` by a layer with the pixels that are seen at its place, in one undo step.

    They are the projection's own, so that nothing in the picture changes by as much as a level.

    Raises
    ------
    Refusal
        When the group is hidden, locked, or lies off the canvas.
    """
    hidden = places.first_hidden(group)
    if hidden is not None:
        raise Refusal(f"'{hidden.get_name()}' is hidden, so that there is nothing to bake; show it first.")
    places.check_unlocked(group)
    covered = _covered(image, group)
    if covered is None:
        raise Refusal(f"'{group.get_name()}' has nothing on the canvas, so that there is nothing to bake.")
    raster, origin = covered
    box, inside = Box(*origin, raster.width, raster.height), Box(0, 0, raster.width, raster.height)
    above = places.above(image, group)
    grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    # Without alpha: half transparent pixels of the photo would else count half, twice.
    kind = Gimp.ImageType.GRAY_IMAGE if grey else Gimp.ImageType.RGB_IMAGE
    layer = Gimp.Layer.new(image, group.get_name(), box.width, box.height, kind, 100.0, Gimp.LayerMode.NORMAL)
    layer.set_offsets(box.left, box.top)
    inserting.as_reference(layer)
    native = Babl.get_name(layer.get_format())
    inserting.write_pixels(layer, inside, native, reading.read_projection(above, box, native))
    mask = layer.create_mask(Gimp.AddMaskType.BLACK)
    layer.add_mask(mask)
    inserting.write_pixels(mask, inside, "Y u8", raster.data)
    with inserting.one_undo_step(image):
        name = group.get_name()
        image.remove_layer(group)
        image.insert_layer(layer, above.parent, above.position)
        layer.set_name(name)
        image.set_selected_layers([layer])
    return layer


def _covered(image: Gimp.Image, group: Gimp.GroupLayer) -> Mask | None:
    """Return where on the canvas any layer of the group has a pixel: full there, 0 elsewhere."""
    _, x, y = group.get_offsets()
    left, top = max(0, x), max(0, y)
    width = min(image.get_width(), x + group.get_width()) - left
    height = min(image.get_height(), y + group.get_height()) - top
    if width <= 0 or height <= 0:
        return None
    union = 0
    for layer in group.get_children():
        _, x, y = layer.get_offsets()
        alpha = reading.read_pixels(layer, Box(left - x, top - y, width, height), "YA u8")[1::2]
        # An integer of all bytes: the one "or" over megabytes that the standard library does at once.
        union |= int.from_bytes(alpha, "little")
    full = bytes([0] + [255] * 255)
    return cropped(union.to_bytes(width * height, "little").translate(full), width, (left, top))
