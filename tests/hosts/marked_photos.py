"""Photos that say of themselves what they are, or not, for the tests of the mark "edited with AI"."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

import softlight
from tests.core.xmp_packets import element, resource

PHOTO = Path(softlight.__file__).parent / "samples" / "hopper.jpg"
PACKETS = {
    "plain": None,
    "said": element("digitalCapture"),
    "made": resource("trainedAlgorithmicMedia"),
}
"""The XMP of each, by its name."""


def marked_photos(folder: Path) -> dict[str, str]:
    """Write ``NAME before.jpg`` for each, with an artist in EXIF, and return the paths by name."""
    exif, paths = Image.Exif(), {}
    exif[315] = "Zoe"
    for name, packet in PACKETS.items():
        paths[name] = str(folder / f"{name} before.jpg")
        with Image.open(PHOTO) as photo:
            photo.save(paths[name], quality=95, exif=exif, **({} if packet is None else {"xmp": packet}))
    return paths
