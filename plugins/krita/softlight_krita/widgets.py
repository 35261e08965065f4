"""The small widgets that the docker's pages are made of."""

from __future__ import annotations

from typing import Any

from softlight_krita.qt import QtCore, QtWidgets

FAILED = "#e8a04a"
"""Amber is legible on Krita's dark and light themes."""


def column() -> tuple[Any, Any]:
    """Return a widget and the layout of what stands in it, one below the other."""
    widget = QtWidgets.QWidget()
    layout = QtWidgets.QVBoxLayout(widget)
    layout.setContentsMargins(6, 6, 6, 6)
    layout.setSpacing(6)
    return widget, layout


def button(label: str, tip: str, name: str | None = None) -> Any:
    """Return a button; its name is how tests and scripts find it, and follows from the label if not given."""
    made = QtWidgets.QPushButton(label)
    plain = label.lower().replace(" / ", "_").replace(" ", "_").replace("-", "_")
    made.setObjectName("softlight_" + (name or plain))
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
