"""Where a filter shall work: the selection, Quick Mask, a painted layer, an earlier mask, or whole faces."""

from __future__ import annotations

from gi.repository import Gegl, Gimp

from softlight_gimp import brush_mask
from softlight_gimp.masks import Mask, cropped
from softlight_gimp.places import QUICK_MASK
from softlight_gimp.refusals import NothingMarked

AUTOMATIC, SELECTION, BRUSH, FACES = "automatic", "selection", "brush-mask", "faces"
"""Values of the argument that says which mask counts; the last one, none at all, is not every filter's."""

HOW = (
    "Say first where to work: select the place (Quick Mask works too), or take Filters > Softlight > "
    "New brush mask and paint over it."
)


def read_mask(image: Gimp.Image, drawables: list[Gimp.Drawable], source: str, *, needed: bool) -> Mask | None:
    """Read the mask that `source` names; None stands for whole faces.

    Parameters
    ----------
    image : Gimp.Image
    drawables : list of Gimp.Drawable
        What is selected: with "automatic", a selected brush mask or Quick Mask comes first, then the
        selection, then Quick Mask, then the topmost visible brush mask, then whole faces.
    source : {"automatic", "selection", "brush-mask", "faces"}
    needed : bool
        Whether the filter can do nothing without a mask.

    Raises
    ------
    NothingMarked
        When there is no such mask, or it is empty.
    """
    if source == FACES and not needed:
        return None
    painted = brush_mask.brush_masks(image.get_layers())
    chosen = [layer for layer in drawables if layer in painted]
    quick = image.get_channel_by_name(QUICK_MASK)
    if source == BRUSH:
        if not painted:
            raise NothingMarked(
                "There is no brush mask; take Filters > Softlight > New brush mask and paint over the place."
            )
        return from_brush_mask(image, (chosen or _visible(painted) or painted)[0])
    if source == AUTOMATIC and chosen:
        return from_brush_mask(image, chosen[0])
    if quick is not None and quick in drawables:
        return from_channel(image, quick)
    if not Gimp.Selection.is_empty(image):
        return from_selection(image)
    if quick is not None:
        return from_channel(image, quick)
    if source == AUTOMATIC and _visible(painted):
        return from_brush_mask(image, _visible(painted)[0])
    if source == SELECTION:
        raise NothingMarked("Nothing is selected; select the place first (Quick Mask works too).")
    if source == AUTOMATIC and not needed:
        return None
    raise NothingMarked(HOW)


def from_selection(image: Gimp.Image) -> Mask:
    """Read a selection that is not empty."""
    _, _, left, top, right, bottom = Gimp.Selection.bounds(image)
    # Bounds may reach beyond the canvas by a feather's width.
    left, top = max(0, left), max(0, top)
    right, bottom = min(image.get_width(), right), min(image.get_height(), bottom)
    data = _read(image.get_selection(), (left, top, right - left, bottom - top), "Y u8")
    mask = cropped(data, right - left, (left, top))
    if mask is None:
        raise NothingMarked(
            "The selection covers less than half a level of any pixel; select the place anew."
        )
    return mask


def from_channel(image: Gimp.Image, channel: Gimp.Channel) -> Mask:
    """Read Quick Mask."""
    width = image.get_width()
    mask = cropped(_read(channel, (0, 0, width, image.get_height()), "Y u8"), width, (0, 0))
    if mask is None:
        raise NothingMarked("Quick Mask is empty; paint with white over the place first.")
    return mask


def from_brush_mask(image: Gimp.Image, layer: Gimp.Layer) -> Mask:
    """Read a brush mask: its alpha, in whatever colour it was painted."""
    _, x, y = layer.get_offsets()
    left, top = max(0, x), max(0, y)
    width = min(image.get_width(), x + layer.get_width()) - left
    height = min(image.get_height(), y + layer.get_height()) - top
    mask = None
    if width > 0 and height > 0:
        # Grey and alpha: a format of alpha alone has no name outside of GIMP itself.
        data = _read(layer, (left - x, top - y, width, height), "YA u8")
        mask = cropped(data[1::2], width, (left, top))
    if mask is None:
        raise NothingMarked(f"The layer '{layer.get_name()}' is empty; paint on it over the place first.")
    return mask


def _visible(layers: list[Gimp.Layer]) -> list[Gimp.Layer]:
    return [layer for layer in layers if layer.get_visible()]


def _read(drawable: Gimp.Drawable, box: tuple[int, int, int, int], name: str) -> bytes:
    rectangle = Gegl.Rectangle.new(*box)
    return bytes(drawable.get_buffer().get(rectangle, 1.0, name, Gegl.AbyssPolicy.NONE))
