"""Runs in kritarunner: opens files, writes their trees as JSON and their projections' pixels raw.

SOFTLIGHT_FILES: a JSON list, for each file its name and the folder where `tree.json` and `pixels.raw` go.
Krita opens every OpenRaster file as an image of 8 bits, whatever its layers are: the image is set to the
depth and profile of the lowest layer first, as a user does in Image > Convert Image Color Space.
"""

import json
import os

from krita import Krita


def described(node):
    bounds = node.bounds()
    return {
        "name": node.name(),
        "x": bounds.x(),
        "y": bounds.y(),
        "width": bounds.width(),
        "height": bounds.height(),
        "opacity": node.opacity(),
        "mode": node.blendingMode(),
        "precision": node.colorDepth(),
        "visible": node.visible(),
        "children": [described(child) for child in reversed(node.childNodes())]
        if node.type() == "grouplayer"
        else None,
    }


def flatten_all(arguments):
    app = Krita.instance()
    app.setBatchmode(True)
    for name, out in json.loads(os.environ["SOFTLIGHT_FILES"]):
        flatten(app.openDocument(name), out)


def flatten(document, out):
    opened_as = document.colorDepth()
    photo = document.topLevelNodes()[0]
    if photo.colorDepth() != opened_as:
        document.setColorSpace(photo.colorModel(), photo.colorDepth(), photo.colorProfile())
        document.waitForDone()
    document.refreshProjection()
    document.waitForDone()
    tree = {
        "width": document.width(),
        "height": document.height(),
        "opened_as": opened_as,
        "precision": document.colorDepth(),
        "model": document.colorModel(),
        "layers": [described(node) for node in reversed(document.topLevelNodes())],
    }
    with open(out + "/pixels.raw", "wb") as file:
        file.write(bytes(document.pixelData(0, 0, document.width(), document.height())))
    with open(out + "/tree.json", "w") as file:
        json.dump(tree, file)
    document.setModified(False)
    document.close()
