"""A hundred runs in one Krita, each undone: how much memory Krita and the engine take after each."""

import json
import os

from krita_tools import close, docker, open_picture, perform, select, trigger

PICTURE = os.environ["SOFTLIGHT_PICTURE"]
MASK = os.environ["SOFTLIGHT_MASK"]
RUNS = int(os.environ["SOFTLIGHT_RUNS"])
STATE = os.path.join(os.environ["XDG_RUNTIME_DIR"], "softlight", "engine.json")


def scenario(found):
    document = yield from open_picture(PICTURE)
    yield from select(document, MASK, document.width(), document.height())
    docker().panel.choose_filter("soft_glow")
    found["krita"], found["engine"], found["said"] = [], [], []
    for number in range(RUNS):
        # Other values each time: the engine keeps the last result.
        docker().panel.set_values({"amount": 0.2 + 0.5 * number / RUNS})
        told = yield from perform(docker().run)
        if told not in found["said"]:
            found["said"].append(told)
        yield from trigger(document, "edit_undo")
        with open(STATE) as file:
            engine = json.load(file)["pid"]
        found["krita"].append(resident("self"))
        found["engine"].append(resident(engine))
    found["annotations"] = len([key for key in document.annotationTypes() if key.startswith("softlight-")])
    yield from close(document)


def resident(process):
    """Megabytes."""
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6
