"""A plug-in of its own that tells what Krita has loaded, and closes it: `krita_loaded/__init__.py`."""

import json
import os
import sys

from krita import Krita

try:
    from PyQt6.QtCore import QTimer
except ImportError:
    from PyQt5.QtCore import QTimer

TOLD = os.environ["SOFTLIGHT_TOLD"]
WANTED = json.loads(os.environ.get("SOFTLIGHT_ACTIONS", "[]"))


def tell():
    krita = Krita.instance()
    window = krita.activeWindow()
    if window is None:
        return
    timer.stop()
    found = {
        "version": krita.version(),
        "modules": sorted(name for name in sys.modules if name.startswith("softlight")),
        "dockers": [docker.objectName() for docker in krita.dockers()],
        "actions": [name for name in WANTED if krita.action(name) is not None],
    }
    with open(TOLD, "w", encoding="utf-8") as file:
        json.dump(found, file)
    # The timer that is running belongs to the window that goes.
    QTimer.singleShot(int(os.environ.get("SOFTLIGHT_STAYS", "0")), krita.action("file_quit").trigger)


timer = QTimer()
timer.timeout.connect(tell)
timer.start(300)
