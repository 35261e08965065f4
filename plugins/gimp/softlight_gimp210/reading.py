"""What a filter gets to see, in 8 bits: the picture below a place, or one layer alone, and the mask."""

from collections import namedtuple
from contextlib import contextmanager

from gimpfu import (
    LAYER_MODE_NORMAL,
    LAYER_MODE_NORMAL_LEGACY,
    LAYER_MODE_PASS_THROUGH,
    MASK_DISCARD,
    pdb,
)

from softlight_gimp210 import depths, places
from softlight_gimp210.rasters import cropped
from softlight_gimp210.refusals import Refusal
from softlight_gimp210.translation import pgettext

MYPY = False
if MYPY:
    from typing import Any, Callable, Iterator, List, Optional, Tuple  # noqa: F401

    import gimp  # noqa: F401

    from softlight_gimp210.places import Place  # noqa: F401
    from softlight_gimp210.rasters import Mask  # noqa: F401

BELOW, LAYER = "below", "layer"
INPUTS = (
    (BELOW, pgettext("choice", "All that is visible below")),
    (LAYER, pgettext("choice", "The layer below alone")),
)
"""What a filter looks at, and how the dialog says it."""

AUTOMATIC, SELECTION, BRUSH, STORED, FACES = "automatic", "selection", "brush-mask", "stored", "faces"
MASKS = (
    (AUTOMATIC, pgettext("choice", "Selection, or else the brush mask")),
    (SELECTION, pgettext("choice", "Selection")),
    (BRUSH, pgettext("choice", "Brush mask")),
    (STORED, pgettext("choice", "Mask of the active Softlight group, which is replaced")),
)
"""Where a filter works that needs a mask, and how the dialog says it."""
MASKS_OR_FACES = (
    (AUTOMATIC, pgettext("choice", "Selection, or else the brush mask, or else whole faces")),
    (SELECTION, pgettext("choice", "Selection")),
    (BRUSH, pgettext("choice", "Brush mask")),
    (STORED, pgettext("choice", "As the active Softlight group, which is replaced")),
    (FACES, pgettext("choice", "Whole faces")),
)
"""The same for one that can do without; scripts give the numbers, so that the first ones stay."""

HOW = (
    "Say first where to work: select the place (Quick Mask works too), or take Filters > Softlight > "
    "New brush mask and paint over it."
)
BAND = 1 << 22
"""Bytes read at once: a region is a string of at most 2 GB, and a whole photo need not lie in memory."""

Photo = namedtuple("Photo", "channels pieces icc")
"""What a filter looks at, as large as the canvas: `pieces` yields whole rows from the top, and `icc` is the
profile of their values, or None for sRGB and plain grey."""


@contextmanager
def photo_at(place, source, width, height):
    # type: (Place, str, int, int) -> Iterator[Photo]
    """Hand out the photo for a result at `place`; nothing of it is changed.

    Parameters
    ----------
    place : Place
    source : {"below", "layer"}
        The projection of all that lies below, or the layer below alone: its own pixels, without its mask and
        opacity.
    width, height : int
        Of the canvas.

    Raises
    ------
    Refusal
        When the layer alone is asked for, and there is no such layer or it is a group.
    """
    layer = place.photo
    if source == LAYER and layer is None:
        raise Refusal("There is no layer below the brush mask; move the mask above the photo.")
    if source == LAYER and pdb.gimp_item_is_group(layer):
        raise Refusal(
            "'%s' is a group; look at all that is visible below instead, or click a layer in it." % layer.name
        )
    if layer is not None and _is_what_is_seen(layer, source):
        x, y = layer.offsets
        yield Photo(layer.bpp, pixels(layer, -x, -y, width, height), _profile(place.image))
        return
    with depths.duplicate(place.image) as scratch:
        if source == LAYER:
            _show_alone(scratch, place)
        else:
            _hide_above(scratch, place)
        for mask in places.brush_masks(scratch):
            pdb.gimp_item_set_visible(mask, False)
        seen = pdb.gimp_layer_new_from_visible(scratch, scratch, "seen")
        for done in scratch.layers:
            scratch.remove_layer(done)
        pdb.gimp_image_insert_layer(scratch, seen, None, 0)
        depths.convert(scratch)
        yield Photo(seen.bpp, pixels(seen, 0, 0, width, height), _profile(scratch))


