"""GIMP 2.10 with its windows: does one step after another as the test asks, while hands work beside it."""

import json
import os
import time

import gimp
from gimp210_looking import *
from gimpfu import *

STATE_OF = {}


def serve():
    """Wait for files `do-STEP`, and answer each with `did-STEP`, until the step is called `end`."""
    while True:
        for name in sorted(os.listdir(OUT)):
            if name.startswith("do-"):
                step = name[3:].partition("-")[2]
                os.remove(os.path.join(OUT, name))
                answer = answered(STEPS[step])
                part = os.path.join(OUT, "part")
                with open(part, "w") as file:
                    json.dump(answer, file)
                os.rename(part, os.path.join(OUT, "did-" + name[3:]))
                if step == "end":
                    return None
        time.sleep(0.05)


def answered(step):
    """Do a step, again and again while a plug-in changes the layers under its eyes."""
    for _ in range(20):
        try:
            return step()
        except (AttributeError, RuntimeError, TypeError):
            time.sleep(0.1)
    return step()


def show():
    """Open the portrait in a window and select the place."""
    image = opened("portrait.png")
    select(image, "mask.png")
    STATE_OF["image"], STATE_OF["display"] = image, gimp.Display(image)
    gimp.displays_flush()
    return look()


def run():
    image = STATE_OF["image"]
    dewrinkle(image, image.layers[-1])
    gimp.displays_flush()
    return look()


def activate_photo():
    image = STATE_OF["image"]
    image.active_layer = image.layers[-1]
    gimp.displays_flush()


def look():
    """The layers' names and numbers, and a digest of each layer and of the whole."""
    image = STATE_OF["image"]
    seen = pdb.gimp_layer_new_from_visible(image, image, "seen")
    found = {
        "layers": [[layer.name, layer.ID] for layer in image.layers],
        "inside": [[one.name, one.ID, one.opacity] for layer in image.layers for one in children(layer)],
        "visible": [bool(layer.visible) for layer in image.layers],
        "settings": [settings(layer) for layer in image.layers],
        "background": digest(image.layers[-1]),
        "seen": digest(seen),
        "channels": [channel.name for channel in image.channels],
    }
    pdb.gimp_item_delete(seen)
    return found


def settings(layer):
    """With which settings a result was made; None for what is no result."""
    return json.loads(layer.parasite_find(STATE).data)["settings"] if STATE in layer.parasite_list() else None


def children(layer):
    return layer.layers if pdb.gimp_item_is_group(layer) else []


def run_in_quick_mask():
    """Run with Quick Mask on, as hands have switched it on; its channel is active then."""
    image = STATE_OF["image"]
    before = pdb.gimp_selection_is_empty(image), image.active_drawable.name
    dewrinkle(image, image.active_drawable)
    gimp.displays_flush()
    return [before, look()]


def hide_photo():
    STATE_OF["image"].layers[-1].visible = False
    gimp.displays_flush()
    return look()


def show_photo():
    STATE_OF["image"].layers[-1].visible = True
    gimp.displays_flush()
    return look()


def deselect():
    pdb.gimp_selection_none(STATE_OF["image"])
    gimp.displays_flush()
    return look()


STEPS = {
    "deselect": deselect,
    "hide-photo": hide_photo,
    "show-photo": show_photo,
    "show": show,
    "run": run,
    "photo": activate_photo,
    "look": look,
    "quick-mask": run_in_quick_mask,
    "end": lambda: None,
}
