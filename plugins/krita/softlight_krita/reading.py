"""The photo's pixels: what shows below the place where the result goes, or the chosen layer alone.

Soft light blends with what lies below it in the nearest group that is not pass-through. When something
visible lies above the place, Krita is asked on a clone of the document, from which it is removed: layers
share their tiles, so that a clone of 24 MP takes 0.02 s and no memory, and the user's own document, its undo
history and its modified flag stay as they are.
"""

from __future__ import annotations

from krita import Document, Node

from softlight_bridge.messages import Box, Raster
from softlight_krita.conversion import convert
from softlight_krita.encodings import Encoding, encoding_of
from softlight_krita.nodes import children, identity, is_layer, isolates, lineage, neighbours
from softlight_krita.sentences import TARGET_GONE, Refused
from softlight_krita.steps import Steps, until_idle


def read_below(document: Document, target: str, box: Box) -> Steps[bytes]:
    """Return what a layer directly above `target` would blend with, in the document's encoding.

    Parameters
    ----------
    document : Document
    target : str
        Id of a layer.
    box : Box
        Inside the picture.

    Raises
    ------
    Refused
        When the document or the layer is gone.
    """
    yield from until_idle(document)
    path = lineage(document, target)
    if not path:
        raise Refused(TARGET_GONE)
    scope, above = _scope(path)
    hiding = [identity(node) for node in above]
    if not hiding:
        return _composed(document, scope, box)
    clone = document.clone()
    try:
        for wanted in hiding:
            lineage(clone, wanted)[-1].remove()
        yield from until_idle(clone)
        inside = lineage(clone, identity(scope))[-1] if scope is not None else None
        return _composed(clone, inside, box)
    finally:
        clone.setModified(False)
        clone.close()


def read_layer(document: Document, layer: str, box: Box) -> Steps[bytes]:
    """Return the pixels of one layer, with its own masks, in the document's encoding."""
    yield from until_idle(document)
    path = lineage(document, layer)
    if not path:
        raise Refused(TARGET_GONE)
    node = path[-1]
    pixels = bytes(node.projectionPixelData(*box))
    own = Encoding(node.colorModel(), node.colorDepth(), node.colorProfile())
    return (yield from convert(pixels, box.width, box.height, own, encoding_of(document)))


def as_raster(pixels: bytes, box: Box, encoding: Encoding) -> Steps[Raster]:
    """Return pixels of a document as the engine takes them, other models converted to RGB."""
    taken = encoding.stand_in
    converted = yield from convert(pixels, box.width, box.height, encoding, taken)
    return Raster(box.width, box.height, taken.format, converted)


def _scope(path: tuple[Node, ...]) -> tuple[Node | None, list[Node]]:
    """The group that the result would blend in, None for the whole picture, and what to leave out of it."""
    above: list[Node] = []
    for depth in range(len(path) - 1, 0, -1):
        above += [node for node in neighbours(path[: depth + 1])[1] if node.visible() and is_layer(node)]
        group = path[depth - 1]
        if depth > 1 and isolates(group):
            # Its masks work on what the group has blended.
            above += [node for node in children(group) if not is_layer(node)]
            return group, above
    return None, above


def _composed(document: Document, scope: Node | None, box: Box) -> bytes:
    return bytes(document.pixelData(*box) if scope is None else scope.projectionPixelData(*box))