def pixels(drawable, x, y, width, height):
    # type: (gimp.Drawable, int, int, int, int) -> Iterator[bytes]
    """Yield a box of a drawable's own pixels, in bands of whole rows."""
    rows = max(1, BAND // (width * drawable.bpp))
    for top in range(y, y + height, rows):
        bottom = min(top + rows, y + height)
        region = drawable.get_pixel_rgn(x, top, width, bottom - top, False, False)
        yield region[x : x + width, top:bottom]


def _is_what_is_seen(layer, source):
    # type: (gimp.Layer, str) -> bool
    """Whether the photo is just the layer's own pixels, so that no duplicate is needed."""
    x, y = layer.offsets
    image = layer.image
    reaches = x + layer.width >= image.width and y + layer.height >= image.height
    fills = x <= 0 and y <= 0 and reaches and not layer.has_alpha and not pdb.gimp_item_is_group(layer)
    plain = layer.mode in (LAYER_MODE_NORMAL, LAYER_MODE_NORMAL_LEGACY)
    hides = plain and layer.opacity == 100.0 and layer.mask is None
    return depths.has_eight_bits(image) and fills and (hides or source == LAYER)


def _path(place):
    # type: (Place) -> List[int]
    """Return the positions of the groups around a place, from the image down, and the place's own."""
    path = [place.position]
    group = place.parent
    while group is not None:
        path.insert(0, pdb.gimp_image_get_item_position(place.image, group))
        group = pdb.gimp_item_get_parent(group)
    return path


def _hide_above(scratch, place):
    # type: (gimp.Image, Place) -> None
    """Hide in a duplicate of the place's image all that a layer at the place is not blended with."""
    level = places.siblings(scratch, None)
    hidden = []
    path = _path(place)
    for position in path[:-1]:
        group = level[position]
        if group.mode == LAYER_MODE_PASS_THROUGH:
            hidden += level[:position]
        else:
            # An isolated group: its content is blended with itself alone, before the group's own effects.
            hidden = _outside(scratch, group)
            group.mode = LAYER_MODE_NORMAL
        _as_it_is(group)
        level = places.siblings(scratch, group)
    for layer in hidden + level[: path[-1]]:
        pdb.gimp_item_set_visible(layer, False)


def _show_alone(scratch, place):
    # type: (gimp.Image, Place) -> None
    """Hide in a duplicate all but the layer below the place, and show that as it is."""
    level = places.siblings(scratch, None)
    for position in _path(place)[:-1]:
        group = level[position]
        group.mode = LAYER_MODE_NORMAL
        _as_it_is(group)
        level = places.siblings(scratch, group)
    beside = places.siblings(place.image, place.parent)
    layer = level[[item.ID for item in beside].index(place.photo.ID)]
    for other in _outside(scratch, layer):
        pdb.gimp_item_set_visible(other, False)
    layer.mode = LAYER_MODE_NORMAL
    _as_it_is(layer)


def _as_it_is(item):
    # type: (gimp.Layer) -> None
    """Show an item in full, without its mask."""
    pdb.gimp_item_set_visible(item, True)
    item.opacity = 100.0
    if item.mask is not None:
        pdb.gimp_layer_remove_mask(item, MASK_DISCARD)


def _outside(image, item):
    # type: (gimp.Image, gimp.Item) -> List[gimp.Layer]
    """Return what lies beside `item`, and beside the groups around it."""
    found = []  # type: List[gimp.Layer]
    inner = item  # type: Optional[gimp.Item]
    while inner is not None:
        around = pdb.gimp_item_get_parent(inner)
        found += [other for other in places.siblings(image, around) if other.ID != inner.ID]
        inner = around
    return found


def _profile(image):
    # type: (gimp.Image) -> Optional[bytes]
    stored = pdb.gimp_image_get_color_profile(image)[1]
    return bytes(bytearray(value & 0xFF for value in stored)) or None


def masks_for(brush):
    # type: (str) -> Tuple[Tuple[str, str], ...]
    """Return where a filter works that says "needed" or "optional" of a brush, and how the dialog says it."""
    return MASKS if brush == "needed" else MASKS_OR_FACES


def read_mask(image, drawable, source, needed):
    # type: (gimp.Image, Optional[gimp.Item], str, bool) -> Optional[Mask]
    """Read the mask that `source` names; None stands for whole faces, where a mask is not needed.

    With "automatic", an active brush mask or Quick Mask comes first, then the selection, then Quick Mask,
    then the topmost visible brush mask, then whole faces.

    Raises
    ------
    Refusal
        When there is no such mask, or it is empty.
    """
    if source == FACES:
        return None
    painted = places.brush_masks(image)
    chosen = [layer for layer in painted if drawable is not None and layer.ID == drawable.ID]
    visible = [layer for layer in painted if pdb.gimp_item_get_visible(layer)]
    quick = pdb.gimp_image_get_channel_by_name(image, places.QUICK_MASK)
    if source == BRUSH:
        if not painted:
            raise Refusal(
                "There is no brush mask; take Filters > Softlight > New brush mask and paint over the place."
            )
        return _from_layer(image, (chosen or visible or painted)[0])
    if source == AUTOMATIC and chosen:
        return _from_layer(image, chosen[0])
    if quick is not None and drawable is not None and quick.ID == drawable.ID:
        return _from_quick_mask(image)
    if not pdb.gimp_selection_is_empty(image):
        empty = "The selection covers less than half a level of any pixel; select the place anew."
        return _from_channel(image, pdb.gimp_image_get_selection, empty)
    if quick is not None:
        return _from_quick_mask(image)
    if source == AUTOMATIC and visible:
        return _from_layer(image, visible[0])
    if source == SELECTION:
        raise Refusal("Nothing is selected; select the place first (Quick Mask works too).")
    if not needed:
        return None
    raise Refusal(HOW)


def _from_quick_mask(image):
    # type: (gimp.Image) -> Mask
    def find(scratch):
        # type: (gimp.Image) -> Optional[gimp.Channel]
        return pdb.gimp_image_get_channel_by_name(scratch, places.QUICK_MASK)

    return _from_channel(image, find, "Quick Mask is empty; paint with white over the place first.")


def _from_channel(image, find, empty):
    # type: (gimp.Image, Callable[[gimp.Image], Any], str) -> Mask
    """Read the selection or a channel, which `find` finds in the image and in a duplicate of it."""
    if depths.has_eight_bits(image):
        return _cropped(image, find(image), (0, 0), empty)
    with depths.duplicate(image) as scratch:
        for layer in scratch.layers:
            scratch.remove_layer(layer)
        depths.convert(scratch)
        return _cropped(scratch, find(scratch), (0, 0), empty)


def _from_layer(image, layer):
    # type: (gimp.Image, gimp.Layer) -> Mask
    """Read a brush mask: its alpha, in whatever colour it was painted."""
    if not layer.has_alpha:
        raise Refusal("The layer '%s' has lost its alpha channel; make a new brush mask." % layer.name)
    empty = "The layer '%s' is empty; paint on it over the place first." % layer.name
    if depths.has_eight_bits(image):
        return _cropped(image, layer, layer.offsets, empty)
    with depths.empty_like(image) as scratch:
        copy = pdb.gimp_layer_new_from_drawable(layer, scratch)
        pdb.gimp_image_insert_layer(scratch, copy, None, 0)
        return _cropped(scratch, copy, layer.offsets, empty)


def _cropped(image, drawable, offsets, empty):
    # type: (gimp.Image, gimp.Drawable, Tuple[int, int], str) -> Mask
    """Return the last channel of what lies on the canvas."""
    x, y = offsets
    left, top = max(0, x), max(0, y)
    width, height = min(image.width, x + drawable.width) - left, min(image.height, y + drawable.height) - top
    mask = None
    if width > 0 and height > 0:
        channels = drawable.bpp
        bands = pixels(drawable, left - x, top - y, width, height)
        mask = cropped(b"".join(band[channels - 1 :: channels] for band in bands), width, (left, top))
    if mask is None:
        raise Refusal(empty)
    return mask
