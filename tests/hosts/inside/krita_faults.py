"""What goes wrong while the engine works: it dies, the user cancels, the picture changes or is closed.

At the end Krita is told to quit while a job runs.
"""

import gc
import json
import os
import signal
import time

from krita import Krita
from krita_tools import (
    choose,
    close,
    comes,
    digest,
    docker,
    flat,
    open_picture,
    perform,
    select,
    tree,
    trigger,
)

from softlight_bridge import packing

PICTURE = os.environ["SOFTLIGHT_PICTURE"]
MASK = os.environ["SOFTLIGHT_MASK"]
STATE = os.path.join(os.environ["XDG_RUNTIME_DIR"], "softlight", "engine.json")
feathers = iter(range(1, 100))


def scenario(found):
    document = yield from masked_picture()
    before = state(document)
    found["killed"] = {}
    for stage, how in (("start", at_its_start), ("transfer", in_transfer), ("run", at_work)):
        yield from without_engine()
        told = yield from perform(another_run, kill, how)
        found["killed"][stage] = [*told, state(document) == before]
    found["killed"]["return"] = [*(yield from killed_in_return()), state(document) == before]

    found["next"] = yield from perform(another_run)
    found["layers"] = [node["name"] for node in tree(document.rootNode())]
    yield from trigger(document, "edit_undo")
    found["undone"] = yield from comes(lambda: flat(document) == before[0])

    found["cancelled"] = [*(yield from perform(another_run, docker().desk.cancel)), state(document) == before]
    begun = time.monotonic()
    found["then"] = yield from perform(another_run)
    found["seconds"] = time.monotonic() - begun
    yield from close(document)

    document = yield from masked_picture()
    found["scaled"] = yield from perform(another_run, lambda: document.scaleImage(256, 300, 72, 72, "Box"))
    found["scaled_layers"] = [node["name"] for node in tree(document.rootNode())]
    yield from close(document)

    document = yield from masked_picture()
    other = document.createNode("other", "paintlayer")
    document.rootNode().addChildNode(other, None)
    yield 0.2
    yield from choose(document, "Background")
    photo = document.topLevelNodes()[0]
    found["layer_gone"] = yield from perform(another_run, photo.remove)
    found["layer_gone_layers"] = [node["name"] for node in tree(document.rootNode())]
    yield from close(document)

    document = yield from masked_picture()
    document.setModified(False)
    collecting = []

    def close_it():
        collecting.append(gc.isenabled())
        document.close()

    found["closed"] = yield from perform(another_run, close_it)
    found["collecting"] = [*collecting, gc.isenabled()]
    found["open"] = len(Krita.instance().documents())

    document = yield from masked_picture()
    found["after_all"] = yield from perform(another_run)
    working = []
    docker().desk.progressed.connect(lambda done, text: working.append(text))
    another_run()
    while not any(text.startswith("Removing") for text in working):
        yield 0.02
    found["busy_at_the_end"] = docker().desk.busy


def masked_picture():
    document = yield from open_picture(PICTURE)
    yield from select(document, MASK, document.width(), document.height())
    # Krita's list of layers puts off what it shows for 0.1 s, and crashes when a script closes the picture
    # before (5.2, in KisNodeModel::processUpdateQueue).
    yield 0.5
    return document


def another_run():
    """Run the filter with values that it has not had yet: the engine keeps the last result."""
    values = docker().panel.values()
    docker().panel.set_values(dict(values, feather=next(feathers) / 1000))
    docker().run()


def state(document):
    pixels = bytes(document.topLevelNodes()[0].pixelData(0, 0, document.width(), document.height()))
    return flat(document), digest(pixels), tree(document.rootNode())


def engine():
    """The process of the engine, or None."""
    try:
        with open(STATE) as file:
            process = json.load(file)["pid"]
        with open(f"/proc/{process}/stat") as file:
            return process if file.read().rpartition(")")[2].split()[0] != "Z" else None
    except (OSError, ValueError, KeyError):
        return None


def kill():
    process = engine()
    if process is not None:
        os.kill(process, signal.SIGKILL)


def without_engine():
    kill()
    while engine() is not None:
        yield 0.02


def at_its_start(ended):
    return engine() is not None


def in_transfer(ended):
    return any(text == "Sending the picture" for _, text in ended.heard)


def at_work(ended):
    return ended.working()


def killed_in_return():
    """Kill the engine when the head of its result is here, and not yet its pixels."""
    unpack = packing.unpack_result

    def unpack_late(*arguments):
        packing.unpack_result = unpack
        kill()
        return unpack(*arguments)

    packing.unpack_result = unpack_late
    return (yield from perform(another_run))
