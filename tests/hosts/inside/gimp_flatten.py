"""Runs in GIMP 3's python-fu-eval: opens files, writes their trees as JSON and their flattened pixels raw.

SOFTLIGHT_FILES: a JSON list, for each file its name and the folder where `tree.json` and `pixels.raw` go.
"""

import gc
import json
import os

from gi.repository import Gegl, Gimp, Gio


def described(item):
    _, x, y = item.get_offsets()
    return {
        "name": item.get_name(),
        "x": x,
        "y": y,
        "width": item.get_width(),
        "height": item.get_height(),
        "opacity": item.get_opacity(),
        "mode": item.get_mode().value_nick,
        "visible": item.get_visible(),
        "children": [described(child) for child in item.get_children()] if item.is_group() else None,
    }


def flatten(name, out):
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(name))
    tree = {
        "width": image.get_width(),
        "height": image.get_height(),
        "precision": image.get_precision().value_nick,
        "layers": [described(layer) for layer in image.get_layers()],
    }
    buffer = image.flatten().get_buffer()
    box = Gegl.Rectangle.new(0, 0, image.get_width(), image.get_height())
    pixels = buffer.get(box, 1.0, "R'G'B' u16", Gegl.AbyssPolicy.NONE)
    with open(out + "/pixels.raw", "wb") as file:
        file.write(bytes(pixels))
    with open(out + "/tree.json", "w") as file:
        json.dump(tree, file)
    # GIMP kills a plug-in that still holds a buffer of an image that is gone.
    del buffer
    gc.collect()
    image.delete()


for opened in json.loads(os.environ["SOFTLIGHT_FILES"]):
    flatten(*opened)
