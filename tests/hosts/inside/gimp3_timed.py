"""Timed runs of a filter in GIMP 3, for `bench/bridge.py`.

`photo` and `mask` (raw, 8 bits, as large as the photo) are files, `plugin` is the plug-in's folder, `times`
where the stopwatch writes. Each run is a job of its own: the engine keeps the last one's result.
"""

import sys
import time

import gimp3_hands as hands
import stopwatch
from gi.repository import Gimp


def main(task):
    sys.path.insert(0, task["plugin"])
    from softlight_bridge.client import Engine
    from softlight_gimp import inserting, jobs, masking, reading

    watch = stopwatch.Stopwatch(task["times"])
    image = hands.load(task["photo"])
    with open(task["mask"], "rb") as file:
        mask = file.read()
    told = {"precision": image.get_precision().value_nick}

    def marked(number):
        hands.select(image, mask.replace(b"\xff", bytes([255 - number])))
        Gimp.Image.undo_disable(image)

    def take_back():
        for layer in image.get_layers()[:-1]:
            image.remove_layer(layer)

    # As the menu does it: the procedure is a process of its own.
    marked(0)
    hands.must(hands.DEWRINKLE, image, image.get_layers())
    take_back()
    marked(1)
    start = time.monotonic()
    hands.must(hands.DEWRINKLE, image, image.get_layers())
    watch.note("whole procedure", start)
    take_back()
    # And stage by stage, with the procedure's own code in this process.
    watch.watch(masking, "read_mask", "host: mask read")
    watch.watch(Engine, "run", "bridge: whole")
    watch.watch(inserting, "insert", "host: layers set")
    watch.watch(reading, "_read_layer", "host: photo read")
    watch.watch(reading, "read_projection", "host: photo read")
    engine = Engine.beside(task["plugin"], "GIMP " + Gimp.version())
    for number in range(2, 2 + task["runs"]):
        marked(number)
        asked = jobs.Task(image, tuple(image.get_layers()), "dewrinkle", {}, reading.BELOW, masking.AUTOMATIC)
        start = time.monotonic()
        jobs.run(asked, engine, lambda done, text: None)
        watch.note("whole", start)
        take_back()
    hands.forget(image)
    return told
