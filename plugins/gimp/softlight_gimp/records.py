"""What is stored with a result's group, so that its filter can be run again: settings and mask, if any.

It is text: GIMP takes no bytes above 127 from Python for a parasite. Nothing in it names a file or a person.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any, NamedTuple

from softlight_bridge.messages import Raster
from softlight_gimp.masks import FORMAT, Mask
from softlight_gimp.refusals import Refusal

VERSION, MASKED = 2, 1
"""With a mask, a record is as in the first version, which older plug-ins read."""
LARGEST_MASK = 1 << 30
"""Pixels: more than any GIMP image that could be worked on; a damaged record cannot ask for all memory."""


class Record(NamedTuple):
    """How a result was made."""

    settings: dict[str, Any]
    """As the engine returned them, with "filter"."""
    input: str
    """Which pixels the filter saw: "below" or "layer"."""
    picture_size: tuple[int, int]
    mask: Mask | None
    """None: whole faces."""


def to_text(record: Record) -> str:
    """Return the record as it is stored."""
    return json.dumps(
        {
            "version": VERSION if record.mask is None else MASKED,
            "settings": record.settings,
            "input": record.input,
            "picture": list(record.picture_size),
            "mask": None if record.mask is None else _described(record.mask),
        }
    )


def _described(mask: Mask) -> dict[str, Any]:
    raster, origin = mask
    return {
        "origin": list(origin),
        "size": [raster.width, raster.height],
        "zlib": base64.b64encode(zlib.compress(bytes(raster.data), 6)).decode("ascii"),
    }


def from_text(text: str) -> Record:
    """Return the record that `to_text` wrote.

    Raises
    ------
    Refusal
        When it is damaged, or was written by a later version.
    """
    try:
        stored = json.loads(text)
        version = int(stored["version"])
        if version > VERSION:
            raise Refusal(
                "This group was made by a newer version of Softlight; update Softlight to run it again."
            )
        if stored["mask"] is None and version == MASKED:
            raise ValueError("mask")
        mask = None if stored["mask"] is None else _mask(stored["mask"])
        across, down = (int(side) for side in stored["picture"])
        settings = dict(stored["settings"])
        settings["filter"] = str(settings["filter"])
        source = str(stored["input"])
    except (ValueError, KeyError, TypeError, binascii.Error, zlib.error) as error:
        raise Refusal(
            "What Softlight stored with this group is damaged; run the filter anew instead."
        ) from error
    return Record(settings, source, (across, down), mask)


def _mask(described: dict[str, Any]) -> Mask:
    width, height = (int(side) for side in described["size"])
    if min(width, height) < 1 or width * height > LARGEST_MASK:
        raise ValueError("size")
    data = zlib.decompressobj().decompress(base64.b64decode(described["zlib"]), width * height + 1)
    if len(data) != width * height:
        raise ValueError("mask")
    x, y = (int(place) for place in described["origin"])
    return Mask(Raster(width, height, FORMAT, data), (x, y))
