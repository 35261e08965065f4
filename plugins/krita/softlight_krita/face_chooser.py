"""Which faces a filter works on: all, or those whose thumbnails are lit; a click switches one on or off."""

from __future__ import annotations

from typing import Any

from softlight_bridge.faces import FaceList
from softlight_bridge.translation import _, ngettext, pgettext, shown
from softlight_krita import widgets
from softlight_krita.qt import Qt, QtCore, QtGui, QtWidgets, Signal

ALL = "all"
SIDE = 48
"""Pixels of a thumbnail on the screen: four fit into a narrow docker."""
ROWS = 2
"""Of thumbnails, at most; then they are scrolled."""
DIM = 0.3
"""How much of a face shows that is left out."""
FIND, STOP = pgettext("button", "Find faces"), pgettext("button", "Stop")
NONE = _("No face was found; choose 'Brush mask' and paint over the place.")
LAST = _("One face at least has to stay chosen.")


class FaceChooser(QtWidgets.QWidget):
    """A field of a form, for a parameter of the kind "faces".

    Parameters
    ----------
    label : str
    """

    wanted = Signal()
    """The user wants the faces to be looked for."""
    stopped = Signal()
    """The user wants no more of that."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._value = ALL
        self._searching = False
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = QtWidgets.QHBoxLayout()
        self._words = widgets.text()
        self._words.setObjectName("softlight_faces_words")
        self._find = widgets.button(
            FIND, _("Look for the faces in the photo, to choose among them."), "find_faces"
        )
        self._find.setMinimumWidth(10)
        self._find.clicked.connect(self._ask)
        row.addWidget(QtWidgets.QLabel(_("{label}:").format(label=label)))
        row.addWidget(self._words, 1)
        row.addWidget(self._find)
        layout.addLayout(row)
        self._note = widgets.text()
        self._note.setObjectName("softlight_faces_note")
        layout.addWidget(self._note)
        self._row = _Thumbnails()
        self._row.itemSelectionChanged.connect(self._choose)
        layout.addWidget(self._row)
        self.forget()

    @property
    def filled(self) -> bool:
        """Whether there are thumbnails."""
        return bool(self._row.count())

    def value(self) -> str:
        """Return "all", or numbers from left to right: "1,3"."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Choose these; what is impossible is ignored."""
        if not isinstance(value, str) or not (value == ALL or all(map(str.isdecimal, value.split(",")))):
            return
        self._value = value
        if self.filled:
            self._row.light(None if value == ALL else {int(one) for one in value.split(",")})
            self._value = self._row.lit() or ALL
            if not self._row.lit():
                self._row.light(None)
        self._say_which()

    def forget(self) -> None:
        """Show no faces, and choose all: it is another photo."""
        self._row.fill(FaceList((), ()))
        self._value = ALL
        self._say_which()

    def show_progress(self, done: float, text: str) -> None:
        """Show that a search is under way."""
        self._searching = True
        self._find.setText(STOP)
        text = shown(text)
        self._say(f"{text} ({done:.0%})" if done else text, False)

    def show_faces(self, found: FaceList) -> None:
        """Show what was found; those chosen before by their numbers are chosen again."""
        self._end()
        self._row.fill(found)
        self.set_value(self._value)
        self._say(" ".join(map(shown, found.notes)) or ("" if found.faces else NONE), False)

    def show_failure(self, sentence: str, failed: bool) -> None:
        """Show why there are no thumbnails, or nothing if the user stopped it."""
        self._end()
        self._say(sentence, failed)

    def _end(self) -> None:
        self._searching = False
        self._find.setText(FIND)

    def _ask(self) -> None:
        (self.stopped if self._searching else self.wanted).emit()

    def _choose(self) -> None:
        chosen = self._row.lit()
        if not chosen:
            self.set_value(self._value)
            self._say(LAST, False)
            return
        if chosen != self._value:
            self._value = chosen
            self._say_which()

    def _say_which(self) -> None:
        numbers, of = self._value.split(","), self._row.count()
        if self._value == ALL:
            words = _("All faces") if of != 1 else _("The one face")
        elif of:
            told = ngettext("{chosen} of {count} face", "{chosen} of {count} faces", of)
            words = told.format(chosen=len(numbers), count=of)
        else:
            told = ngettext("Face {numbers} from the left", "Faces {numbers} from the left", len(numbers))
            words = told.format(numbers=", ".join(numbers))
        self._words.setText(words)
        self._say("", False)

    def _say(self, sentence: str, failed: bool) -> None:
        widgets.say(self._note, sentence, failed)
        self._note.setVisible(bool(sentence))


class _Thumbnails(QtWidgets.QListWidget):
    """Faces in rows, as high as they need."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("softlight_faces_row")
        self.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.setMovement(QtWidgets.QListView.Movement.Static)
        self.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.MultiSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # As a frame; Qt would only mark a spot below the picture.
        self.setStyleSheet(
            "QListWidget::item { padding-top: 4px } "
            "QListWidget::item:selected { background: palette(highlight) }"
        )
        self.setIconSize(QtCore.QSize(SIDE, SIDE))
        self._cell = SIDE + 8
        self.setGridSize(QtCore.QSize(self._cell, self._cell))

    def fill(self, found: FaceList) -> None:
        """Show these faces, all of them lit."""
        self.blockSignals(True)
        self.clear()
        for face in found.faces:
            item = QtWidgets.QListWidgetItem(_icon(widgets.image(face.thumbnail)), "")
            item.setToolTip(_("Face {number} from the left").format(number=face.number))
            item.setData(Qt.ItemDataRole.UserRole, face.number)
            item.setSizeHint(QtCore.QSize(self._cell, self._cell))
            self.addItem(item)
        self.blockSignals(False)
        self.light(None)
        self.setVisible(bool(found.faces))
        self._fit()

    def light(self, numbers: set[int] | None) -> None:
        """Light these, None for all, and put out the others."""
        self.blockSignals(True)
        for item in self._items():
            item.setSelected(numbers is None or item.data(Qt.ItemDataRole.UserRole) in numbers)
        self.blockSignals(False)
        self.viewport().update()

    def lit(self) -> str:
        """Return what is lit, as a value; empty when nothing is."""
        items = self._items()
        chosen = [str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.isSelected()]
        return ALL if chosen and len(chosen) == len(items) else ",".join(chosen)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()

    def _items(self) -> list[Any]:
        return [self.item(index) for index in range(self.count())]

    def _fit(self) -> None:
        beside = max(1, self.viewport().width() // self._cell)
        rows = min(ROWS, max(1, -(-self.count() // beside)))
        self.setFixedHeight(rows * self._cell + 2 * self.frameWidth())


def _icon(image: Any) -> Any:
    """A face, faint unless it is lit."""
    face = QtGui.QPixmap.fromImage(image)
    faint = QtGui.QPixmap(face.size())
    faint.fill(Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(faint)
    painter.setOpacity(DIM)
    painter.drawPixmap(0, 0, face)
    painter.end()
    icon = QtGui.QIcon()
    for mode, pixmap in ((QtGui.QIcon.Mode.Normal, faint), (QtGui.QIcon.Mode.Selected, face)):
        icon.addPixmap(pixmap, mode)
    return icon
