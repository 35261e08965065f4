"""A filter's parameters as a form, made from the specification: a new filter needs no code here."""

from __future__ import annotations

from typing import Any, Callable

from softlight_bridge.specifications import Filter, Parameter
from softlight_krita.qt import Qt, QtWidgets, Signal

TICKS = 1000
"""Positions of a slider."""


class Form(QtWidgets.QWidget):
    """The parameters of one filter.

    Parameters
    ----------
    described : Filter
    """

    changed = Signal()

    def __init__(self, described: Filter) -> None:
        super().__init__()
        self._fields: dict[str, Any] = {}
        layout = QtWidgets.QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for parameter in described.parameters:
            field = _field(parameter, self.changed.emit)
            # The name is how tests and scripts find it.
            field.setObjectName("softlight_" + parameter.name)
            field.setToolTip(parameter.help)
            label = QtWidgets.QLabel("" if parameter.kind == "flag" else parameter.label + ":")
            label.setToolTip(parameter.help)
            layout.addRow(label, field)
            self._fields[parameter.name] = field
        self._defaults = described.defaults()

    def values(self) -> dict[str, Any]:
        """Return the value of every parameter."""
        return {name: field.value() for name, field in self._fields.items()}

    def set_values(self, values: dict[str, Any]) -> None:
        """Show these values; what is missing or impossible takes its default."""
        for name, field in self._fields.items():
            field.set_value(self._defaults[name])
            if name in values:
                field.set_value(values[name])


def _field(parameter: Parameter, changed: Callable[[], None]) -> Any:
    if parameter.kind == "choice":
        return _ChoiceField(parameter, changed)
    if parameter.kind == "flag":
        return _FlagField(parameter, changed)
    return _AutomaticField(parameter, changed) if parameter.optional else _NumberField(parameter, changed)


class _ChoiceField(QtWidgets.QComboBox):
    def __init__(self, parameter: Parameter, changed: Callable[[], None]) -> None:
        super().__init__()
        for choice in parameter.choices:
            self.addItem(choice.label, choice.value)
        shrink(self)
        self.set_value(parameter.default)
        self.currentIndexChanged.connect(lambda _: changed())

    def value(self) -> str:
        return str(self.currentData())

    def set_value(self, value: Any) -> None:
        index = self.findData(value)
        if index >= 0:
            self.setCurrentIndex(index)


class _FlagField(QtWidgets.QCheckBox):
    def __init__(self, parameter: Parameter, changed: Callable[[], None]) -> None:
        super().__init__(parameter.label)
        self.set_value(parameter.default)
        self.toggled.connect(lambda _: changed())

    def value(self) -> bool:
        return bool(self.isChecked())

    def set_value(self, value: Any) -> None:
        if isinstance(value, bool):
            self.setChecked(value)


class _NumberField(QtWidgets.QWidget):
    """A slider and a box; plain ratios up to 1 are shown in per cent."""

    def __init__(self, parameter: Parameter, changed: Callable[[], None]) -> None:
        super().__init__()
        low, high = float(parameter.minimum or 0), float(parameter.maximum or 0)
        self._scale = 100.0 if not parameter.unit and high <= 1 else 1.0
        self._low, self._high = low, high
        span = (high - low) * self._scale
        self._box = _quiet(QtWidgets.QDoubleSpinBox())
        self._box.setDecimals(0 if span >= 100 else 1 if span >= 10 else 2)
        self._box.setRange(low * self._scale, high * self._scale)
        self._box.setSingleStep(max(span / 100, 10 ** -self._box.decimals()))
        self._box.setSuffix(" %" if self._scale > 1 else " " + parameter.unit if parameter.unit else "")
        self._slider = _quiet(QtWidgets.QSlider(Qt.Orientation.Horizontal))
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
        self._changed = changed

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
        self._changed()

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


class _AutomaticField(QtWidgets.QWidget):
    """A number that the filter finds itself unless the user gives it."""

    def __init__(self, parameter: Parameter, changed: Callable[[], None]) -> None:
        super().__init__()
        self._found = QtWidgets.QCheckBox("Automatic")
        self._box = _quiet(QtWidgets.QDoubleSpinBox())
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
        self._found.toggled.connect(lambda _: changed())
        self._box.valueChanged.connect(lambda _: changed())

    def value(self) -> float | None:
        return None if self._found.isChecked() else float(self._box.value())

    def set_value(self, value: Any) -> None:
        if value is None:
            self._found.setChecked(True)
            self._box.setEnabled(False)
        elif isinstance(value, (int, float)) and self._box.minimum() <= value <= self._box.maximum():
            self._found.setChecked(False)
            self._box.setValue(value)


def shrink(combo: Any) -> None:
    """Let a combo box be narrower than its longest entry, so that the docker can be."""
    combo.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    combo.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    _quiet(combo)


def _quiet(widget: Any) -> Any:
    """Leave the wheel to the docker: scrolling through it shall not turn its values."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.wheelEvent = lambda event: event.ignore()
    return widget
