"""A layer stack as a folder (NAME.layers) that a script can read with nothing but a JSON parser.

It is made for programs that can neither load a picture library nor talk to the engine, such as GIMP 2.10's
plug-ins in Python 2.7. Layers stay what they are: soft light stays soft light, pixels and mask keep their
depth, float included, and nothing is resampled, baked or compressed.

`stack.json` (UTF-8) holds::

    {"format": "softlight-layers", "version": 1, "size": [width, height],
     "group": "De-wrinkle", "settings": {...}, "notes": ["a sentence"], "source_type": null,
     "layers": [{"name": "De-wrinkle", "blend": "soft-light", "opacity": 1.0,
                 "offset": [x, y], "size": [width, height],
                 "pixels": {"file": "0-pixels.raw", "channels": "RGB", "depth": "u8"},
                 "mask": {"file": "0-mask.raw", "channels": "Y", "depth": "u8"}}]}

The lowest layer comes first. `size` at the top is the photo's, `offset` a layer's left upper pixel in it;
`blend` is "normal" or "soft-light" (ABPN's and GIMP's formula, see `softlight.soft_light`). A raw file holds
the rows from the top without padding, channels interleaved ("Y" or "RGB"), in the photo's own encoding;
"u8", "u16", "f16" and "f32" are unsigned integers over their full range and IEEE floats with 0..1 nominal,
little-endian. Where the mask is 0 the pixels mean nothing.

`source_type` is null, or the URI of a term of IPTC's Digital Source Type, which a picture with these layers
must have in its XMP: the property `Iptc4xmpExt:DigitalSourceType`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.layers import Layer, LayerStack
from softlight.picture import Picture

SUFFIX = ".layers"
CONTENTS = "stack.json"
VERSION = 1
_DEPTHS = {"uint8": "u8", "uint16": "u16", "float16": "f16", "float32": "f32"}
_CHANNELS = {1: "Y", 3: "RGB"}


def write(folder: Path, picture: Picture, stack: LayerStack) -> None:
    """Fill `folder`, which exists and is empty.

    Parameters
    ----------
    folder : Path
    picture : Picture
        The photo that the stack belongs to; only its size is stored.
    stack : LayerStack

    Raises
    ------
    OSError
        When the disk is full, and whatever else the system says.
    """
    contents = {
        "format": "softlight-layers",
        "version": VERSION,
        "size": [picture.width, picture.height],
        "group": stack.name,
        "settings": dict(stack.settings),
        "notes": list(stack.notes),
        "source_type": None if stack.source_type is None else stack.source_type.value,
        "layers": [_store(folder, number, layer) for number, layer in enumerate(stack.layers)],
    }
    (folder / CONTENTS).write_text(json.dumps(contents, ensure_ascii=False, indent=1), "utf-8")


def _store(folder: Path, number: int, layer: Layer) -> dict[str, Any]:
    height, width = layer.mask.shape
    return {
        "name": layer.name,
        "blend": layer.blend.value,
        "opacity": layer.opacity,
        "offset": list(layer.offset),
        "size": [width, height],
        "pixels": _store_raw(folder / f"{number}-pixels.raw", layer.pixels),
        "mask": _store_raw(folder / f"{number}-mask.raw", layer.mask[..., None]),
    }


def _store_raw(path: Path, values: NDArray[Any]) -> dict[str, str]:
    path.write_bytes(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes())
    return {"file": path.name, "channels": _CHANNELS[values.shape[2]], "depth": _DEPTHS[values.dtype.name]}
