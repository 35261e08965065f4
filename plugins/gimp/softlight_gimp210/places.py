"""Where a result goes, by what is active in GIMP: directly above one item, in the same group."""

from collections import namedtuple

import gimp
from gimpfu import pdb

from softlight_gimp210 import records
from softlight_gimp210.refusals import Refusal

MYPY = False
if MYPY:
    from typing import List, Optional  # noqa: F401

QUICK_MASK = "Qmask"
"""How GIMP names the channel while Quick Mask is on; it is then what is active."""
BRUSH_MASK = "softlight-brush-mask"
"""Name of the parasite by which a brush mask is known, whatever the user calls it."""

Place = namedtuple("Place", "image parent position photo")
"""A gap in the layer stack: position in `parent`, a group, or None for the image; and the layer below it, or
None where there is none."""


def find_place(image, drawable):
    # type: (gimp.Image, Optional[gimp.Item]) -> Place
    """Return where the result of a filter goes.

    An active brush mask stands for the layer below it, a layer of a Softlight group for that group, and
    Quick Mask for the whole stack.

    Raises
    ------
    Refusal
        When no single visible layer is active.
    """
    if not image.layers:
        raise Refusal("This picture has no layer; open a photo first.")
    if pdb.gimp_image_get_floating_sel(image) is not None:
        raise Refusal("A floating selection is not anchored yet; anchor it (Ctrl+H), then run again.")
    if drawable is None:
        raise Refusal("No layer is active; click the photo's layer, then run again.")
    if pdb.gimp_item_is_layer_mask(drawable):
        raise Refusal("A layer mask is active; click the layer's own thumbnail, then run again.")
    if pdb.gimp_item_is_channel(drawable):
        if drawable.name != QUICK_MASK:
            raise Refusal("A channel is active; click the photo's layer, then run again.")
        return _checked(Place(image, None, 0, image.layers[0]))
    if is_brush_mask(drawable):
        return _checked(below(image, drawable))
    return _checked(above(image, enclosing_result(drawable) or drawable))


def above(image, item):
    # type: (gimp.Image, gimp.Item) -> Place
    """Return the place directly above `item`."""
    return Place(image, pdb.gimp_item_get_parent(item), pdb.gimp_image_get_item_position(image, item), item)


def below(image, item):
    # type: (gimp.Image, gimp.Item) -> Place
    """Return the place directly below `item`, and above the first visible layer from there."""
    parent, position = pdb.gimp_item_get_parent(item), pdb.gimp_image_get_item_position(image, item) + 1
    visible = [one for one in siblings(image, parent)[position:] if pdb.gimp_item_get_visible(one)]
    return Place(image, parent, position, visible[0] if visible else None)


def siblings(image, parent):
    # type: (gimp.Image, Optional[gimp.Layer]) -> List[gimp.Layer]
    """Return the layers of a group, or of the image, the topmost first."""
    if parent is None:
        return list(image.layers)
    return [gimp.Item.from_id(number) for number in pdb.gimp_item_get_children(parent)[1]]


def is_brush_mask(layer):
    # type: (gimp.Item) -> bool
    """Whether `layer` is one that masks are painted on."""
    return BRUSH_MASK in (layer.parasite_list() or ())


def brush_masks(image, parent=None):
    # type: (gimp.Image, Optional[gimp.Layer]) -> List[gimp.Layer]
    """Return the brush masks of the image, or in a group, the topmost first."""
    found = []
    for layer in siblings(image, parent):
        if is_brush_mask(layer):
            found.append(layer)
        elif pdb.gimp_item_is_group(layer):
            found += brush_masks(image, layer)
    return found


def enclosing_result(item):
    # type: (Optional[gimp.Item]) -> Optional[gimp.Item]
    """Return the innermost group of ours that `item` is or lies in; a mask lies where its layer does."""
    if item is not None and pdb.gimp_item_is_layer_mask(item):
        item = pdb.gimp_layer_from_mask(item)
    while item is not None:
        if pdb.gimp_item_is_group(item) and records.MARK in (item.parasite_list() or ()):
            return item
        item = pdb.gimp_item_get_parent(item)
    return None


def _checked(place):
    # type: (Place) -> Place
    item = place.photo
    while item is not None:
        if not pdb.gimp_item_get_visible(item):
            raise Refusal("The layer '%s' is hidden; show it, or click the photo's layer." % item.name)
        item = pdb.gimp_item_get_parent(item)
    # The photo's own lock is no obstacle: nothing of the photo is changed.
    group = place.parent
    while group is not None:
        if pdb.gimp_item_get_lock_content(group):
            raise Refusal("The group '%s' is locked; unlock its pixels, then run again." % group.name)
        group = pdb.gimp_item_get_parent(group)
    return place
