"""Soft glow on a small picture in Krita, for every kind of picture that `task.json` names.

Each cell names depth, model, alpha, geometry and profile. The photo's pixels lie in files as Krita stores
them, `photo-DEPTH-MODEL-ALPHA.raw`, of the size of the photo's layer. What shows before, and then at opacity
100 and 50, goes to `seen.raw`, one cell after the other.
"""

import json
import os

from krita import Krita
from krita_tools import (
    OUT,
    close,
    comes,
    digest,
    docker,
    every,
    flat,
    perform,
    select,
    settled,
    tree,
    trigger,
)

GEOMETRIES = {
    "canvas": (0, 0, 96, 64),
    "beyond": (-13, -9, 130, 90),
    "inside": (20, 13, 60, 40),
    "in a group": (7, 5, 80, 50),
    "in an isolated group": (7, 5, 80, 50),
}
SIZE = 96, 64
HALF = 128
"""What Krita calls half of 255."""


def scenario(found):
    with open(os.path.join(OUT, "task.json")) as file:
        task = json.load(file)
    docker().panel.choose_filter("soft_glow")
    docker().panel.set_values(task["values"])
    found["cells"] = []
    document = encoding = None
    with open(os.path.join(OUT, "seen.raw"), "wb") as seen:
        for depth, model, alpha, geometry, profile in task["cells"]:
            # A new window of a picture takes Krita up to 2 s: there is one for each encoding.
            if encoding != (model, depth, profile):
                if document is not None:
                    yield from close(document)
                encoding = model, depth, profile
                document = yield from picture(*encoding)
            with open(os.path.join(OUT, f"photo-{depth}-{model}-{alpha}.raw"), "rb") as file:
                photo = yield from photo_layer(document, file.read(), geometry)
            found["cells"].append((yield from one(document, photo, seen)))
    yield from close(document)


def picture(model, depth, profile):
    document = Krita.instance().createDocument(*SIZE, "test", model, depth, profile, 72.0)
    document.setBatchmode(True)
    Krita.instance().activeWindow().addView(document)
    yield 0.1
    return document


def photo_layer(document, whole, geometry):
    """Put a photo of this geometry into the picture, and take away what was there."""
    x, y, width, height = GEOMETRIES[geometry]
    old = document.topLevelNodes()
    photo = added = document.createNode("photo", "paintlayer")
    photo.setPixelData(part(whole, width, height), x, y, width, height)
    if geometry.endswith("group"):
        added = document.createGroupLayer("group")
        added.setPassThroughMode(geometry == "in a group")
        added.setChildNodes([photo])
        # With nothing below a pass-through group of two layers, Krita shows none of them.
        document.rootNode().addChildNode(document.createNode("empty", "paintlayer"), None)
    document.rootNode().addChildNode(added, None)
    for node in old:
        node.remove()
    yield from settled(document)
    document.refreshProjection()
    yield from settled(document)
    document.setActiveNode(photo)
    yield 0.05
    return photo


def one(document, photo, seen):
    yield from select(document, os.path.join(OUT, "mask.raw"), *SIZE)
    before, stored, layers = flat(document), pixels(photo), tree(document.rootNode())
    seen.write(before)
    sentence, failed = yield from perform(docker().run)
    told = {"encoding": [document.colorModel(), document.colorDepth(), document.colorProfile()]}
    told.update(sentence=sentence, failed=failed)
    if not failed:
        result = next(node for node in every(document.rootNode()) if node.name() == "Soft glow")
        told["layers"] = [child.blendingMode() for child in result.childNodes()]
        seen.write(flat(document))
        for child in result.childNodes():
            child.setOpacity(HALF)
        document.refreshProjection()
        yield from settled(document)
        seen.write(flat(document))
        told["unchanged"] = pixels(photo) == stored
        yield from trigger(document, "edit_undo")
        told["undone"] = yield from comes(
            lambda: flat(document) == before and tree(document.rootNode()) == layers
        )
    return told


def pixels(node):
    box = node.bounds()
    return digest(bytes(node.pixelData(box.x(), box.y(), box.width(), box.height())))


def part(whole, width, height):
    """The left upper part of the pixels of 130 by 90."""
    row = len(whole) // 90
    wanted = row // 130 * width
    return b"".join(whole[line * row : line * row + wanted] for line in range(height))
