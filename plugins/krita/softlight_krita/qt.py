"""The one place that knows which Qt this Krita has: PyQt5 up to Krita 5, PyQt6 from Krita 6 on.

Both are used through the scoped names of their enumerations, which PyQt5 5.15 knows as well.
"""

from typing import TYPE_CHECKING

from krita import Krita

if TYPE_CHECKING or Krita.instance().version() >= "6":
    from PyQt6 import QtCore, QtGui, QtWidgets, sip
    from PyQt6.QtGui import QAction
else:
    # Both may be installed, and the wrong one would load a second Qt into the process.
    from PyQt5 import QtCore, QtGui, QtWidgets, sip
    from PyQt5.QtWidgets import QAction

Qt = QtCore.Qt
Signal = QtCore.pyqtSignal

__all__ = ["QAction", "Qt", "QtCore", "QtGui", "QtWidgets", "Signal", "sip"]
