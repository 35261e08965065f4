"""Timed runs of a filter in Krita, for `bench/bridge.py`: the docker's own way, in its window.

`$SOFTLIGHT_PICTURE` and `$SOFTLIGHT_MASK` (raw, 8 bits, as large as the photo) are files, `times` lies beside
what is found. Each run is a job of its own: the engine keeps the last one's result.
"""

import os
import time

import krita_tools
import stopwatch
from krita_tools import OUT, close, docker, open_picture, perform, select, settled, trigger

from softlight_bridge.client import Engine
from softlight_krita import layers, memory, operations

krita_tools.PATIENCE = 1000.0
RUNS = int(os.environ["SOFTLIGHT_RUNS"])


def scenario(found):
    watch = stopwatch.Stopwatch(os.path.join(OUT, "times"))
    document = yield from open_picture(os.environ["SOFTLIGHT_PICTURE"])
    size = document.width(), document.height()
    found["encoding"] = [document.colorModel(), document.colorDepth(), document.colorProfile()]
    with open(os.environ["SOFTLIGHT_MASK"], "rb") as file:
        mask = file.read()
    for number in range(1 + RUNS):
        if number == 1:
            watch.watch(operations, "marked", "host: mask read")
            watch.watch(operations.Work, "_pixels", "host: photo read")
            watch.watch(Engine, "run", "bridge: whole")
            watch.watch(layers, "build", "host: layers set")
            watch.watch(layers, "add", "host: layers set")
            watch.watch(memory, "remember", "host: remembered")
            watch.watch(operations.Work, "run", "whole")
        path = os.path.join(OUT, "mask.raw")
        with open(path, "wb") as file:
            file.write(mask.replace(b"\xff", bytes([255 - number])))
        yield from select(document, path, *size)
        found["said"] = yield from perform(docker().run)
        start = time.monotonic()
        yield from settled(document)
        watch.note("picture drawn", start)
        yield from trigger(document, "edit_undo")
        yield from settled(document)
    yield from close(document)
