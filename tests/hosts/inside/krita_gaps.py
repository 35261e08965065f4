"""How long Krita's user interface stands still while a filter runs on 24 megapixels of 16 bits.

A timer of 10 ms notes every two ticks that lie further apart than `NOTED`, and what the docker said then. The
same is done for the user's own strokes of the work: an undo, and nothing at all.
"""

import os
import time

import krita_tools
from krita import Krita
from krita_tools import OUT, close, docker, new_picture, perform, select, settled, trigger

from softlight_krita.qt import Qt, QtCore

krita_tools.PATIENCE = 500.0
SIZE = 6000, 4000
STROKE = 2000, 1000
FILTER = os.environ.get("SOFTLIGHT_FILTER", "dewrinkle")
NOTED = 0.05
"""Seconds."""


class Gaps(QtCore.QObject):
    """Notes when the event loop has not come round."""

    def __init__(self):
        super().__init__()
        self.found, self.doing = [], ""
        self.timer = QtCore.QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.last = time.monotonic()
        self.timer.start(10)
        docker().desk.progressed.connect(self.hear)

    def hear(self, done, text):
        self.doing = text

    def tick(self):
        now = time.monotonic()
        if now - self.last > NOTED:
            self.found.append([round(now - self.last, 3), self.doing])
        self.last = now

    def take(self):
        found, self.found, self.doing = self.found, [], ""
        return found


def scenario(found):
    skin = 28000, 34000, 47000, 65535 - 1200
    row = b"".join((v + x // 9 % 40 * 30).to_bytes(2, "little") for x in range(SIZE[0]) for v in skin)
    encoding = "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc"
    document = yield from new_picture(*SIZE, encoding, row * SIZE[1])
    yield 2.0
    path = os.path.join(OUT, "mask.raw")
    with open(path, "wb") as file:
        file.write(b"\xff" * (STROKE[0] * STROKE[1]))
    yield from select(document, path, *STROKE, 2000, 1500)
    # Its moving outline is drawn five times a second, in 0.2 s each where no graphics card helps.
    Krita.instance().action("toggle_display_selection").trigger()
    panel = docker().panel
    panel.choose_filter(FILTER)
    yield 1.0
    gaps = Gaps()
    yield 5.0
    found["idle"] = gaps.take()
    begun = time.monotonic()
    found["said"] = yield from perform(docker().run)
    found["seconds"] = time.monotonic() - begun
    found["run"] = gaps.take()
    yield from settled(document)
    yield 1.0
    found["drawn"] = gaps.take()
    yield from trigger(document, "edit_undo")
    found["undo"] = gaps.take()
    found["preview_said"] = yield from perform(docker().preview)
    found["preview"] = gaps.take()
    yield from close(document)
