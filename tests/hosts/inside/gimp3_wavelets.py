"""Skin smoothed by wavelets in GIMP 3, for `bench/skin_smoothing.py`.

Each of `photos` has a file `photo`, a number of `scales`, the numbers of those that are `blurred` (the finest
is 1), where it is known a file `skin` that is selected (raw, 8 bits), and the file `result`. The answer has
the seconds of each, without reading and writing the files.
"""

import pathlib
import time

import gimp3_hands as hands
from gi.repository import Gimp

WAVELETS = "plug-in-wavelet-decompose"


def main(task):
    return {"seconds": [_smoothed(photo) for photo in task["photos"]]}


def _smoothed(task):
    image = hands.load(task["photo"])
    Gimp.Image.undo_disable(image)
    skin = task.get("skin") and pathlib.Path(task["skin"]).read_bytes()
    start = time.monotonic()
    hands.must(WAVELETS, image, image.get_layers(), scales=task["scales"], create_group=False)
    if skin:
        hands.select(image, skin)
    layers = image.get_layers()  # the finest scale lies on top
    for number in task["blurred"]:
        layer = layers[number - 1]
        blur = Gimp.DrawableFilter.new(layer, "gegl:gaussian-blur", "")
        for name in ("std-dev-x", "std-dev-y"):
            blur.get_config().set_property(name, float(2**number))
        layer.merge_filter(blur)
    image.flatten()
    seconds = time.monotonic() - start
    hands.save(image, task["result"])
    hands.forget(image)
    return seconds
