"""The small widgets that the docker's pages are made of."""

from __future__ import annotations

from typing import Any

from softlight_bridge.messages import Raster
from softlight_krita.qt import QtCore, QtGui, QtWidgets

FAILED = "#e8a04a"
"""Amber is legible on Krita's dark and light themes."""


def column() -> tuple[Any, Any]:
    """Return a widget and the layout of what stands in it, one below the other."""
    widget = QtWidgets.QWidget()
    layout = QtWidgets.QVBoxLayout(widget)
    layout.setContentsMargins(6, 6, 6, 6)
    layout.setSpacing(6)
    return widget, layout


def button(label: str, tip: str, name: str) -> Any:
    """Return a button; its name is how tests and scripts find it, whatever the language."""
    made = QtWidgets.QPushButton(label)
    made.setObjectName("softlight_" + name)
    made.setToolTip(tip)
    return made


def text() -> Any:
    """Return a label whose text is broken into lines and can be copied."""
    label = QtWidgets.QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def say(label: Any, sentence: str, failed: bool) -> None:
    """Show a sentence in a label, in another colour when something went wrong."""
    label.setStyleSheet(f"color: {FAILED}" if failed else "")
    label.setText(sentence)


def line() -> Any:
    """Return a thin line."""
    made = QtWidgets.QFrame()
    made.setFrameShape(QtWidgets.QFrame.Shape.HLine)
    made.setEnabled(False)
    return made


def bar(steps: int, name: str) -> Any:
    """Return a thin progress bar, which keeps its place when it is not shown: nothing below it jumps."""
    made = QtWidgets.QProgressBar()
    made.setObjectName("softlight_" + name)
    made.setRange(0, steps)
    made.setTextVisible(False)
    made.setFixedHeight(6)
    policy = made.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    made.setSizePolicy(policy)
    return made


def shrink(combo: Any) -> None:
    """Let a combo box be narrower than its longest entry, so that the docker can be."""
    combo.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    combo.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    quiet(combo)


def quiet(widget: Any) -> Any:
    """Leave the wheel to the docker: scrolling through it shall not turn its values."""
    widget.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
    widget.wheelEvent = lambda event: event.ignore()
    return widget


def image(raster: Raster) -> Any:
    """Return pixels of "RGB" "u8" as Qt shows them."""
    shown = QtGui.QImage(
        bytes(raster.data), raster.width, raster.height, 3 * raster.width, QtGui.QImage.Format.Format_RGB888
    )
    # QImage borrows the bytes, which are gone after this function.
    return shown.copy()
