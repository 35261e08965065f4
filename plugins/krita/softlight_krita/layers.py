"""From a result to Krita's own layers, by the rules of "The canvas".

A group is built outside of the picture and added once, so that one undo takes it away. Its children are
put in by `setChildNodes`: `addChildNode` writes an undo step for each, even in a group outside.
"""

from __future__ import annotations

from krita import Document, Krita, Node

from softlight_bridge.messages import Raster, Result, ResultLayer
from softlight_bridge.translation import pgettext
from softlight_bridge.translation import shown as translated
from softlight_krita.conversion import convert
from softlight_krita.encodings import Encoding
from softlight_krita.nodes import below, lineage
from softlight_krita.sentences import TARGET_GONE, Refused
from softlight_krita.steps import Steps, until_idle

BLENDS = {"normal": "normal", "soft-light": "soft_light_pegtop_delphi"}
"""Krita's `soft_light` is another formula, off by up to 0.13."""


def has_masks(document: Document) -> bool:
    """Whether this Krita's scripts can make transparency masks: from 5.2 on."""
    return hasattr(document, "createTransparencyMask")


def build(document: Document, result: Result, encoding: Encoding) -> Steps[Node]:
    """Return the group of a result, not yet in the picture; pixels of another encoding are converted.

    Its layers are made in a document of their own: a blending mode that is set becomes an undo step of the
    document that the layer was made in, even of a layer outside of the picture.
    """
    taken = encoding.stand_in
    pixels = []
    for layer in result.layers:
        data, box = bytes(layer.pixels.data), layer.box
        pixels.append((yield from convert(data, box.width, box.height, taken, encoding)))
    workshop = Krita.instance().createDocument(1, 1, "Softlight", *encoding, 72.0)
    if workshop is None:
        raise Refused(f"Krita cannot make layers of {encoding.model} ({encoding.profile}).")
    try:
        workshop.setBatchmode(True)
        made = [_layer(workshop, *one) for one in zip(result.layers, pixels)]
        yield from until_idle(workshop)
        group = document.createGroupLayer(translated(result.group))
        group.setPassThroughMode(True)
        group.setChildNodes(made)
        return group
    finally:
        workshop.setModified(False)
        workshop.close()


def add(document: Document, node: Node, target: str) -> None:
    """Put a node into the picture, directly above the layer `target`: one undo step.

    Raises
    ------
    Refused
        When that layer is gone.
    """
    path = lineage(document, target)
    if not path:
        raise Refused(TARGET_GONE)
    path[-2].addChildNode(node, path[-1])
    draw(document)


def replace(document: Document, old: tuple[Node, ...], new: Node) -> None:
    """Put `new` into the place of the last node of the lineage `old`.

    Krita's scripts cannot join two changes: it takes two undo steps, and between them the picture has
    neither; `undoing` makes them one.
    """
    parent, node = old[-2], old[-1]
    under = below(old)
    if under is not None:
        node.remove()
        parent.addChildNode(new, under)
    else:
        parent.addChildNode(new, node)
        node.remove()
    draw(document)


def draw(document: Document) -> None:
    """Let Krita draw the picture anew, after layers were put in or replaced.

    It leaves the masks of new layers out at first; once drawn they stay right through undo and redo (5.2.9
    to 6.0.4). 5.1, whose scripts make none, is treated alike. The call takes 0.15 s at 24 MP.
    """
    document.refreshProjection()


def paint_layer(document: Document, name: str, pixels: bytes, box: tuple[int, int, int, int]) -> Node:
    """Return a layer with these pixels, not yet in the picture."""
    node = document.createNode(name, "paintlayer")
    node.setPixelData(pixels, *box)
    # Over a transparent part of the photo nothing may show.
    node.setInheritAlpha(True)
    return node


def _layer(document: Document, layer: ResultLayer, pixels: bytes) -> Node:
    node = paint_layer(document, translated(layer.name), pixels, layer.box)
    node.setBlendingMode(BLENDS[layer.blend])
    node.setOpacity(round(layer.opacity * 255))
    mask = _mask(document, layer.mask, layer.box)
    if mask is not None:
        node.setChildNodes([mask])
    return node


def _mask(document: Document, mask: Raster | None, box: tuple[int, int, int, int]) -> Node | None:
    if mask is None:
        return None
    node = document.createTransparencyMask(pgettext("label", "Mask"))
    node.setPixelData(bytes(mask.data), *box)
    return node
