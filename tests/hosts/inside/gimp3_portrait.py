"""De-wrinkle on a portrait in GIMP 3: run, save, reopen, run again, bake.

`photo` and `mask` are files, `xcf` the name of the file that is saved into `folder`.
"""

import os

import gimp3_hands as hands
from gi.repository import Gimp

PHOTO, LAYER, MASK = "R'G'B' u8", "R'G'B'A float", "Y float"


def main(task):
    image = hands.load(task["photo"])
    (photo,) = image.get_layers()
    painted = hands.load(task["mask"])
    mask = hands.read(painted.get_layers()[0], "Y' u8")
    hands.forget(painted)
    hands.select(image, mask)
    before = hands.digest(photo)
    folder = task["folder"]
    told = {"size": [image.get_width(), image.get_height()]}
    told["photo"] = hands.keep(folder, "photo.raw", hands.read(photo, PHOTO))

    group = hands.must(hands.DEWRINKLE, image, [photo], strength=0.8)
    told["selected"] = [layer.get_name() for layer in image.get_selected_layers()]
    told["tree"] = hands.tree(image)
    told["flat"] = hands.keep(folder, "flat.raw", hands.flattened(image, PHOTO))
    told["photo unchanged"] = hands.digest(photo) == before

    xcf = os.path.join(folder, task["xcf"])
    hands.save(image, xcf)
    hands.save(image, os.path.join(folder, "merged.png"))
    again = hands.load(xcf)
    told["reopened tree"] = hands.tree(again)
    told["reopened flat"] = hands.keep(folder, "reopened.raw", hands.flattened(again, PHOTO))
    told["reopened photo unchanged"] = hands.digest(again.get_layers()[-1]) == before
    told["layers"] = [_pixels(folder, layer) for layer in reversed(again.get_layers()[0].get_children())]

    # In the file that was reopened, without a selection: the stored mask has to do.
    Gimp.Selection.none(again)
    kept = again.get_layers()[0]
    kept.set_name("Forehead")
    child = kept.get_children()[0]
    hands.must(hands.RUN_AGAIN, again, [child], settings='{"strength": 0.3}')
    told["second tree"] = hands.tree(again)
    told["second flat"] = hands.keep(folder, "second.raw", hands.flattened(again, PHOTO))
    hands.must(hands.RUN_AGAIN, again, again.get_selected_layers(), settings='{"strength": 0.8}')
    told["third flat"] = hands.keep(folder, "third.raw", hands.flattened(again, PHOTO))
    hands.must(hands.BAKE, again, again.get_selected_layers())
    told["baked tree"] = hands.tree(again)
    told["baked flat"] = hands.keep(folder, "baked.raw", hands.flattened(again, PHOTO))
    told["in the end unchanged"] = hands.digest(again.get_layers()[-1]) == before
    del group, child, kept
    hands.forget(again)
    hands.forget(image)
    return told


def _pixels(folder, layer):
    number = layer.get_id()
    mask = layer.get_mask()
    return {
        **hands.described(layer),
        "pixels": hands.keep(folder, f"layer-{number}.raw", hands.read(layer, LAYER)),
        "mask pixels": hands.keep(folder, f"mask-{number}.raw", hands.read(mask, MASK)),
    }
