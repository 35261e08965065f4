"""What the user marked: the selection, a layer painted on, or nothing, for filters that find faces."""

from __future__ import annotations

from typing import NamedTuple

from krita import Document, ManagedColor, Node, View

from softlight_bridge.messages import DEPTHS, Box, PixelFormat, Raster
from softlight_krita.encodings import Encoding, alpha_of
from softlight_krita.nodes import identity, walk
from softlight_krita.qt import QtGui
from softlight_krita.sentences import Refused
from softlight_krita.steps import Steps, until_idle

AUTOMATIC, FACES, SELECTION, PAINTED = "automatic", "faces", "selection", "painted"
"""Where the mask comes from; "faces" is none at all, and "automatic" becomes one of the others."""
LAYER_NAME = "Softlight brush mask"
LAYER_OPACITY = 128
"""The photo stays visible under the paint."""
LAYER_LABEL = 7
"""Krita's red colour label."""
PAINT = "red"
"""A colour that no skin has."""


class Mask(NamedTuple):
    """How much of the brush lies on each pixel of a part of the picture."""

    raster: Raster
    origin: tuple[int, int]


def decided(document: Document, source: str, whole: bool) -> str:
    """Return what `source` means in this picture as it is now.

    Parameters
    ----------
    document : Document
    source : str
        "automatic" is the brush mask if there is one, else the selection, else whole faces. A brush mask
        counts when it is hidden, too: it is after each run, and an undo does not show it again.
    whole : bool
        Whether the filter works on whole faces.
    """
    if source != AUTOMATIC:
        return source
    if brush_layer(document) is not None:
        return PAINTED
    return FACES if whole and document.selection() is None else SELECTION


def marked(document: Document, source: str, whole: bool) -> Mask | None:
    """Return the mask from `source`; None for whole faces.

    Raises
    ------
    Refused
        When nothing is marked.
    """
    found = decided(document, source, whole)
    if found == FACES:
        return None
    return _painted(document) if found == PAINTED else _selected(document)


def brush_layer(document: Document) -> Node | None:
    """Return the brush mask that counts: the chosen one, else the topmost."""
    root = document.rootNode()
    if root is None:
        return None
    found = [node for node in walk(root) if is_brush_layer(node)]
    active = document.activeNode()
    chosen = [node for node in found if active is not None and identity(node) == identity(active)]
    candidates = chosen or found[-1:]
    return candidates[0] if candidates else None


def is_brush_layer(node: Node) -> bool:
    """Whether a layer is one to paint a mask on."""
    return bool(node.type() == "paintlayer" and node.name().startswith(LAYER_NAME))


def prepare_painting(document: Document, view: View | None) -> Steps[tuple[str, ...]]:
    """Show the brush mask, or make one on top of the picture, and choose it and a visible colour."""
    layer = brush_layer(document)
    if layer is None:
        layer = document.createNode(LAYER_NAME, "paintlayer")
        layer.setOpacity(LAYER_OPACITY)
        layer.setColorLabel(LAYER_LABEL)
        yield from until_idle(document)
        document.rootNode().addChildNode(layer, None)
        # Krita's list of layers learns of a new one in its next event, and cannot choose it before.
        yield
        yield from until_idle(document)
    elif not layer.visible():
        layer.setVisible(True)
        document.refreshProjection()
    document.setActiveNode(layer)
    if view is not None:
        view.setForeGroundColor(ManagedColor.fromQColor(QtGui.QColor(PAINT), view.canvas()))
    return ("Paint over the place; erase what is too much.",)


def hide_brush_layer(document: Document) -> None:
    """Take the paint out of sight when the result is there."""
    layer = brush_layer(document)
    if layer is not None and layer.visible():
        layer.setVisible(False)
        document.refreshProjection()


def _selected(document: Document) -> Mask:
    selection = document.selection()
    if selection is None:
        raise Refused("Nothing is selected; select the place, or click 'Paint mask' and paint over it.")
    box = _clipped(document, selection.x(), selection.y(), selection.width(), selection.height())
    data = bytes(selection.pixelData(*box)) if box is not None else b""
    if box is None or not data.strip(b"\x00"):
        raise Refused("The selection is empty or lies outside of the picture; select the place.")
    return Mask(Raster(box.width, box.height, PixelFormat("Y", "u8"), data), (box.left, box.top))


def _painted(document: Document) -> Mask:
    layer = brush_layer(document)
    if layer is None:
        raise Refused("There is no brush mask yet; click 'Paint mask' and paint over the place.")
    bounds = layer.bounds()
    box = _clipped(document, bounds.x(), bounds.y(), bounds.width(), bounds.height())
    if box is None:
        raise Refused("The brush mask is empty; paint over the place on its layer first.")
    encoding = Encoding(layer.colorModel(), layer.colorDepth(), layer.colorProfile())
    alpha = alpha_of(bytes(layer.pixelData(*box)), box.width, box.height, encoding)
    if not bytes(alpha.data).strip(b"\x00"):
        raise Refused("The brush mask is empty; paint over the place on its layer first.")
    return Mask(alpha, (box.left, box.top))


def _clipped(document: Document, left: int, top: int, width: int, height: int) -> Box | None:
    right, bottom = min(left + width, document.width()), min(top + height, document.height())
    left, top = max(left, 0), max(top, 0)
    return Box(left, top, right - left, bottom - top) if left < right and top < bottom else None


def mask_bytes(mask: Mask) -> int:
    """Return how many bytes the mask's pixels take."""
    return mask.raster.width * mask.raster.height * DEPTHS[mask.raster.format.depth]
