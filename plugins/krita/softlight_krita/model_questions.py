"""What the user is asked about a model: its terms, a file that nobody knows, a removal, what to import.

A question is a dialog of the docker's that calls back when it is answered with yes. It runs no event loop of
its own, in which Krita could close what the dialog belongs to.
"""

from __future__ import annotations

import os
from typing import Any, Callable, NamedTuple, Sequence

from softlight_bridge import model_words as words
from softlight_bridge import translation
from softlight_bridge.models import ModelLine
from softlight_bridge.translation import _, pgettext
from softlight_krita import model_text, widgets
from softlight_krita.qt import Qt, QtWidgets

WIDTH = 440
TERMS = 130
"""Pixels of height for the terms of one model; more are scrolled."""


class Picked(NamedTuple):
    """A file or folder to import."""

    path: str
    link: bool
    """Whether it stays where it is."""
    model: str | None
    """What it is; None lets its bytes say so."""


def ask_terms(parent: Any, models: Sequence[ModelLine], verb: str, yes: Callable[[], None]) -> None:
    """Show size, licence and limit of models, and go on when the user accepts them."""
    dialog = _Question(parent, pgettext("title", "Terms of use"), verb)
    shown = model_text.view("question_terms", TERMS)
    shown.setHtml(model_text.terms(models))
    dialog.column.addWidget(shown, 1)
    agreed = QtWidgets.QCheckBox(pgettext("check box", "I accept these terms"))
    agreed.setObjectName("softlight_question_agreed")
    agreed.toggled.connect(dialog.yes.setEnabled)
    dialog.yes.setEnabled(False)
    dialog.column.addWidget(agreed)
    dialog.ask(yes)


def ask_model(parent: Any, sentence: str, models: Sequence[ModelLine], yes: Callable[[str], None]) -> None:
    """Ask which model a file is whose checksum nobody knows."""
    dialog = _Question(parent, pgettext("title", "Unknown file"), pgettext("button", "Import all the same"))
    dialog.say(translation.shown(sentence))
    choice = QtWidgets.QComboBox()
    choice.setObjectName("softlight_question_model")
    for line in models:
        choice.addItem(f"{line.title} ({words.role(line.role)})", line.id)
    dialog.yes.setEnabled(bool(models))
    dialog.column.addWidget(choice)
    dialog.ask(lambda: yes(str(choice.currentData())))


def ask_removal(parent: Any, line: ModelLine, yes: Callable[[], None]) -> None:
    """Ask whether a model shall really be deleted."""
    dialog = _Question(parent, pgettext("title", "Remove model"), pgettext("button", "Remove"))
    dialog.say(words.removal(line))
    dialog.ask(yes)


def ask_import(
    parent: Any, unknown: Sequence[ModelLine], likely: str | None, yes: Callable[[Picked], None]
) -> None:
    """Ask which file or folder to import.

    Parameters
    ----------
    parent : QWidget
    unknown : sequence of ModelLine
        Models whose checksums nobody knows, so that the user has to say what a file is.
    likely : str or None
        The model that the user has selected.
    yes : callable
    """
    dialog = _Question(parent, pgettext("title", "Import models"), pgettext("button", "Import"))
    dialog.say(_("A model's file, a bundle from another machine, or a folder with some of them:"))
    path = QtWidgets.QLineEdit()
    path.setObjectName("softlight_question_path")
    path.textChanged.connect(lambda text: dialog.yes.setEnabled(bool(text.strip())))
    dialog.yes.setEnabled(False)
    row = QtWidgets.QHBoxLayout()
    row.addWidget(path, 1)
    choosers = (
        (
            pgettext("button", "File…"),
            lambda: QtWidgets.QFileDialog.getOpenFileName(
                dialog, pgettext("title", "Import a model or a bundle")
            )[0],
        ),
        (
            pgettext("button", "Folder…"),
            lambda: QtWidgets.QFileDialog.getExistingDirectory(
                dialog, pgettext("title", "Import a folder of models")
            ),
        ),
    )
    for label, choose in choosers:
        button = QtWidgets.QPushButton(label)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False, choose=choose: path.setText(choose() or path.text()))
        row.addWidget(button)
    dialog.column.addLayout(row)
    what = QtWidgets.QComboBox()
    what.setObjectName("softlight_question_what")
    what.addItem(pgettext("choice", "What it is, its content says"), None)
    for line in unknown:
        what.addItem(pgettext("choice", "It is {title}").format(title=line.title), line.id)
    what.setCurrentIndex(max(0, what.findData(likely) if likely else 0))
    dialog.column.addWidget(what)
    stay = QtWidgets.QCheckBox(pgettext("check box", "Leave the files where they are, and use them there"))
    stay.setObjectName("softlight_question_link")
    dialog.column.addWidget(stay)
    dialog.ask(
        lambda: yes(
            Picked(os.path.expanduser(path.text().strip()), stay.isChecked(), what.currentData() or None)
        )
    )
    path.setFocus()


class _Question(QtWidgets.QDialog):
    """A dialog with Cancel and a button that says what is done otherwise."""

    def __init__(self, parent: Any, title: str, verb: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Softlight: {title}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        outside = QtWidgets.QVBoxLayout(self)
        self.column = QtWidgets.QVBoxLayout()
        """What is asked goes here."""
        buttons = QtWidgets.QDialogButtonBox()
        self.yes = buttons.addButton(verb, QtWidgets.QDialogButtonBox.ButtonRole.AcceptRole)
        self.yes.setObjectName("softlight_question_yes")
        no = buttons.addButton(pgettext("button", "Cancel"), QtWidgets.QDialogButtonBox.ButtonRole.RejectRole)
        no.setObjectName("softlight_question_no")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        outside.addLayout(self.column)
        outside.addWidget(buttons)

    def say(self, sentence: str) -> None:
        label = widgets.text()
        label.setObjectName("softlight_question_text")
        label.setText(sentence)
        self.column.addWidget(label)

    def ask(self, yes: Callable[[], None]) -> None:
        """Show it, and do `yes` when it was answered so."""
        self.accepted.connect(yes)
        self.open()
