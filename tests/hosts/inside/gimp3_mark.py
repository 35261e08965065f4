"""Runs in GIMP 3: filters whose results say that AI edited the picture, and what an export says then.

`photos` are files by name; `term` is what one of them says of itself already.
"""

import gimp3_hands as hands
from gi.repository import Gimp

KINDS = "jpg", "png", "tif", "webp"


def main(task):
    told = {}
    for name, path in task["photos"].items():
        image = hands.load(path)
        told[name] = ran(image)
        for kind in KINDS:
            hands.export(image, f"{task['folder']}/{name}.{kind}", include_xmp=True)
        hands.save(image, f"{task['folder']}/{name}.xcf")
        hands.forget(image)
        again = hands.load(f"{task['folder']}/{name}.xcf")
        told[name]["xcf"] = hands.source_types(again)
        hands.forget(again)
    image = hands.load(task["photos"]["said"])
    told["switched off"] = ran(image, mark=False)
    hands.forget(image)
    image = hands.load(task["photos"]["said"])
    told["soft glow"] = ran(image, hands.SOFT_GLOW)
    hands.export(image, f"{task['folder']}/by default.jpg")
    hands.forget(image)
    told["new"] = ran(new())
    procedure = Gimp.get_pdb().lookup_procedure("file-jpeg-export")
    told["option"] = procedure.find_argument("include-xmp").nick
    return told


def ran(image, plugin=hands.MARKED_GLOW, **settings):
    """Run on the middle of an image, and run again with the same."""
    width, height = image.get_width(), image.get_height()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, width // 4, height // 4, width // 2, height // 2)
    before = hands.source_types(image)
    group = hands.must(plugin, image, image.get_layers()[-1:], **settings)
    once = hands.source_types(image)
    hands.must(hands.RUN_AGAIN, image, [group])
    return {"before": before, "once": once, "twice": hands.source_types(image), "tree": hands.tree(image)}


def new():
    """An image that comes from no file."""
    image = Gimp.Image.new(80, 60, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(image, "photo", 80, 60, Gimp.ImageType.RGB_IMAGE, 100.0, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    hands.write(layer, "R'G'B' u8", bytes(range(240)) * 60)
    return image
