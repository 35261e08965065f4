"""Where a result goes, by what is selected in GIMP: directly above one item, in the same group."""

from __future__ import annotations

from typing import NamedTuple

from gi.repository import Gimp

from softlight_gimp import brush_mask, results
from softlight_gimp.refusals import Refusal

QUICK_MASK = "Qmask"
"""How GIMP names the channel while Quick Mask is on; it is then what is selected."""


class Place(NamedTuple):
    """A gap in the layer stack, and the layer below it."""

    image: Gimp.Image
    parent: Gimp.GroupLayer | None
    position: int
    """In `parent`, or in the image; what is there now will be directly below the result."""
    photo: Gimp.Layer | None
    """The selected layer, or the first visible one below the brush mask; None where there is none."""


def find_place(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Place:
    """Return where the result of a filter goes.

    A selected brush mask stands for the layer below it, a layer of a Softlight group for that group, and
    Quick Mask for the whole stack.

    Raises
    ------
    Refusal
        When no single visible layer is selected.
    """
    if not image.get_layers():
        raise Refusal("This picture has no layer; open a photo first.")
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        # The menu entry is grey there; scripts get here.
        raise Refusal("This picture has indexed colours; convert it with Image > Mode > RGB first.")
    if image.get_floating_sel() is not None:
        raise Refusal("A floating selection is not anchored yet; anchor it (Ctrl+H), then run again.")
    if not drawables:
        raise Refusal("No layer is selected; select the photo's layer, then run again.")
    if len(drawables) > 1:
        raise Refusal(
            "Several layers are selected; select only the photo's layer: the result goes directly above it."
        )
    (chosen,) = drawables
    if isinstance(chosen, Gimp.Layer):
        return _checked(_above(image, chosen))
    if isinstance(chosen, Gimp.LayerMask):
        raise Refusal("A layer mask is selected; click the layer's own thumbnail, then run again.")
    if chosen.get_name() == QUICK_MASK:
        return _checked(Place(image, None, 0, image.get_layers()[0]))
    raise Refusal("A channel is selected; select the photo's layer, then run again.")


def above(image: Gimp.Image, item: Gimp.Layer) -> Place:
    """Return the place directly above `item`."""
    return Place(image, item.get_parent(), image.get_item_position(item), item)


def place_of_brush_mask(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Place:
    """Return where a new brush mask goes: above what is selected, or on top of everything."""
    if not image.get_layers():
        raise Refusal("This picture has no layer; open a photo first.")
    if len(drawables) == 1 and isinstance(drawables[0], Gimp.Layer):
        return _above(image, drawables[0])
    return Place(image, None, 0, None)


def _above(image: Gimp.Image, layer: Gimp.Layer) -> Place:
    if brush_mask.is_brush_mask(layer):
        parent, position = layer.get_parent(), image.get_item_position(layer) + 1
        visible = [one for one in siblings(image, parent)[position:] if one.get_visible()]
        return Place(image, parent, position, visible[0] if visible else None)
    return above(image, results.enclosing_result(layer) or layer)


def siblings(image: Gimp.Image, parent: Gimp.GroupLayer | None) -> list[Gimp.Layer]:
    """Return the layers of a group, or of the image, the topmost first."""
    return list(parent.get_children() if parent is not None else image.get_layers())


def _checked(place: Place) -> Place:
    hidden = first_hidden(place.photo)
    if hidden is not None:
        raise Refusal(f"The layer '{hidden.get_name()}' is hidden; show it, or select the photo's layer.")
    check_unlocked(place.parent)
    return place


def first_hidden(layer: Gimp.Layer | None) -> Gimp.Layer | None:
    """Return `layer`, or the group around it, that hides it."""
    item = layer
    while item is not None:
        if not item.get_visible():
            return item
        item = item.get_parent()
    return None


def check_unlocked(group: Gimp.Layer | None) -> None:
    """Refuse to change a group whose content is locked; GIMP's own procedures would not.

    The photo's lock is no obstacle: it is what protects the photo, and nothing of it is changed.

    Raises
    ------
    Refusal
    """
    item = group
    while item is not None:
        if item.get_lock_content():
            raise Refusal(f"The group '{item.get_name()}' is locked; unlock its pixels, then run again.")
        item = item.get_parent()
