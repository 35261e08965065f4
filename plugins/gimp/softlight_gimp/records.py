"""What is stored with a result's group, so that its filter can be run again: settings and brush mask.

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

VERSION = 1
LARGEST_MASK = 1 << 30
"""Pixels: more than any GIMP image that could be worked on; a damaged record cannot ask for all memory."""


class Record(NamedTuple):
    """How a result was made."""

    settings: dict[str, Any]
    """As the engine returned them, with "filter"."""
    input: str
    """Which pixels the filter saw: "below" or "layer"."""
    picture_size: tuple[int, int]
    mask: Mask


def to_text(record: Record) -> str:
    """Return the record as it is stored."""
    raster, origin = record.mask
    return json.dumps(
        {
            "version": VERSION,
            "settings": record.settings,
            "input": record.input,
            "picture": list(record.picture_size),
            "mask": {
                "origin": list(origin),
                "size": [raster.width, raster.height],
                "zlib": base64.b64encode(zlib.compress(bytes(raster.data), 6)).decode("ascii"),
            },
        }
    )


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
        width, height = (int(side) for side in stored["mask"]["size"])
        if min(width, height) < 1 or width * height > LARGEST_MASK:
            raise ValueError("size")
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(stored["mask"]["zlib"]), width * height + 1)
        if len(data) != width * height:
            raise ValueError("mask")
        x, y = (int(place) for place in stored["mask"]["origin"])
        across, down = (int(side) for side in stored["picture"])
        settings = dict(stored["settings"])
        settings["filter"] = str(settings["filter"])
        source = str(stored["input"])
    except (ValueError, KeyError, TypeError, binascii.Error, zlib.error) as error:
        raise Refusal(
            "What Softlight stored with this group is damaged; run the filter anew instead."
        ) from error
    return Record(settings, source, (across, down), Mask(Raster(width, height, FORMAT, data), (x, y)))
