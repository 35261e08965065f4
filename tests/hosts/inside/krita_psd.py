"""Skin retouch in Krita at 8 and 16 bits, handed on as PSD: its layers as they
are, baked to one, and made as a normal layer at once.

`photo-DEPTH.raw` holds the photo's pixels as Krita stores them. What shows goes to `krita-DEPTH-HOW.raw`, the
file beside it.
"""

import json
import os

import krita_tools
from krita import InfoObject
from krita_tools import (
    OUT,
    choose,
    close,
    docker,
    flat,
    keep,
    new_picture,
    perform,
    set_values,
    settled,
    tree,
    until,
)

SIZE = json.loads(os.environ["SOFTLIGHT_SIZE"])
SRGB = "sRGB-elle-V2-srgbtrc.icc"
krita_tools.PATIENCE = 180.0  # the engine starts, and faces are looked for


def scenario(found):
    docker().show()
    yield from until(docker().isVisible, "the docker")
    for depth in ("U8", "U16"):
        with open(os.path.join(OUT, f"photo-{depth}.raw"), "rb") as file:
            document = yield from new_picture(*SIZE, ("RGBA", depth, SRGB), file.read())
        docker().panel.choose_filter("retouch")
        set_values(layer="soft-light")
        yield from succeed(docker().run)
        yield from saved(found, document, f"{depth}-layers")
        yield from choose(document, "Skin retouch")
        yield from succeed(docker().desk.bake)
        yield from saved(found, document, f"{depth}-baked")
        document.topLevelNodes()[-1].remove()
        yield from choose(document, "Background")
        set_values(layer="normal")
        yield from succeed(docker().run)
        yield from saved(found, document, f"{depth}-normal")
        yield from close(document)


def succeed(call):
    """Start an operation and wait for its good end; a step."""
    sentence, failed = yield from perform(call)
    assert not failed, sentence


def saved(found, document, name):
    """Export the picture, and keep what is seen of it; a step."""
    keep(f"krita-{name}.raw", flat(document))
    found[name] = tree(document.rootNode())
    assert document.exportImage(os.path.join(OUT, f"krita-{name}.psd"), InfoObject()), name
    yield from settled(document)
