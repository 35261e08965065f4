"""One job in GIMP 3 while Krita has one too: waits for Krita, then runs De-wrinkle.

`photo` and `mask` (raw, 8 bits) are files; a file called `ready` says that we are, `awaited` that Krita is.
"""

import os
import time

import gimp3_hands as hands

PHOTO = "R'G'B' u8"
PATIENCE = 300.0
"""Seconds; Krita's first start on two busy cores takes 30."""


def main(task):
    image = hands.load(task["photo"])
    (photo,) = image.get_layers()
    with open(task["mask"], "rb") as file:
        hands.select(image, file.read())
    told = {"size": [image.get_width(), image.get_height()]}
    told["photo"] = hands.keep(task["folder"], "gimp-photo.raw", hands.read(photo, PHOTO))
    hands.keep(task["folder"], task["ready"], b"")
    deadline = time.monotonic() + PATIENCE
    while not os.path.exists(os.path.join(task["folder"], task["awaited"])):
        assert time.monotonic() < deadline, "waited in vain for Krita"
        time.sleep(0.02)
    hands.must(hands.DEWRINKLE, image, [photo])
    told["layers"] = [child["name"] for child in hands.tree(image)[0]["children"]]
    told["flat"] = hands.keep(task["folder"], "gimp-flat.raw", hands.flattened(image, PHOTO))
    hands.forget(image)
    return told
