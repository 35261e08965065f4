"""What is stored with a result's group: settings and mask, in the same words as by the plug-in for GIMP 3.

So a picture that comes from GIMP 2.10 can be run again in GIMP 3, and the other way round.
"""

import base64
import binascii
import json
import zlib
from collections import namedtuple

from softlight_gimp210.rasters import Mask
from softlight_gimp210.refusals import Refusal

MYPY = False
if MYPY:
    from typing import Any, Dict  # noqa: F401

MARK = "softlight-result"
"""Name of the parasite; a group that has it is a result of ours."""
VERSION, MASKED = 2, 1
"""With a mask, a record is as in the first version, which older plug-ins read."""
LARGEST_MASK = 1 << 30
"""Pixels: more than any picture that GIMP 2.10 opens; a damaged record cannot ask for all memory."""

Record = namedtuple("Record", "settings input picture_size mask")
"""How a result was made: settings with "filter", what the filter saw, the picture's size, and the mask, which
is None for whole faces."""


def to_text(record):
    # type: (Record) -> str
    """Return the record as it is stored: ASCII."""
    return json.dumps(
        {
            "version": VERSION if record.mask is None else MASKED,
            "settings": record.settings,
            "input": record.input,
            "picture": list(record.picture_size),
            "mask": None if record.mask is None else _described(record.mask),
        }
    )


def _described(mask):
    # type: (Mask) -> Dict[str, Any]
    return {
        "origin": list(mask.origin),
        "size": [mask.width, mask.height],
        "zlib": base64.b64encode(zlib.compress(mask.data, 6)).decode("ascii"),
    }


def from_text(text):
    # type: (str) -> Record
    """Return the record that `to_text` wrote.

    Raises
    ------
    Refusal
        When it is damaged, or was written by a later version.
    """
    try:
        # gimpfu ends what it attaches with a zero byte.
        stored = json.loads(text.rstrip("\0"))
        version = int(stored["version"])
        if version <= VERSION:
            return _record(stored)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, zlib.error):
        raise Refusal("What Softlight stored with this group is damaged; run the filter anew instead.")
    raise Refusal("This group was made by a newer version of Softlight; update Softlight to run it again.")


def _record(stored):
    # type: (Dict[str, Any]) -> Record
    across, down = [int(side) for side in stored["picture"]]
    settings = dict(stored["settings"])
    settings["filter"] = str(settings["filter"])
    mask = None
    if stored["mask"] is not None or stored["version"] == MASKED:
        mask = _mask(stored["mask"], across, down)
    return Record(settings, str(stored["input"]), (across, down), mask)


def _mask(described, across, down):
    # type: (Dict[str, Any], int, int) -> Mask
    """Return a mask that lies in a picture of this size."""
    width, height = [int(side) for side in described["size"]]
    if not 0 < width * height <= LARGEST_MASK:
        raise ValueError("size")
    data = zlib.decompressobj().decompress(base64.b64decode(described["zlib"]), width * height + 1)
    if len(data) != width * height:
        raise ValueError("mask")
    x, y = [int(place) for place in described["origin"]]
    if x < 0 or y < 0 or x + width > across or y + height > down:
        raise ValueError("place")
    return Mask(width, height, (x, y), data)
