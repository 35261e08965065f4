"""The layer that is painted on to say where a filter shall work: whatever covers it, counts."""

from __future__ import annotations

from gi.repository import Gegl, Gimp

NAME = "Softlight brush mask"
MARK = "softlight-brush-mask"
"""Name of the parasite by which the layer is known, whatever the user calls it."""
COLOUR = "rgb(0.91, 0.12, 0.22)"
"""A red that is on no skin."""
OPACITY = 55.0


def is_brush_mask(layer: Gimp.Item) -> bool:
    """Whether `layer` is a brush mask."""
    return layer.get_parasite(MARK) is not None


def brush_masks(layers: list[Gimp.Layer]) -> list[Gimp.Layer]:
    """Return the brush masks among `layers` and in their groups, the topmost first."""
    found = []
    for layer in layers:
        if is_brush_mask(layer):
            found.append(layer)
        elif layer.is_group():
            found += brush_masks(layer.get_children())
    return found


def add_brush_mask(image: Gimp.Image, parent: Gimp.GroupLayer | None, position: int) -> Gimp.Layer:
    """Put an empty brush mask into the image, selected and ready to be painted on, in one undo step."""
    grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    kind = Gimp.ImageType.GRAYA_IMAGE if grey else Gimp.ImageType.RGBA_IMAGE
    size = image.get_width(), image.get_height()
    layer = Gimp.Layer.new(image, NAME, *size, kind, OPACITY, Gimp.LayerMode.NORMAL)
    layer.attach_parasite(Gimp.Parasite.new(MARK, Gimp.PARASITE_PERSISTENT, b"1"))
    layer.set_color_tag(Gimp.ColorTag.RED)
    image.undo_group_start()
    try:
        image.insert_layer(layer, parent, position)
        _show_in_one_colour(layer)
        image.set_selected_layers([layer])
    finally:
        image.undo_group_end()
    return layer


def show_again(image: Gimp.Image, layer: Gimp.Layer) -> Gimp.Layer:
    """Show and select a brush mask that is there already."""
    image.undo_group_start()
    try:
        layer.set_visible(True)
        image.set_selected_layers([layer])
    finally:
        image.undo_group_end()
    return layer


def _show_in_one_colour(layer: Gimp.Layer) -> None:
    """Whatever colour the brush has, the strokes look red: with black on dark skin nobody sees them."""
    overlay = Gimp.DrawableFilter.new(layer, "gegl:color-overlay", "Brush mask colour")
    overlay.get_config().set_property("value", Gegl.Color.new(COLOUR))
    overlay.update()
    layer.append_filter(overlay)
