"""What the user is asked about a model: its terms, a file that nobody knows, a removal, what to import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from gi.repository import Gtk

from softlight_bridge import model_words as words
from softlight_bridge.models import ModelLine
from softlight_bridge.translation import pgettext, shown
from softlight_gimp.model_list import MARGIN, escaped, link, paragraph


class Picked(NamedTuple):
    """A file or folder to import."""

    path: str
    link: bool
    """Whether it stays where it is."""


def accepts_terms(parent: Gtk.Window, models: Sequence[ModelLine], verb: str) -> bool:
    """Show size, licence and limit of models, and return whether the user accepts them.

    Parameters
    ----------
    parent : Gtk.Window
    models : sequence of ModelLine
    verb : str
        What is done then, as the button says it: "_Download".
    """
    with _asking(parent, pgettext("title", "Terms of use"), verb) as (dialog, box):
        for line in models:
            text = paragraph()
            facts = escaped(words.terms(line.terms))
            text.set_markup(f"<b>{escaped(line.title)}</b>\n{facts}{link(line.terms.url)}")
            box.pack_start(text, False, False, 0)
        accepted = Gtk.CheckButton.new_with_mnemonic(pgettext("check box", "I _accept these terms"))
        accepted.connect(
            "toggled", lambda button: dialog.set_response_sensitive(Gtk.ResponseType.OK, button.get_active())
        )
        dialog.set_response_sensitive(Gtk.ResponseType.OK, False)
        box.pack_start(accepted, False, False, 0)
        return _agreed(dialog)


def which_model(parent: Gtk.Window, sentence: str, models: Sequence[ModelLine]) -> str | None:
    """Ask which model a file is whose checksum nobody knows; None when the user would rather not."""
    with _asking(parent, pgettext("title", "Unknown file"), pgettext("button", "I_mport all the same")) as (
        dialog,
        box,
    ):
        box.pack_start(paragraph(shown(sentence)), False, False, 0)
        choice = Gtk.ComboBoxText()
        for line in models:
            choice.append(line.id, f"{line.title} ({words.role(line.role)})")
        choice.set_active(0)
        box.pack_start(choice, False, False, 0)
        return choice.get_active_id() if _agreed(dialog) else None


def removes(parent: Gtk.Window, line: ModelLine) -> bool:
    """Ask whether a model shall really be deleted."""
    with _asking(parent, pgettext("title", "Remove model"), pgettext("button", "_Remove")) as (dialog, box):
        box.pack_start(paragraph(words.removal(line)), False, False, 0)
        return _agreed(dialog)


def pick(parent: Gtk.Window, folder: bool) -> Picked | None:
    """Let the user pick a file, or a folder, to import."""
    action = Gtk.FileChooserAction.SELECT_FOLDER if folder else Gtk.FileChooserAction.OPEN
    title = (
        pgettext("title", "Import a folder of models")
        if folder
        else pgettext("title", "Import a model or a bundle")
    )
    dialog = Gtk.FileChooserDialog(title=title, transient_for=parent, modal=True, action=action)
    _add_buttons(dialog, pgettext("button", "_Import"))
    stay = Gtk.CheckButton.new_with_mnemonic(
        pgettext("check box", "_Leave the files where they are, and use them there")
    )
    dialog.set_extra_widget(stay)
    try:
        path = dialog.get_filename() if _agreed(dialog) else None
        return None if path is None else Picked(path, stay.get_active())
    finally:
        dialog.destroy()


@contextmanager
def _asking(parent: Gtk.Window, title: str, verb: str) -> Iterator[tuple[Gtk.Dialog, Gtk.Box]]:
    """A dialog with Cancel and a button that says what is done otherwise; and the box for what is asked."""
    dialog = Gtk.Dialog(title=title, transient_for=parent, modal=True, resizable=False)
    _add_buttons(dialog, verb)
    box = dialog.get_content_area()
    box.set_spacing(MARGIN)
    for set_margin in (box.set_margin_start, box.set_margin_end, box.set_margin_top, box.set_margin_bottom):
        set_margin(MARGIN)
    try:
        yield dialog, box
    finally:
        dialog.destroy()


def _add_buttons(dialog: Gtk.Dialog, verb: str) -> None:
    dialog.add_button(pgettext("button", "_Cancel"), Gtk.ResponseType.CANCEL)
    dialog.add_button(verb, Gtk.ResponseType.OK)
    dialog.set_default_response(Gtk.ResponseType.OK)


def _agreed(dialog: Gtk.Dialog) -> bool:
    dialog.show_all()
    return dialog.run() == Gtk.ResponseType.OK
