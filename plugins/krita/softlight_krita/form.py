"""A filter's parameters as a form, made from the specification: a new filter needs no code here."""

from __future__ import annotations

from typing import Any

from softlight_bridge.specifications import Filter, Parameter
from softlight_bridge.translation import _, pgettext
from softlight_krita.face_chooser import FaceChooser
from softlight_krita.fields import SwitchField, field_for
from softlight_krita.qt import Qt, QtWidgets

WITH_LABEL = ("flag", "faces")
"""Kinds whose fields have the parameter's name on them and need the whole width."""


class Form(QtWidgets.QWidget):
    """The parameters of one filter; those of a group stand below a heading that opens and closes.

    Where a group comes first it is what the filter is for, and the groups are open.

    Parameters
    ----------
    described : Filter
    """

    def __init__(self, described: Filter) -> None:
        super().__init__()
        self.chooser: FaceChooser | None = None
        """The field for faces, if the filter has one."""
        self._fields: dict[str, Any] = {}
        self._sections: dict[str, _Section] = {}
        self._whole: list[Any] = []
        """What matters on whole faces alone."""
        self._layout = _rows(self)
        self._opened = bool(described.parameters[0].group)
        for parameter in described.parameters:
            self._add(parameter)
        for title, section in self._sections.items():
            if all(one.whole_faces for one in described.parameters if one.group == title):
                self._whole.append(section)
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

    def show_whole(self, whole: bool) -> None:
        """Show what matters on whole faces alone, or leave it out: a mask says where to work."""
        for widget in self._whole:
            widget.setVisible(whole)

    def _add(self, parameter: Parameter) -> None:
        field = field_for(parameter)
        # The name is how tests and scripts find it.
        field.setObjectName("softlight_" + parameter.name)
        field.setToolTip(parameter.help)
        if isinstance(field, FaceChooser):
            self.chooser = field
        self._fields[parameter.name] = field
        rows = self._layout
        if parameter.group:
            if parameter.group not in self._sections:
                self._sections[parameter.group] = _Section(parameter.group, self._opened)
                rows.addRow(self._sections[parameter.group])
            rows = self._sections[parameter.group].rows
        if parameter.kind in WITH_LABEL:
            rows.addRow(field)
            shown = [field]
        else:
            label = self._label(parameter, field)
            rows.addRow(label, field)
            shown = [label, field]
        if parameter.whole_faces:
            self._whole += shown

    def _label(self, parameter: Parameter, field: Any) -> Any:
        if isinstance(field, SwitchField):
            label: Any = field.switch
            label.setObjectName(f"softlight_{parameter.name}_on")
            if parameter.group:
                self._sections[parameter.group].add(label)
        else:
            label = QtWidgets.QLabel(_("{label}:").format(label=parameter.label))
        label.setToolTip(parameter.help)
        return label


class _Section(QtWidgets.QWidget):
    """Rows below a heading, which says how many of its switches are on."""

    def __init__(self, title: str, opened: bool) -> None:
        super().__init__()
        self._title = pgettext("heading", title)
        self._switches: list[Any] = []
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = QtWidgets.QHBoxLayout()
        self._heading = QtWidgets.QToolButton()
        self._heading.setObjectName("softlight_group_" + title.lower().replace(" ", "_"))
        self._heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.setAutoRaise(True)
        self._heading.setCheckable(True)
        row.addWidget(self._heading)
        row.addStretch(1)
        self._all = [
            self._quick("all", pgettext("switches", "All"), _("{group}: switch all on."), True),
            self._quick("none", pgettext("switches", "None"), _("{group}: switch all off."), False),
        ]
        for button in self._all:
            row.addWidget(button)
        layout.addLayout(row)
        self._body = QtWidgets.QWidget()
        self.rows = _rows(self._body)
        self.rows.setContentsMargins(12, 0, 0, 0)
        layout.addWidget(self._body)
        self._heading.toggled.connect(self._open)
        self._open(opened)
        self._heading.setChecked(opened)
        self._count()

    def add(self, switch: Any) -> None:
        """Count this one, too."""
        self._switches.append(switch)
        switch.toggled.connect(lambda on: self._count())
        self._count()

    def _quick(self, name: str, label: str, tip: str, on: bool) -> Any:
        button = QtWidgets.QToolButton()
        button.setObjectName(f"{self._heading.objectName()}_{name}")
        button.setText(label)
        button.setToolTip(tip.format(group=self._title))
        button.setAutoRaise(True)
        button.clicked.connect(lambda _=False: [switch.setChecked(on) for switch in self._switches])
        return button

    def _open(self, on: bool) -> None:
        self._body.setVisible(on)
        self._heading.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        for button in self._all:
            button.setVisible(on and bool(self._switches))

    def _count(self) -> None:
        on = sum(switch.isChecked() for switch in self._switches)
        if self._switches:
            told = _("{label}: {chosen} of {count}")
            self._heading.setText(told.format(label=self._title, chosen=on, count=len(self._switches)))
        else:
            self._heading.setText(self._title)


def _rows(widget: Any) -> Any:
    layout = QtWidgets.QFormLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return layout
