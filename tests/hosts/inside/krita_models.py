"""Soft glow on pictures that are neither RGB nor grey: `task.json` names model, depth and profile of each.

The photo comes in sRGB with 16 bits, as `photo.raw`, and Krita converts it. What shows before and after, in
the picture's own values and in sRGB with 16 bits, lies in files named after model and depth.
"""

import json
import os

from krita import Krita
from krita_tools import (
    OUT,
    close,
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
    keep(f"{name}-before-srgb.raw", (yield from in_srgb(document)))
    told = {"converted": True, "profile": document.colorProfile()}
    told["said"] = yield from perform(docker().run)
    told["layers"] = tree(document.rootNode())
    keep(f"{name}-after.raw", flat(document))
    keep(f"{name}-after-srgb.raw", (yield from in_srgb(document)))
    told["unchanged"] = photo_of(photo) == stored
    yield from trigger(document, "edit_undo")
    told["undone"] = flat(document) == before and tree(document.rootNode()) == layers
    told["open"] = len(Krita.instance().documents())
    return told


def photo_of(layer):
    return digest(bytes(layer.pixelData(0, 0, *SIZE)))


def in_srgb(document):
    clone = document.clone()
    assert clone.setColorSpace(*SRGB)
    yield from settled(clone)
    clone.flatten()
    yield from settled(clone)
    pixels = flat(clone)
    clone.setModified(False)
    clone.close()
    return pixels
