"""Skin retouch in GIMP 3 at 8 and 16 bits, handed on as PSD: its layers as they
are, baked to one, and made as a normal layer at once.

`photo-PRECISION` holds the photo's pixels on the sRGB curve, of `size`.
"""

import os

import gimp3_hands as hands
from gimp3_retouch import FORMATS, RETOUCH, portrait


def main(task):
    told = {}
    for kind, name in FORMATS.items():
        image, photo = portrait(task, kind)
        hands.must(RETOUCH, image, [photo])
        told[f"{kind}-layers"] = saved(task["folder"], image, f"{kind}-layers", name)
        hands.must(hands.BAKE, image, [image.get_layers()[0]])
        told[f"{kind}-baked"] = saved(task["folder"], image, f"{kind}-baked", name)
        image.remove_layer(image.get_layers()[0])
        hands.must(RETOUCH, image, [photo], layer="normal")
        del photo
        told[f"{kind}-normal"] = saved(task["folder"], image, f"{kind}-normal", name)
        hands.forget(image)
    return told


def saved(folder, image, name, pixels):
    """Export the picture, and keep what is seen of it."""
    path = os.path.join(folder, f"gimp-{name}.psd")
    hands.export(image, path)
    seen = hands.keep(folder, f"gimp-{name}.raw", hands.flattened(image, pixels))
    return {"psd": path, "seen": seen, "tree": hands.tree(image)}
