"""What a group remembers: its filter, the settings and the mask, in an annotation of the document.

Annotations are saved in the .kra file, and Krita keeps a node's id there too. A duplicated group has another
id; it is recognised by the sizes of its layers. Nothing else is stored: no names, no places of files.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any, NamedTuple, Tuple

from krita import Document, Node

from softlight_bridge.messages import DEPTHS, PixelFormat, Raster
from softlight_krita.masks import Mask, mask_bytes
from softlight_krita.nodes import children, identity, walk
from softlight_krita.qt import QtCore

PREFIX = "softlight-"
VERSION = 1
ORPHANS = 32
"""Records of groups that are not in the picture are kept up to this number: an undo may bring them back."""

Sizes = Tuple[Tuple[int, int], ...]


class Record(NamedTuple):
    """How a group was made."""

    settings: dict[str, Any]
    """The engine's, with "filter": what it found itself is a number here."""
    asked: dict[str, Any]
    """The user's: what the filter shall find itself is None here."""
    mask: Mask | None
    """None: whole faces."""
    alone: bool
    """Whether the filter saw the layer below alone, and not all that shows there."""
    sizes: Sizes
    """Width and height of each layer, the lowest first."""


def remember(document: Document, group: Node, record: Record) -> None:
    """Store how a group was made, and forget the oldest groups that are no longer there."""
    document.setAnnotation(_key(group), "Softlight", QtCore.QByteArray(_pack(record)))
    present = {_key(node) for node in walk(document.rootNode()) if node.type() == "grouplayer"}
    orphans = [key for key in _keys(document) if key not in present and key != _key(group)]
    for key in orphans[:-ORPHANS]:
        document.removeAnnotation(key)


def recall(document: Document, group: Node) -> Record | None:
    """Return how a group was made; None when it is none of ours, or its record is damaged."""
    keys = _keys(document)
    if _key(group) in keys:
        return _unpack(bytes(document.annotation(_key(group))))
    if not keys or group.type() != "grouplayer":
        return None
    sizes = layer_sizes(group)
    for key in reversed(keys):
        record = _unpack(bytes(document.annotation(key)))
        if record is not None and sizes and record.sizes == sizes:
            return record
    return None


def group_of(document: Document, path: tuple[Node, ...]) -> Node | None:
    """Return the innermost of these nodes that is a group of ours."""
    for node in reversed(path):
        if node.type() == "grouplayer" and recall(document, node) is not None:
            return node
    return None


def layer_sizes(group: Node) -> Sizes:
    """Return the sizes by which a duplicate is recognised."""
    boxes = [node.bounds() for node in children(group)]
    return tuple((box.width(), box.height()) for box in boxes)


def _key(group: Node) -> str:
    return PREFIX + identity(group).strip("{}")


def _keys(document: Document) -> list[str]:
    return [key for key in document.annotationTypes() if key.startswith(PREFIX)]


def _pack(record: Record) -> bytes:
    told = {
        "version": VERSION,
        "settings": record.settings,
        "asked": record.asked,
        "alone": record.alone,
        "sizes": record.sizes,
        "mask": None if record.mask is None else _pack_mask(record.mask),
    }
    return json.dumps(told).encode("utf-8")


def _pack_mask(mask: Mask) -> dict[str, Any]:
    raster = mask.raster
    return {
        "box": [*mask.origin, raster.width, raster.height],
        "depth": raster.format.depth,
        "pixels": base64.b64encode(zlib.compress(bytes(raster.data), 6)).decode("ascii"),
    }


def _unpack(data: bytes) -> Record | None:
    """The record, or None: a file may come from anywhere, and says nothing that must be believed."""
    try:
        told = json.loads(data.decode("utf-8"))
        if told["version"] != VERSION or not isinstance(told["settings"]["filter"], str):
            return None
        mask = None if told["mask"] is None else _unpack_mask(told["mask"])
        sizes = tuple((int(width), int(height)) for width, height in told["sizes"])
        return Record(dict(told["settings"]), dict(told["asked"]), mask, bool(told["alone"]), sizes)
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, MemoryError, OverflowError):
        return None


def _unpack_mask(told: dict[str, Any]) -> Mask:
    left, top, width, height = (int(number) for number in told["box"])
    depth = str(told["depth"])
    expected = width * height * DEPTHS[depth]
    if min(left, top) < 0 or min(width, height) < 1:
        raise ValueError("a mask outside of the picture")
    unpacker = zlib.decompressobj()
    pixels = unpacker.decompress(base64.b64decode(told["pixels"]), expected)
    mask = Mask(Raster(width, height, PixelFormat("Y", depth), pixels), (left, top))
    if len(pixels) != expected or mask_bytes(mask) != expected:
        raise ValueError("a mask of another size")
    return mask
