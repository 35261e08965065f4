"""Krita beside a download: how long its window stands still, a filter meanwhile, quitting in the middle."""

import gc
import os
import time

from krita_tools import docker, open_picture, perform, select, until

PICTURE = os.environ["SOFTLIGHT_PICTURE"]
MASK = os.environ["SOFTLIGHT_MASK"]


def scenario(found):
    document = yield from open_picture(PICTURE)
    yield from select(document, MASK, document.width(), document.height())
    docker().panel.choose_filter("soft_glow")
    docker().show_models()
    desk = docker().models.desk
    yield from until(lambda: not desk.busy, "the list")
    endings, progress = [], []
    desk.ended.connect(lambda ending: endings.append([ending.sentence, ending.failed]))
    desk.progressed.connect(lambda done, text: progress.append(text))

    download(desk, "short")
    found["longest"] = yield from longest_pause(lambda: desk.busy)
    found["short"] = endings[-1]

    download(desk, "long")
    yield from until(lambda: " of " in progress[-1], "the download to begin")
    found["filter"] = yield from perform(docker().run)
    found["beside"] = [desk.busy, gc.isenabled()]
    endings.clear()
    desk.cancel()
    yield from until(lambda: endings and not desk.busy, "the end, and the list that the page then renews")
    found["cancelled"], found["collecting"] = endings[0], gc.isenabled()

    progress.clear()
    download(desk, "long")
    yield from until(lambda: progress and " of " in progress[-1], "the download to go on")
    found["busy_at_the_end"] = desk.busy


def download(desk, model):
    desk.do(lambda engine, progress: engine.download_models([model], [model], progress), "It is there.")


def longest_pause(lasting):
    """The longest time in which Krita's event loop did not come round, in seconds; a step."""
    longest, last = 0.0, time.monotonic()
    while lasting():
        yield 0.0
        now = time.monotonic()
        longest, last = max(longest, now - last), now
    return longest
