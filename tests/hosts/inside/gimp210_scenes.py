"""Scenes in GIMP 2.10 that end well, in Python 2.7; gimp210_probe.py calls one function of it."""

import os
import sys
import time

import gimp
from gimp210_looking import *
from gimpfu import *


def portrait():
    """Open a portrait, select, De-wrinkle, save, reopen."""
    image = opened("portrait.png")
    select(image, "mask.png")
    background = image.layers[0]
    before = digest(background)
    started = time.time()
    group, notes = dewrinkle(image, background)
    seconds = time.time() - started
    found = {
        "active_is_group": image.active_layer.ID == group.ID,
        "seconds": seconds,
        "notes": notes,
        "selection_stays": not pdb.gimp_selection_is_empty(image),
        "background_before": before,
        "background_after": digest(background),
    }
    image = saved_and_reopened(image, b"Zo\xc3\xab saved.xcf")
    found["background_reopened"] = digest(image.layers[-1])
    found["tree"] = tree("portrait", image.layers)
    found["flat_100"] = flat("flat100", image)
    with_opacity(image, 50.0)
    found["flat_50"] = flat("flat50", image)
    gimp.delete(image)
    return found


def marks():
    """Run filters whose results say that AI edited the picture, twice each, and export."""
    found = {}
    for name in ("plain", "said", "made", "off", "new"):
        image = opened("%s before.jpg" % (name if name in ("plain", "said", "made") else "said"))
        if name == "new":
            gimp.delete(image)
            image = gimp.Image(80, 60, RGB)
            layer = gimp.Layer(image, "photo", 80, 60, RGB_IMAGE, 100.0, LAYER_MODE_NORMAL)
            fill(layer, b"\x40" * (80 * 60 * 3))
            image.add_layer(layer, 0)
        width, height = image.width, image.height
        pdb.gimp_image_select_rectangle(
            image, CHANNEL_OP_REPLACE, width // 4, height // 4, width // 2, height // 2
        )
        told = {"before": source_types(image), "notes": []}
        given = {"mark": False} if name == "off" else {}
        group, notes = filtered("marked_glow", image, image.layers[-1], **given)
        told["notes"].append(notes)
        told["once"] = source_types(image)
        _, notes = pdb.python_fu_softlight_rerun(image, group)
        told["notes"].append(notes)
        told["twice"] = source_types(image)
        told["tree"] = tree(name, image.layers)
        if name in ("plain", "said", "made"):
            for kind in ("jpg", "png", "tif", "webp"):
                path = os.path.join(PICTURES, "%s.%s" % (name, kind))
                pdb.gimp_file_save(image, image.layers[-1], path, path)
            image = saved_and_reopened(image, name + ".xcf")
            told["xcf"] = source_types(image)
        found[name] = told
        gimp.delete(image)
    return found


def source_types(image):
    """What an image's metadata say it is."""
    text = pdb.gimp_image_get_metadata(image) or ""
    return [line.strip() for line in text.splitlines() if "Xmp.iptcExt.DigitalSourceType" in line]


def brush_mask():
    """Paint on a brush mask, run on it, then run again after the photo changed, then with new settings."""
    image = opened("portrait.png")
    background = image.layers[0]
    mask = pdb.python_fu_softlight_new_brush_mask(image, background)
    found = {"empty": tree("empty", [mask]), "active": image.active_layer.ID == mask.ID}
    paint = opened("mask.png")
    grey = raw(paint.layers[0])[:: paint.layers[0].bpp]
    gimp.delete(paint)
    red = bytearray(4 * len(grey))
    red[0::4] = b"\xe8" * len(grey)
    red[3::4] = grey
    fill(mask, bytes(red))
    found["seen_through_mask"] = flat("masked", image)
    group, _ = dewrinkle(image, mask)
    found["tree"] = tree("brush", image.layers)
    again, _ = pdb.python_fu_softlight_rerun(image, group)
    found["again"] = tree("again", image.layers)
    found["replaced"] = not pdb.gimp_item_is_valid(group)
    inner = again.layers[0]
    dewrinkle(image, inner, strength=0.4, mask=3)
    found["weaker"] = tree("weaker", image.layers)
    gimp.delete(image)
    return found


def kinds():
    """Grey, alpha, offsets, groups, precisions and Quick Mask: each result with what it lies on."""
    found = {}
    for name, prepare in sorted(KINDS.items()):
        image = opened("portrait.png")
        select(image, "mask.png")
        drawable = prepare(image) or image.layers[0]
        before = flat(name + "-before", image)
        group, notes = dewrinkle(image, drawable)
        found[name] = {
            "before": before,
            "after": flat(name + "-after", image),
            "notes": notes,
            "tree": tree(name, image.layers),
            "path": path_of(image, group),
        }
        gimp.delete(image)
    return found


def path_of(image, item):
    path = []
    while item is not None:
        path.insert(0, pdb.gimp_image_get_item_position(image, item))
        item = pdb.gimp_item_get_parent(item)
    return path


def grey(image):
    pdb.gimp_image_convert_grayscale(image)


def grey_alpha(image):
    pdb.gimp_image_convert_grayscale(image)
    image.layers[0].add_alpha()


