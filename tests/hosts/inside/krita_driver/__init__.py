"""A plug-in for tests: runs a scenario in Krita's own thread, writes what it found, and quits Krita.

$SOFTLIGHT_SCENARIO is a Python file with a generator function `scenario(found)`: it fills the dictionary
`found`, which becomes `found.json` in $SOFTLIGHT_OUT, and yields the seconds that it waits. Between two steps
Krita's event loop runs as always: Krita puts off what belongs to its main loop while a slot of ours spins one
of its own, and layers would never become active.
"""

import faulthandler
import importlib.util
import json
import os
import sys
import time
import traceback

from krita import Extension, Krita

if Krita.instance().version() >= "6":
    from PyQt6.QtCore import QTimer
else:
    from PyQt5.QtCore import QTimer

OUT = os.environ["SOFTLIGHT_OUT"]
PAUSE = 10
"""Milliseconds."""


class Driver(Extension):
    """Takes the scenario on from a timer."""

    def __init__(self, parent):
        super().__init__(parent)
        self.steps = None
        self.due = 0.0
        self.found = {"version": Krita.instance().version()}
        self.stepping = False

    def setup(self):
        notifier = Krita.instance().notifier()
        notifier.setActive(True)
        notifier.windowCreated.connect(self.begin)

    def createActions(self, window):
        pass

    def begin(self):
        if self.steps is not None:
            return
        path = os.environ["SOFTLIGHT_SCENARIO"]
        specification = importlib.util.spec_from_file_location("scenario", path)
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        self.steps = module.scenario(self.found)
        self.due = time.monotonic() + 1.0
        self.timer = QTimer()
        self.timer.timeout.connect(self.step)
        self.timer.start(PAUSE)

    def step(self):
        if self.stepping or time.monotonic() < self.due:
            return
        self.stepping = True
        try:
            self.due = time.monotonic() + (next(self.steps) or 0.0)
        except StopIteration:
            self.end()
        except BaseException:
            self.found["defect"] = traceback.format_exc()
            self.end()
        finally:
            self.stepping = False

    def end(self):
        self.timer.stop()
        write(self.found)
        for document in Krita.instance().documents():
            document.setModified(False)
        Krita.instance().action("file_quit").trigger()


def write(found):
    """Write what was found so far, whole or not at all."""
    path = os.path.join(OUT, "found.json")
    with open(path + ".part", "w") as file:
        json.dump(found, file, indent=1)
    os.replace(path + ".part", path)


faulthandler.enable(open(os.path.join(OUT, "crash.txt"), "w"))  # noqa: SIM115 - open as long as Krita runs
sys.path.insert(0, os.path.dirname(os.environ["SOFTLIGHT_SCENARIO"]))
Krita.instance().addExtension(Driver(Krita.instance()))
