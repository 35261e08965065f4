"""What a profile says about its values. Krita's scripts see a profile's name only.

So Krita is asked how much light a stored half is, which tells linear profiles from all others whatever
they are called; and the profile's bytes are read out of a file of one pixel that Krita writes.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from functools import lru_cache

from krita import Krita, ManagedColor

from softlight_krita.encodings import MODELS, Encoding

HALF = 0.5
TOLERANCE = 0.02
"""A stored half of 8 bits is 0.498; the brightest display curve in use, gamma 1.8, makes 0.287 of it."""


@lru_cache(maxsize=None)
def transfer(encoding: Encoding) -> str:
    """Whether stored values are proportional to light: "linear" or "perceptual"."""
    colour = ManagedColor(*encoding)
    colour.setComponents([HALF] * (MODELS[encoding.model] - 1) + [1.0])
    colour.setColorSpace("XYZA", "F32", "")
    light = colour.components()[1]
    return "linear" if abs(light - HALF) < TOLERANCE else "perceptual"


@lru_cache(maxsize=None)
def icc(encoding: Encoding) -> bytes | None:
    """Return the bytes of the profile, or None when Krita does not give them.

    Writing one pixel as .kra takes 0.2 s, once per profile: the engine needs them for true colours in the
    preview, and nothing else.
    """
    document = Krita.instance().createDocument(1, 1, "Softlight", *encoding, 72.0)
    if document is None:
        return None
    document.setBatchmode(True)
    try:
        with tempfile.TemporaryDirectory(prefix="softlight-") as folder:
            path = os.path.join(folder, "profile.kra")
            if not document.saveAs(path):
                return None
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if name.endswith("/annotations/icc")]
                return archive.read(names[0]) if names else None
    except (OSError, zipfile.BadZipFile):
        return None
    finally:
        document.setModified(False)
        document.close()
