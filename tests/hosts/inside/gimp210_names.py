"""What the real gimpfu of GIMP 2.10 has of the names in our stubs, in Python 2.7."""

import inspect
import json
import os

import gimp
import gimpfu
from gimpfu import *


def names():
    """What the stubs say there is: constants, functions, procedures with their numbers of arguments."""
    with open(os.path.join(os.environ["PICTURES"], "stubs.json")) as file:
        wanted = json.load(file)
    made = {"Image": gimp.Image(8, 8, RGB), "PDB": pdb}
    layer = gimp.Layer(made["Image"], "a", 8, 8, RGB_IMAGE, 100.0, LAYER_MODE_NORMAL)
    made["Image"].add_layer(layer)
    made["Layer"] = made["Drawable"] = made["Item"] = layer
    made["Channel"] = pdb.gimp_image_get_selection(made["Image"])
    made["GroupLayer"] = pdb.gimp_layer_group_new(made["Image"])
    made["PixelRgn"] = layer.get_pixel_rgn(0, 0, 8, 8)
    made["Parasite"] = gimp.Parasite("a", 1, "x\0y")
    found = {
        "constants": {name: getattr(gimpfu, name, None) for name in wanted["constants"]},
        "functions": {name: hasattr(gimp, name) or hasattr(gimpfu, name) for name in wanted["functions"]},
        "register": inspect.getargspec(gimpfu.register).args,
        "members": {
            kind: {name: hasattr(made[kind], name) for name in names}
            for kind, names in wanted["members"].items()
        },
        "procedures": {name: numbers(pdb[str(name.replace("_", "-"))]) for name in wanted["procedures"]},
        "parasite": made["Parasite"].data,
    }
    gimp.delete(made["Image"])
    return found


def numbers(procedure):
    return [procedure.nparams, procedure.nreturn_vals]
