"""Pixels from one colour space to another, by Krita's own colour management.

A document of the size of the crop is made, converted and thrown away: the user's document and its undo
history are not touched, and no profile has to be read by us.
"""

from __future__ import annotations

from krita import Krita

from softlight_krita.encodings import Encoding
from softlight_krita.nodes import released
from softlight_krita.sentences import Refused
from softlight_krita.steps import Steps, until_idle


def convert(pixels: bytes, width: int, height: int, source: Encoding, target: Encoding) -> Steps[bytes]:
    """Return `pixels` of the encoding `source` in `target`; alpha is kept.

    Raises
    ------
    Refused
        When Krita cannot convert between the two.
    """
    if source == target:
        return pixels
    refusal = Refused(
        f"Krita cannot convert between {source.model} ({source.profile}) and RGB; convert the picture "
        "to RGB with Image > Convert Image Color Space."
    )
    document = Krita.instance().createDocument(width, height, "Softlight", *source, 72.0)
    if document is None:
        raise refusal
    try:
        document.setBatchmode(True)
        layer = released(document.topLevelNodes())[0]
        layer.setPixelData(pixels, 0, 0, width, height)
        if not document.setColorSpace(*target):
            raise refusal
        yield from until_idle(document)
        layer = released(document.topLevelNodes())[0]
        converted = bytes(layer.pixelData(0, 0, width, height))
        if len(converted) != width * height * target.pixel_bytes:
            raise refusal
        return converted
    finally:
        document.setModified(False)
        document.close()
