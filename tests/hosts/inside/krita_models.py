"""Soft glow on pictures that are neither RGB nor grey: `task.json` names model, depth and profile of each.

The photo comes in sRGB with 16 bits, as `photo.raw`, and Krita converts it. What shows before and after lies
in files named after model and depth, in the picture's own values, and so does what must show: the photo in
RGB, with the light that Soft glow adds, as Krita itself converts it back.
"""

import array
import json
import os

from krita import Krita
from krita_tools import (
    OUT,
    close,
    comes,
    digest,
    docker,
    flat,
    keep,
    new_picture,
    perform,
    select,
    settled,
    tree,
    trigger,
)

SIZE = 96, 64
SRGB = "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc"
LINEAR = "RGBA", "F32", "sRGB-elle-V2-g10.icc"


def scenario(found):
    with open(os.path.join(OUT, "task.json")) as file:
        task = json.load(file)
    with open(os.path.join(OUT, "photo.raw"), "rb") as file:
        pixels = file.read()
    docker().panel.choose_filter("soft_glow")
    docker().panel.set_values(task["values"])
    found["cells"] = []
    for encoding in task["encodings"]:
        document = yield from new_picture(*SIZE, SRGB, pixels)
        found["cells"].append((yield from one(document, encoding)))
        yield from close(document)


def one(document, encoding):
    name = "-".join(encoding[:2])
    if not document.setColorSpace(*encoding):
        return {"converted": False}
    yield from settled(document)
    document.refreshProjection()
    yield from settled(document)
    photo = document.topLevelNodes()[0]
    yield from select(document, os.path.join(OUT, "mask.raw"), *SIZE)
    before, stored, layers = flat(document), photo_of(photo), tree(document.rootNode())
    keep(f"{name}-before.raw", before)
    keep(f"{name}-expected.raw", (yield from expected(document)))
    told = {"converted": True, "profile": document.colorProfile()}
    told["said"] = yield from perform(docker().run)
    told["layers"] = tree(document.rootNode())
    keep(f"{name}-after.raw", flat(document))
    told["unchanged"] = photo_of(photo) == stored
    yield from trigger(document, "edit_undo")
    told["undone"] = yield from comes(
        lambda: flat(document) == before and tree(document.rootNode()) == layers
    )
    told["open"] = len(Krita.instance().documents())
    return told


def photo_of(layer):
    return digest(bytes(layer.pixelData(0, 0, *SIZE)))


def expected(document):
    """The picture with the light of Soft glow at amount 0.5 everywhere: in + in (1 - in) / 2."""
    own = document.colorModel(), document.colorDepth(), document.colorProfile()
    code, full, rgb = ("f", 1.0, LINEAR) if own[1] == "F32" else ("H", 65535, SRGB)
    clone = document.clone()
    values = array.array(code, (yield from converted(clone, rgb)))
    for place in range(len(values)):
        if place % 4 < 3:
            value = values[place] / full
            light = (value + value * (1 - value) / 2) * full
            values[place] = light if code == "f" else round(light)
    picture = Krita.instance().createDocument(*SIZE, "expected", *rgb, 72.0)
    picture.topLevelNodes()[0].setPixelData(values.tobytes(), 0, 0, *SIZE)
    return (yield from converted(picture, own))


def converted(document, encoding):
    """The pixels of the only layer, converted; the document is closed then."""
    assert document.setColorSpace(*encoding)
    yield from settled(document)
    pixels = bytes(document.topLevelNodes()[0].pixelData(0, 0, *SIZE))
    document.setModified(False)
    document.close()
    return pixels
