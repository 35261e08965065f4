"""Opening, selecting, running and writing down, for the tests inside GIMP 2.10; Python 2.7."""

import hashlib
import json
import os

import gimp
from gimpfu import *

pdb.gimp_plugin_enable_precision()  # regions hold stored values
PICTURES, OUT = os.environ["PICTURES"], os.environ["OUT"]
PLUGIN_FOLDER = os.path.join(gimp.directory, "plug-ins", "softlight")
STATE = "softlight-result"


def opened(name):
    path = os.path.join(PICTURES, name)
    return pdb.gimp_file_load(path, path)


def raw(drawable):
    region = drawable.get_pixel_rgn(0, 0, drawable.width, drawable.height, False, False)
    return region[0 : drawable.width, 0 : drawable.height]


def dumped(name, drawable):
    with open(os.path.join(OUT, name), "wb") as file:
        file.write(raw(drawable))
    return {"file": name, "shape": [drawable.height, drawable.width, drawable.bpp]}


def flat(name, image):
    seen = pdb.gimp_layer_new_from_visible(image, image, "seen")
    try:
        return dumped(name, seen)
    finally:
        pdb.gimp_item_delete(seen)


def digest(drawable):
    return hashlib.sha256(raw(drawable)).hexdigest()


def tree(name, layers):
    """Everything about layers, the topmost first, with their pixels in files."""
    found = []
    for number, layer in enumerate(layers):
        key = "%s-%d" % (name, number)
        entry = {
            "name": layer.name,
            "id": layer.ID,
            "mode": {LAYER_MODE_NORMAL: "normal", LAYER_MODE_SOFTLIGHT: "soft-light"}.get(
                layer.mode, layer.mode
            ),
            "opacity": layer.opacity / 100,
            "offset": layer.offsets,
            "visible": bool(layer.visible),
            "composite_space": pdb.gimp_layer_get_composite_space(layer),
            "parasites": layer.parasite_list(),
        }
        if layer.mode == LAYER_MODE_PASS_THROUGH:
            entry["mode"] = "pass-through"
        if pdb.gimp_item_is_group(layer):
            entry["children"] = tree(key, layer.layers)
        else:
            entry["pixels"] = dumped(key, layer)
            entry["mask"] = dumped(key + "m", layer.mask) if layer.mask else None
        if STATE in (layer.parasite_list() or ()):
            entry["record"] = json.loads(layer.parasite_find(STATE).data)
        found.append(entry)
    return found


def select(image, name):
    """Select what is white in a grey picture of the image's size."""
    mask = opened(name)
    channel = gimp.Channel(image, "m", image.width, image.height, 100.0, gimpcolor.RGB(0, 0, 0))
    source = mask.layers[0]
    fill(channel, raw(source)[:: source.bpp])
    pdb.gimp_image_insert_channel(image, channel, None, 0)
    pdb.gimp_image_select_item(image, CHANNEL_OP_REPLACE, channel)
    image.remove_channel(channel)
    gimp.delete(mask)


def fill(drawable, data):
    region = drawable.get_pixel_rgn(0, 0, drawable.width, drawable.height, True, False)
    region[0 : drawable.width, 0 : drawable.height] = data
    drawable.flush()
    drawable.update(0, 0, drawable.width, drawable.height)


def dewrinkle(image, drawable, source=0, mask=0, **given):
    """Run De-wrinkle; see `filtered`."""
    return filtered("dewrinkle", image, drawable, source, mask, **given)


def filtered(name, image, drawable, source=0, mask=0, **given):
    """Run a filter; what is not `given` has its default, and choices are numbers."""
    with open(os.path.join(PLUGIN_FOLDER, "filters.json")) as file:
        (described,) = [one for one in json.load(file)["filters"] if one["name"] == name]
    values = [argument(one, given) for one in described["parameters"]]
    return pdb["python-fu-softlight-" + name](image, drawable, *(values + [source, mask]))


def argument(parameter, given):
    """A parameter's value as scripts hand it over."""
    default = parameter["default"]
    if parameter["kind"] == "choice":
        default = [choice["value"] for choice in parameter["choices"]].index(default)
    elif parameter["kind"] == "faces":
        default = str(default)
    return given.get(parameter["name"], default or 0)


def saved_and_reopened(image, name):
    path = os.path.join(PICTURES, name)
    pdb.gimp_xcf_save(0, image, image.layers[0], path, path)
    gimp.delete(image)
    return pdb.gimp_xcf_load(0, path, path)


def with_opacity(image, opacity):
    for layer in image.layers[0].layers:
        layer.opacity = opacity
