"""The models below what they do, and beside that the model which does it now."""

from __future__ import annotations

from typing import Any

from softlight_bridge import model_words as words
from softlight_bridge.models import ModelLine
from softlight_bridge.translation import pgettext
from softlight_krita.qt import Qt, QtCore, QtWidgets

ROLE = Qt.ItemDataRole.UserRole
MODEL = Qt.ItemDataRole.UserRole + 1
HEIGHT = 80
"""Pixels at least: Krita gives a docker little."""


class ModelTree(QtWidgets.QTreeWidget):
    """Shows models; several may be selected at once."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("softlight_models_tree")
        self._lines: dict[str, ModelLine] = {}
        self._open: set[str] = set()
        self.setHeaderHidden(True)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setExpandsOnDoubleClick(False)
        self.setMinimumHeight(HEIGHT)
        self.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.itemClicked.connect(_toggle)
        self.itemExpanded.connect(lambda item: self._open.add(item.data(0, ROLE)))
        self.itemCollapsed.connect(lambda item: self._open.discard(item.data(0, ROLE)))

    def sizeHint(self) -> Any:
        return QtCore.QSize(260, 2 * HEIGHT)

    @property
    def selected(self) -> tuple[ModelLine, ...]:
        """The models of the selected rows, as they stand below each other."""
        ids = {_model(item) for item in self.selectedItems()}
        return tuple(line for line in self._lines.values() if line.id in ids)

    def show_models(self, models: tuple[ModelLine, ...]) -> None:
        """Show these instead; what was open, selected and in sight stays so."""
        selected = {line.id for line in self.selected}
        current = _model(self.currentItem())
        scrolled = self.verticalScrollBar().value()
        self.blockSignals(True)
        self._lines = {line.id: line for line in models}
        self.clear()
        roles: dict[str, Any] = {}
        for line in models:
            if line.role not in roles:
                roles[line.role] = self._role(line.role)
            if line.active:
                roles[line.role].setText(0, f"{words.role(line.role)}: {line.title}")
            item = _item(line)
            roles[line.role].addChild(item)
            item.setSelected(line.id in selected)
            if line.id == current:
                self.setCurrentItem(item, 0, QtCore.QItemSelectionModel.SelectionFlag.NoUpdate)
        for name, item in roles.items():
            item.setExpanded(name in self._open)
        self.blockSignals(False)
        self.verticalScrollBar().setValue(scrolled)
        self.itemSelectionChanged.emit()

    def _role(self, name: str) -> Any:
        item = QtWidgets.QTreeWidgetItem([words.role(name)])
        item.setData(0, ROLE, name)
        _embolden(item)
        self.addTopLevelItem(item)
        return item


def _toggle(item: Any, _: int) -> None:
    """Open or close a role; a model has nothing below it."""
    if item.childCount():
        item.setExpanded(not item.isExpanded())


def _model(item: Any) -> str | None:
    """The model of a row; None when it is a role's, or there is no row."""
    return None if item is None else item.data(0, MODEL)


def _item(line: ModelLine) -> Any:
    """A row of two lines: a docker is too narrow for columns."""
    facts = [words.state(line)]
    if line.state != "embedded":
        facts.append(
            pgettext("value", "size unknown") if line.terms.size is None else words.size(line.terms.size)
        )
    facts.append(words.licence(line.terms))
    item = QtWidgets.QTreeWidgetItem([f"{line.title}\n{' · '.join(facts)}"])
    item.setData(0, MODEL, line.id)
    item.setToolTip(0, line.use_when)
    if line.active:
        _embolden(item)
    return item


def _embolden(item: Any) -> None:
    font = item.font(0)
    font.setBold(True)
    item.setFont(0, font)
