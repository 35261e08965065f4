"""De-wrinkle on whole faces in GIMP 3: run, save, reopen, run again with other faces and regions.

`photo` is a file with two faces, and `xcf` the name of the file that is saved into `folder`.
"""

import json
import os

import gimp3_hands as hands
from gi.repository import Gimp

PHOTO = "R'G'B' u8"


def main(task):
    image = hands.load(task["photo"])
    (photo,) = image.get_layers()
    before, folder = hands.digest(photo), task["folder"]
    told = {"size": [image.get_width(), image.get_height()]}

    def look(name, image):
        told[name] = {
            "tree": hands.tree(image),
            "record": record_of(image),
            "seen": hands.keep(folder, f"{name}.raw", hands.flattened(image, PHOTO)),
            "photo unchanged": hands.digest(image.get_layers()[-1]) == before,
        }

    look("before", image)
    # A selection counts before the faces, unless these are asked for.
    hands.select(image, bytes([255]) * 400, (5, 5, 20, 20))
    hands.must(hands.DEWRINKLE, image, [photo], softlight_mask="faces")
    look("asked for", image)
    Gimp.Selection.none(image)
    image.remove_layer(image.get_layers()[0])
    hands.must(hands.DEWRINKLE, image, [photo])
    look("both", image)

    xcf = os.path.join(folder, task["xcf"])
    hands.save(image, xcf)
    again = hands.load(xcf)
    run_again(again, {"faces": "2", "forehead": 0.0, "neck": 0.25})
    look("right", again)
    run_again(again, {})
    look("right again", again)
    run_again(again, {"faces": "all", "forehead": 1.0, "neck": 1.0})
    look("both again", again)
    hands.forget(again)

    image.remove_layer(image.get_layers()[0])
    painted = hands.must(hands.NEW_BRUSH_MASK, image, [photo])
    hands.write(painted, "R'G'B'A u8", bytes([0, 0, 0, 255]) * 400, (300, 5, 20, 20))
    hands.must(hands.DEWRINKLE, image, [photo], softlight_mask="faces", faces="1")
    told["beside a brush mask"] = hands.tree(image)
    del painted
    hands.forget(image)
    return told


def run_again(image, changed):
    hands.must(hands.RUN_AGAIN, image, image.get_layers()[:1], settings=json.dumps(changed))


def record_of(image):
    """What is stored with the topmost layer; None where that is no result."""
    stored = image.get_layers()[0].get_parasite("softlight-result")
    return json.loads(bytes(stored.get_data())) if stored is not None else None
