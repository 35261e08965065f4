"""De-wrinkle once on a portrait, whatever comes of it: a status, a sentence, and the layers."""

import gimp3_hands as hands
from gi.repository import Gimp


def main(task):
    names = Gimp.get_pdb().query_procedures(".*softlight.*", "", "", "", "", "", "", "")
    told = {"procedures": sorted(names)}
    if hands.DEWRINKLE in names:
        image = hands.load(task["photo"])
        status, said, _ = hands.call(hands.DEWRINKLE, image, image.get_layers())
        told.update(status=status, said=said, layers=[layer["name"] for layer in hands.tree(image)])
        hands.forget(image)
    return told
