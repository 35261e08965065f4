"""Softlight in Krita 5.1 to 6: a docker and actions that hand the picture to Softlight's engine.

This module is the first that Krita reads, and it may be a Krita whose Python knows no modern syntax: it
stays free of it, and says what is wrong before anything else is parsed.
"""

import os
import sys

from krita import Krita

__version__ = "0.1.0"

_version = Krita.instance().version()
_numbers = [int(part) for part in _version.split("-")[0].split(".")[:2]]
if _numbers < [5, 1]:
    raise ImportError("Softlight needs Krita 5.1 or newer, and this is Krita " + _version + ".")
_folder = os.path.dirname(os.path.abspath(__file__))
if not os.path.isdir(os.path.join(_folder, "carried", "softlight_bridge")):
    raise ImportError(
        "Softlight's plug-in is not complete; run 'softlight plugins install --krita' and start Krita anew."
    )
sys.path.append(os.path.join(_folder, "carried"))

from softlight_bridge import translation  # noqa: E402
from softlight_krita.qt import QtCore  # noqa: E402

# Before anything that has a text is imported. A language that is chosen in Krita becomes Qt's default; where
# none is, Krita shows the first of these, which are not always those of numbers and dates.
translation.speak(QtCore.QLocale().uiLanguages())

from softlight_krita.extension import register  # noqa: E402

register(_folder)