def alpha(image):
    """A photo that is transparent in its left half."""
    layer = image.layers[0]
    layer.add_alpha()
    pixels = bytearray(raw(layer))
    half = 4 * (layer.width // 2)
    for start in range(0, len(pixels), 4 * layer.width):
        pixels[start + 3 : start + half : 4] = b"\0" * (half // 4)
    fill(layer, bytes(pixels))


def off_canvas(image):
    """A photo that reaches beyond the canvas on every side."""
    layer = image.layers[0]
    pdb.gimp_layer_resize(layer, layer.width + 60, layer.height + 50, 40, 30)


def in_groups(image):
    """The photo in an isolated group in a pass-through group, with something above each."""
    photo = image.layers[0]
    outer, inner = pdb.gimp_layer_group_new(image), pdb.gimp_layer_group_new(image)
    outer.mode = LAYER_MODE_PASS_THROUGH
    pdb.gimp_image_insert_layer(image, outer, None, 0)
    pdb.gimp_image_insert_layer(image, inner, outer, 0)
    copy = pdb.gimp_layer_copy(photo, False)
    pdb.gimp_image_insert_layer(image, copy, inner, 0)
    over = gimp.Layer(image, "over", 50, 50, RGBA_IMAGE, 100.0, LAYER_MODE_NORMAL)
    over.fill(FILL_WHITE)
    pdb.gimp_image_insert_layer(image, over, inner, 0)
    return copy


def under_adjustment(image):
    """Half of the picture's brightness comes from a layer in another mode, directly above the photo."""
    layer = gimp.Layer(image, "dim", image.width, image.height, RGBA_IMAGE, 50.0, LAYER_MODE_MULTIPLY)
    layer.fill(FILL_WHITE)
    fill(layer, b"\xc0\xb0\xa0\xff" * (image.width * image.height))
    pdb.gimp_image_insert_layer(image, layer, None, 0)
    return layer


def precision(number):
    def convert(image):
        pdb.gimp_image_convert_precision(image, number)

    return convert


KINDS = {
    "plain": lambda image: None,
    "grey": grey,
    "grey-alpha": grey_alpha,
    "alpha": alpha,
    "off-canvas": off_canvas,
    "in-groups": in_groups,
    "under-adjustment": under_adjustment,
    "8-linear": precision(PRECISION_U8_LINEAR),
    "16": precision(PRECISION_U16_GAMMA),
    "16-linear": precision(PRECISION_U16_LINEAR),
    "half": precision(PRECISION_HALF_GAMMA),
    "float": precision(PRECISION_FLOAT_GAMMA),
    "float-linear": precision(PRECISION_FLOAT_LINEAR),
}


def agreement():
    """Synthetic layers over a synthetic photo, through the plug-in's own code, in every kind of image."""
    sys.path.insert(0, PLUGIN_FOLDER)
    from softlight_gimp210 import inserting, places, rasters, records

    found = []
    stacks = {
        channels: rasters.read_stack(os.path.join(PICTURES, "stack%d.layers" % channels))
        for channels in (1, 3)
    }
    mask = rasters.Mask(1, 1, (0, 0), b"\xff")
    for number in PRECISIONS:
        for file in ("photo1.png", "photo2.png", "photo3.png", "photo4.png"):
            for profile in ("", "wide.icc", "gamma18.icc"):
                image = opened(file)
                stack = stacks[1 if image.base_type == GRAY else 3]
                if profile and image.base_type == GRAY:
                    gimp.delete(image)
                    continue
                if profile:
                    with open(os.path.join(PICTURES, profile), "rb") as stored:
                        icc = tuple(ord(byte) for byte in stored.read())
                    pdb.gimp_image_set_color_profile(image, len(icc), icc)
                if number != PRECISION_U8_GAMMA:
                    pdb.gimp_image_convert_precision(image, number)
                before = digest(image.layers[0])
                record = records.Record({"filter": "none"}, "below", (image.width, image.height), mask)
                inserting.insert(places.above(image, image.layers[0]), stack, record)
                key = "%d-%s-%s" % (number, file, profile)
                entry = {"precision": number, "file": file, "profile": profile, "flat": {}}
                entry["photo"] = dumped(key + "-photo", image.layers[-1])
                for opacity in (100, 50):
                    with_opacity(image, float(opacity))
                    entry["flat"][opacity] = flat("%s-%d" % (key, opacity), image)
                entry["unchanged"] = digest(image.layers[-1]) == before
                if number == PRECISION_U8_GAMMA:
                    entry["exported"] = exported(key + "-exported", image)
                found.append(entry)
                gimp.delete(image)
    return found


PRECISIONS = (
    PRECISION_U8_GAMMA,
    PRECISION_U8_LINEAR,
    PRECISION_U16_GAMMA,
    PRECISION_U16_LINEAR,
    PRECISION_HALF_GAMMA,
    PRECISION_FLOAT_GAMMA,
    PRECISION_FLOAT_LINEAR,
)


def exported(name, image):
    """What the plug-ins that save a layered picture see: all visible layers merged."""
    copy = pdb.gimp_image_duplicate(image)
    found = dumped(name, pdb.gimp_image_merge_visible_layers(copy, CLIP_TO_IMAGE))
    gimp.delete(copy)
    return found


def extra_filter():
    """Run the tests' own filter: with given values, then with its defaults."""
    image = opened("portrait.png")
    select(image, "mask.png")
    procedure = pdb["python-fu-softlight-soft-glow"]
    found = {"arguments": [name for _, name, _ in procedure.params], "before": flat("glow-before", image)}
    procedure(image, image.layers[0], 0.5, 5, 1, 1, 0, 0, run_mode=RUN_NONINTERACTIVE)
    found["after"] = flat("glow-after", image)
    found["tree"] = tree("glow", image.layers)
    group, _ = procedure(image, image.layers[-1], 0.25, 0, 0, 0, 0, 0, run_mode=RUN_NONINTERACTIVE)
    found["automatic"] = json.loads(group.parasite_find(STATE).data)["settings"]
    pdb.gimp_selection_none(image)
    try:
        procedure(image, image.layers[-1], 0.25, 0, 0, 0, 0, 0, run_mode=RUN_NONINTERACTIVE)
        found["without a mask"] = "worked"
    except RuntimeError as error:
        found["without a mask"] = str(error)
    gimp.delete(image)
    return found
