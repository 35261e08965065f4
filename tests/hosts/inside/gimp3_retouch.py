"""Skin retouch in GIMP 3 at 8 and 16 bits: whole faces, a selection, run again; above and below De-wrinkle.

And Garment creases, Face restore and Edit attributes at 16 bits.

`photo-PRECISION` holds the photo's pixels on the sRGB curve, `mask` the selection, both of `size`.
"""

import json

import gimp3_hands as hands
from gi.repository import Gimp

RETOUCH, GARMENT, RESTORE, EDIT = (
    f"plug-in-softlight-{name}" for name in ("retouch", "garment", "restore", "edit")
)
FORMATS = {"u8": "R'G'B' u8", "u16": "R'G'B' u16"}


def main(task):
    told = {}
    for kind, name in FORMATS.items():
        image, photo = portrait(task, kind)
        for place in ("whole", "brush"):
            if place == "brush":
                with open(task["mask"], "rb") as file:
                    hands.select(image, file.read())
            told[f"{kind}-{place}"] = retouched(task["folder"], image, photo, f"{kind}-{place}", name)
        if kind == "u8":
            told["beside"] = beside_dewrinkle(image, photo)
        else:
            Gimp.Selection.none(image)
            for place, plugin in (("clothes", GARMENT), ("restored", RESTORE)):
                told[f"u16-{place}"] = retouched(task["folder"], image, photo, f"u16-{place}", name, plugin)
            told["u16-edited"] = retouched(
                task["folder"], image, photo, "u16-edited", name, EDIT, **task["edit"]
            )
        del photo
        hands.forget(image)
    return told


def portrait(task, kind):
    precision = getattr(Gimp.Precision, f"{kind.upper()}_NON_LINEAR")
    image = Gimp.Image.new_with_precision(*task["size"], Gimp.ImageBaseType.RGB, precision)
    photo = Gimp.Layer.new(
        image, "photo", *task["size"], Gimp.ImageType.RGB_IMAGE, 100.0, Gimp.LayerMode.NORMAL
    )
    image.insert_layer(photo, None, 0)
    with open(task[f"photo-{kind}"], "rb") as file:
        hands.write(photo, FORMATS[kind], file.read())
    return image, photo


def retouched(folder, image, photo, name, pixels, plugin=RETOUCH, **values):
    """Run, run again with half the strength, and take the result away."""
    before = hands.digest(photo)
    seen = []
    hands.must(plugin, image, [photo], **values)
    tree = hands.tree(image)
    seen.append(hands.keep(folder, f"{name}-1.raw", hands.flattened(image, pixels)))
    run_again(image, image.get_layers()[0], {"strength": 0.5})
    seen.append(hands.keep(folder, f"{name}-2.raw", hands.flattened(image, pixels)))
    told = {"tree": tree, "again": hands.tree(image), "seen": seen, "record": record(image.get_layers()[0])}
    image.remove_layer(image.get_layers()[0])
    return {**told, "unchanged": hands.digest(photo) == before}


def beside_dewrinkle(image, photo):
    """With a group of each, either is run again by its own filter."""
    hands.must(RETOUCH, image, [photo], blemishes=0.5)
    hands.must(hands.DEWRINKLE, image, [image.get_layers()[0]], target="everything", feather=0.01)
    for at in (0, 1):
        run_again(image, image.get_layers()[at], {"strength": 0.75})
    return {"names": [layer["name"] for layer in hands.tree(image)],
            "records": [record(layer) for layer in image.get_layers()[:2]]}  # fmt: skip


def run_again(image, group, changed):
    hands.must(hands.RUN_AGAIN, image, [group], settings=json.dumps(changed))


def record(layer):
    return json.loads(bytes(layer.get_parasite("softlight-result").get_data()))["settings"]
