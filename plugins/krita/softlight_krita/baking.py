"""A group as one normal layer that looks the same: its pixels are Krita's own picture of the group."""

from __future__ import annotations

from krita import Document, Node

from softlight_bridge.messages import Box
from softlight_bridge.translation import _
from softlight_krita.encodings import Encoding, alpha_of, encoding_of, shown, with_alpha
from softlight_krita.layers import paint_layer
from softlight_krita.nodes import children, identity, is_layer
from softlight_krita.reading import read_below
from softlight_krita.sentences import Refused
from softlight_krita.steps import Steps


def bake(document: Document, group: tuple[Node, ...]) -> Steps[Node]:
    """Return a normal layer that shows what the group shows, not yet in the picture.

    It covers the pixels that the group changes, and no others, with what shows there.

    Parameters
    ----------
    document : Document
    group : tuple of Node
        Lineage of the group.

    Raises
    ------
    Refused
        When the group shows nothing.
    """
    node = group[-1]
    layers = [child for child in children(node) if is_layer(child) and child.visible() and child.opacity()]
    box = _around(document, layers) if node.visible() and node.opacity() else None
    if box is None:
        raise Refused(f"The group '{node.name()}' shows nothing that could be baked; make it visible first.")
    name, encoding = node.name(), encoding_of(document)
    seen = yield from read_below(document, identity(node), box)
    covered = 0
    for layer in layers:
        own = Encoding(layer.colorModel(), layer.colorDepth(), layer.colorProfile())
        pixels = bytes(layer.projectionPixelData(*box))
        covered |= int.from_bytes(shown(alpha_of(pixels, box.width, box.height, own)), "little")
    where = covered.to_bytes(box.width * box.height, "little")
    return paint_layer(
        document, _("{name} (baked)").format(name=name), with_alpha(seen, where, encoding), box
    )


def _around(document: Document, layers: list[Node]) -> Box | None:
    boxes = [layer.bounds() for layer in layers]
    boxes = [box for box in boxes if box.width() and box.height()]
    if not boxes:
        return None
    left, top = max(0, min(box.x() for box in boxes)), max(0, min(box.y() for box in boxes))
    right = min(document.width(), max(box.x() + box.width() for box in boxes))
    bottom = min(document.height(), max(box.y() + box.height() for box in boxes))
    return Box(left, top, right - left, bottom - top) if left < right and top < bottom else None
