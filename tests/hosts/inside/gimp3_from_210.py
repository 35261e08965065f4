"""A picture that GIMP 2.10 saved, in GIMP 3: its result is known, and is run again."""

import gimp3_hands as hands

PHOTO = "R'G'B' u8"


def main(task):
    image = hands.load(task["xcf"])
    before = hands.digest(image.get_layers()[-1])
    told = {"size": [image.get_width(), image.get_height()], "tree": hands.tree(image)}
    told["flat"] = hands.keep(task["folder"], "flat.raw", hands.flattened(image, PHOTO))
    child = image.get_layers()[0].get_children()[0]
    hands.must(hands.RUN_AGAIN, image, [child])
    told["again"] = hands.tree(image)
    told["flat again"] = hands.keep(task["folder"], "again.raw", hands.flattened(image, PHOTO))
    told["photo unchanged"] = hands.digest(image.get_layers()[-1]) == before
    del child
    hands.forget(image)
    return told
