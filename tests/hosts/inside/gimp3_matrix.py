"""Soft glow on a small picture in GIMP 3, for every kind of picture that the task names.

Each cell names precision, model, alpha, geometry and profile. `photo` and `alpha` hold float32 values on the
sRGB curve, `mask` 8-bit ones, all of the canvas's size. For each cell what is seen
before, and then at opacity 100 and 50, goes to one file, as float32 on the picture's own curve.
"""

import struct

import gimp3_hands as hands
from gi.repository import Babl, Gimp

# x, y and size of the photo's layer, in a canvas of 96 by 64.
GEOMETRIES = {
    "canvas": (0, 0, 96, 64),
    "beyond": (-13, -9, 130, 90),
    "inside": (20, 13, 60, 40),
    "in a group": (7, 5, 80, 50),
    "in an isolated group": (7, 5, 80, 50),
}
SIZE = 96, 64
MODELS = {"linear": ("RGB", "Y"), "non-linear": ("R'G'B'", "Y'"), "perceptual": ("R~G~B~", "Y~")}


def main(task):
    with open(task["photo"], "rb") as file:
        photo = struct.unpack(f"{96 * 64 * 3}f", file.read())
    with open(task["alpha"], "rb") as file:
        alpha = struct.unpack(f"{96 * 64}f", file.read())
    with open(task["mask"], "rb") as file:
        mask = file.read()
    told = []
    with open(task["out"], "wb") as out:
        for cell in task["cells"]:
            told.append(one(cell, photo, alpha, mask, out))
    return {"cells": told}


def one(cell, photo, alpha, mask, out):
    precision, model, has_alpha, geometry, profile = cell
    grey = model == "grey"
    kind = Gimp.ImageBaseType.GRAY if grey else Gimp.ImageBaseType.RGB
    value = getattr(Gimp.Precision, precision.upper().replace("-", "_"))
    image = Gimp.Image.new_with_precision(*SIZE, kind, value)
    if profile != "sRGB":
        assert image.set_color_profile(PROFILES[profile]())
    layer = photo_layer(image, grey, has_alpha, geometry, photo, alpha)
    hands.select(image, mask)
    # On the picture's own curve: integers are then exact.
    curve = precision.partition("-")[2]
    name = hands.in_space(f"{MODELS[curve][grey]}A float", layer)
    before = hands.digest(layer)
    out.write(seen(image, layer, name))
    status, message, group = hands.call(
        hands.SOFT_GLOW, image, [layer], amount=0.6, tint="warm", only_dark=True
    )
    told = {"status": status, "message": message}
    if status == "SUCCESS":
        assert group is not None, f"nothing was changed in {cell}"
        children = group.get_children()
        told["layers"] = [child.get_mode().value_nick for child in children]
        told["profile"] = Babl.get_name(Babl.format_get_space(layer.get_format()))
        out.write(seen(image, layer, name))
        for child in children:
            child.set_opacity(50.0)
        out.write(seen(image, layer, name))
        told["unchanged"] = hands.digest(layer) == before
        del children
    del group, layer
    hands.forget(image)
    return told


def photo_layer(image, grey, has_alpha, geometry, photo, alpha):
    x, y, width, height = GEOMETRIES[geometry]
    kinds = {
        (True, True): Gimp.ImageType.GRAYA_IMAGE,
        (True, False): Gimp.ImageType.GRAY_IMAGE,
        (False, True): Gimp.ImageType.RGBA_IMAGE,
        (False, False): Gimp.ImageType.RGB_IMAGE,
    }
    kind = kinds[grey, has_alpha]
    parent = None
    if "group" in geometry:
        floor = Gimp.Layer.new(image, "floor", *SIZE, kinds[grey, False], 100.0, Gimp.LayerMode.NORMAL)
        floor.fill(Gimp.FillType.WHITE)
        image.insert_layer(floor, None, 0)
        parent = Gimp.GroupLayer.new(image, "group")
        if geometry == "in a group":
            parent.set_mode(Gimp.LayerMode.PASS_THROUGH)
        image.insert_layer(parent, None, 0)
    layer = Gimp.Layer.new(image, "photo", width, height, kind, 100.0, Gimp.LayerMode.NORMAL)
    layer.set_offsets(x, y)
    image.insert_layer(layer, parent, 0)
    # The middle of the ramps lies on the canvas, whatever the layer's place; beyond it they are repeated.
    values = []
    for row in range(y, y + height):
        for column in range(x, x + width):
            at = (row % 64) * 96 + column % 96
            values += photo[at * 3 + 1 : at * 3 + 2] if grey else photo[at * 3 : at * 3 + 3]
            if has_alpha:
                values.append(alpha[at])
    model = ("Y~" if grey else "R~G~B~") + ("A" if has_alpha else "")
    hands.write(layer, hands.in_space(f"{model} float", layer), struct.pack(f"{len(values)}f", *values))
    return layer


def seen(image, layer, name):
    """What is seen of the picture, or of the isolated group that the photo lies in."""
    parent = layer.get_parent()
    if parent is not None and parent.get_mode() != Gimp.LayerMode.PASS_THROUGH:
        image.get_layers()[-1].set_visible(False)
    shown = Gimp.Layer.new_from_visible(image, image, "seen")
    data = hands.read(shown, name)
    shown.delete()
    return data


def wide():
    """Primaries of Rec. 2020 on the sRGB curve."""
    curve = Babl.trc("sRGB")
    space = Babl.space_from_chromaticities(
        "wide", 0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046, curve, curve, curve, 1
    )
    return Gimp.ColorProfile.new_from_icc_profile(bytes(Babl.space_get_icc(space)))


def grey_gamma():
    """A grey profile of version 2 with a gamma of 563/256, as of Adobe's "Gray Gamma 2.2"."""
    text = b"grey gamma"
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + bytes(79),
        b"cprt": b"text" + bytes(4) + b"public domain\0",
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061),
        b"kTRC": b"curv" + bytes(4) + struct.pack(">IH", 1, 563) + bytes(2),
    }
    table, data = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        table += struct.pack(">4sII", name, 128 + 4 + 12 * len(tags) + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s28s3i48s",
        *(128 + len(table) + len(data), b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ", bytes(12), b"acsp"),
        *(bytes(28), 63190, 65536, 54061, bytes(48)),
    )
    return Gimp.ColorProfile.new_from_icc_profile(head + table + data)


PROFILES = {
    "Adobe RGB": Gimp.ColorProfile.new_rgb_adobe,
    "wide gamut": wide,
    "grey gamma 2.2": grey_gamma,
}
