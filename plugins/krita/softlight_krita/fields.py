"""One widget for each kind of parameter; a new filter needs no code here.

Each has `value()`, and `set_value()`, which ignores what is impossible.
"""

from __future__ import annotations

from typing import Any

from softlight_bridge.specifications import Parameter
from softlight_bridge.translation import pgettext
from softlight_krita.face_chooser import FaceChooser
from softlight_krita.qt import Qt, QtWidgets
from softlight_krita.widgets import quiet, shrink

TICKS = 1000
"""Positions of a slider."""


def field_for(parameter: Parameter) -> Any:
    """Return the widget for a parameter."""
    if parameter.kind == "choice":
        return _ChoiceField(parameter)
    if parameter.kind == "flag":
        return _FlagField(parameter)
    if parameter.kind == "faces":
        return FaceChooser(parameter.label)
    if parameter.switch:
        return SwitchField(parameter)
    return _AutomaticField(parameter) if parameter.optional else _NumberField(parameter)


class _ChoiceField(QtWidgets.QComboBox):
    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        for choice in parameter.choices:
            self.addItem(choice.label, choice.value)
        shrink(self)
        self.set_value(parameter.default)

    def value(self) -> str:
        return str(self.currentData())

    def set_value(self, value: Any) -> None:
        index = self.findData(value)
        if index >= 0:
            self.setCurrentIndex(index)


class _FlagField(QtWidgets.QCheckBox):
    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter.label)
        self.setMinimumWidth(10)
        self.set_value(parameter.default)

    def value(self) -> bool:
        return bool(self.isChecked())

    def set_value(self, value: Any) -> None:
        if isinstance(value, bool):
            self.setChecked(value)


class _NumberField(QtWidgets.QWidget):
    """A slider and a box; plain ratios up to 1 are shown in per cent."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        low, high = float(parameter.minimum or 0), float(parameter.maximum or 0)
        self._scale = 100.0 if not parameter.unit and high <= 1 else 1.0
        self._low, self._high = low, high
        span = (high - low) * self._scale
        self._box = quiet(QtWidgets.QDoubleSpinBox())
        self._box.setDecimals(0 if span >= 100 else 1 if span >= 10 else 2)
        self._box.setRange(low * self._scale, high * self._scale)
        self._box.setSingleStep(max(span / 100, 10 ** -self._box.decimals()))
        self._box.setSuffix(" %" if self._scale > 1 else " " + parameter.unit if parameter.unit else "")
        self._slider = quiet(QtWidgets.QSlider(Qt.Orientation.Horizontal))
        self._slider.setRange(0, TICKS)
        self._slider.setMinimumWidth(24)
        self._value = low
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._box)
        self._box.setMinimumWidth(54)
        if parameter.default is not None:
            self.set_value(parameter.default)
        self._box.valueChanged.connect(self._typed)
        self._slider.valueChanged.connect(self._slid)

    def value(self) -> float:
        return self._value

    def set_value(self, value: Any) -> None:
        if (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            and self._low <= value <= self._high
        ):
            # Kept beside the box, which rounds what it shows.
            self._value = float(value)
            self._show()

    def _typed(self, shown: float) -> None:
        self._value = min(max(shown / self._scale, self._low), self._high)
        self._show()

    def _slid(self, tick: int) -> None:
        # A slider gives the round numbers that its box shows.
        shown = (self._low + (self._high - self._low) * tick / TICKS) * self._scale
        self._typed(round(shown, self._box.decimals()))

    def _show(self) -> None:
        for widget in (self._box, self._slider):
            widget.blockSignals(True)
        self._box.setValue(self._value * self._scale)
        self._slider.setValue(round((self._value - self._low) / (self._high - self._low) * TICKS))
        for widget in (self._box, self._slider):
            widget.blockSignals(False)


class SwitchField(_NumberField):
    """A number whose 0 means off: `switch`, which stands in the place of the label, says so."""

    def __init__(self, parameter: Parameter) -> None:
        self.switch = QtWidgets.QCheckBox(parameter.label)
        super().__init__(parameter)
        self.switch.toggled.connect(self._switched)

    def value(self) -> float:
        return super().value() if self.switch.isChecked() else 0.0

    def set_value(self, value: Any) -> None:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return
        if value != 0:
            # Off, the box keeps what it was, for when it is switched on again.
            super().set_value(value)
        self.switch.setChecked(value != 0)
        self.setEnabled(value != 0)

    def _switched(self, on: bool) -> None:
        self.setEnabled(on)
        if on and super().value() == 0:
            # Off by default, there is no earlier value: on means all of it.
            super().set_value(self._high)


class _AutomaticField(QtWidgets.QWidget):
    """A number that the filter finds itself unless the user gives it."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self._found = QtWidgets.QCheckBox(pgettext("value", "Automatic"))
        self._box = quiet(QtWidgets.QDoubleSpinBox())
        low, high = float(parameter.minimum or 0), float(parameter.maximum or 0)
        self._box.setRange(low, high)
        self._box.setDecimals(0 if high - low >= 100 else 2)
        self._box.setSuffix(" " + parameter.unit if parameter.unit else "")
        # Between the ends on a scale of ratios: sizes run from tens to thousands.
        self._box.setValue((low * high) ** 0.5 if low > 0 else (low + high) / 2)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._found)
        layout.addWidget(self._box, 1)
        self._box.setMinimumWidth(40)
        self._found.toggled.connect(lambda on: self._box.setEnabled(not on))
        self.set_value(None)

    def value(self) -> float | None:
        return None if self._found.isChecked() else float(self._box.value())

    def set_value(self, value: Any) -> None:
        if value is None:
            self._found.setChecked(True)
            self._box.setEnabled(False)
        elif isinstance(value, (int, float)) and self._box.minimum() <= value <= self._box.maximum():
            self._found.setChecked(False)
            self._box.setValue(value)
