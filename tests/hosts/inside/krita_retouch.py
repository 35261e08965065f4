"""Skin retouch in Krita at 8 and 16 bits: whole faces, a selection, undo; and its values beside De-wrinkle's.

And Face restore at 16 bits.

`photo-DEPTH.raw` holds the photo's pixels as Krita stores them, `mask.raw` the selection. What shows at full
strength and, after Re-run, at half of it goes to `DEPTH-PLACE-1.raw` and `DEPTH-PLACE-2.raw`.
"""

import json
import os

import krita_tools
from krita import Krita
from krita_tools import (
    OUT,
    choose,
    close,
    docker,
    flat,
    keep,
    new_picture,
    perform,
    seen,
    select,
    set_values,
    tree,
    trigger,
    until,
    walk,
)

SIZE = json.loads(os.environ["SOFTLIGHT_SIZE"])
PLACES = {"U8": ("whole", "brush"), "U16": ("whole", "restored", "edited", "brush")}
EDIT = json.loads(os.environ["SOFTLIGHT_EDIT"])
FILTERS = {"restored": "restore", "edited": "edit"}
SRGB = "sRGB-elle-V2-srgbtrc.icc"
krita_tools.PATIENCE = 180.0  # the engine starts, and faces are looked for


def scenario(found):
    docker().show()
    yield from until(docker().isVisible, "the docker")
    for depth in ("U8", "U16"):
        with open(os.path.join(OUT, f"photo-{depth}.raw"), "rb") as file:
            document = yield from new_picture(*SIZE, ("RGBA", depth, SRGB), file.read())
        if depth == "U8":
            yield from own_values(found, document)
        for place in PLACES[depth]:
            found[f"{depth}-{place}"] = yield from retouched(document, f"{depth}-{place}")
        yield from close(document)


def turn_to(name):
    """Turn to a filter as a user does."""
    panel = docker().panel
    panel.choose_filter(name)
    panel.filter_chosen.emit()


def own_values(found, document):
    """Each filter keeps its values while another one is shown, and while a group's are."""
    set_values(strength=0.75)
    turn_to("retouch")
    set_values(blemishes=0.5)
    turn_to("dewrinkle")
    shown = [[docker().panel.filter.name, docker().panel.values()["strength"]]]
    # From the menu, with another filter's form in sight.
    runs = Krita.instance().action("softlight_run_retouch").trigger
    found["said"] = yield from perform(runs)
    assert len(document.topLevelNodes()) == 2, found["said"]
    yield from choose(document, "Skin retouch")
    set_values(blemishes=0.25)
    turn_to("dewrinkle")
    shown.append([docker().panel.filter.name, docker().panel.values()["strength"]])
    turn_to("retouch")
    shown.append([docker().panel.filter.name, docker().panel.values()["blemishes"]])
    found["shown"] = shown
    found["record"] = record(document)
    docker().reset()
    yield from trigger(document, "edit_undo")
    yield from until(lambda: len(document.topLevelNodes()) == 1, "the photo alone")
    yield from choose(document, "Background")


def record(document):
    """The settings that are stored with the newest result."""
    key = [key for key in document.annotationTypes() if key.startswith("softlight-")][-1]
    return json.loads(bytes(document.annotation(key)).decode())["asked"]


def retouched(document, name):
    """Run, run again with half the strength, undo both; tell what was seen."""
    if name.endswith("brush"):
        yield from select(document, os.path.join(OUT, "mask.raw"), *SIZE)
    keep(f"{name}-0.raw", flat(document))
    states = [seen(document)]
    docker().panel.choose_filter(FILTERS.get(name.partition("-")[2], "retouch"))
    if name.endswith("edited"):
        set_values(**EDIT)
    told = {"run": (yield from perform(docker().run)), "layers": tree(document.rootNode())}
    keep(f"{name}-1.raw", flat(document))
    states.append(seen(document))
    set_values(strength=0.5)
    told["again"] = yield from perform(docker().run_again)
    keep(f"{name}-2.raw", flat(document))
    told["states"] = states
    told["undone"] = yield from walk(document, "edit_undo", states[::-1])
    yield from choose(document, document.topLevelNodes()[0].name())
    return told
