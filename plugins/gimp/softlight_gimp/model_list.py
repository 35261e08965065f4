"""The models in a table, by role, and all that is known of the one that is selected."""

from __future__ import annotations

from collections.abc import Callable

from gi.repository import GLib, Gtk

from softlight_bridge import model_words as words
from softlight_bridge.models import ModelLine
from softlight_bridge.translation import _, pgettext, shown

_COLUMNS = (
    pgettext("column", "Model"),
    pgettext("column", "State"),
    pgettext("column", "Size"),
    pgettext("column", "Licence"),
)
_ID, _WEIGHT = len(_COLUMNS), len(_COLUMNS) + 1
"""Columns of the store that are not shown."""
_NORMAL, _BOLD = 400, 700
"""Pango's weights: a role is bold, and so is the model that it uses."""
MARGIN = 12


class ModelTable(Gtk.ScrolledWindow):
    """Shows models below their roles.

    Parameters
    ----------
    on_select : callable
        Told when another line is selected.
    """

    def __init__(self, on_select: Callable[[], None]) -> None:
        super().__init__(hexpand=True, vexpand=True, shadow_type=Gtk.ShadowType.IN)
        self._lines: dict[str, ModelLine] = {}
        self._store = Gtk.TreeStore(*[str] * len(_COLUMNS), str, int)
        self._view = Gtk.TreeView(model=self._store)
        for number, title in enumerate(_COLUMNS):
            column = Gtk.TreeViewColumn(title, Gtk.CellRendererText(), text=number, weight=_WEIGHT)
            column.set_expand(number == 0)
            self._view.append_column(column)
        self._view.set_search_column(0)
        self._on_select = on_select
        self._watch = self._view.get_selection().connect("changed", lambda *_: on_select())
        self.add(self._view)
        self.set_size_request(700, 420)

    @property
    def selected(self) -> ModelLine | None:
        """The model of the selected line; None when it is a role's."""
        model, at = self._view.get_selection().get_selected()
        return None if at is None else self._lines.get(model.get_value(at, _ID))

    def show_models(self, models: tuple[ModelLine, ...]) -> None:
        """Show these instead, with the same line selected as before."""
        before = self.selected
        with self._view.get_selection().handler_block(self._watch):
            self._fill(models, "" if before is None else before.id)
        self._on_select()

    def _fill(self, models: tuple[ModelLine, ...], selected: str) -> None:
        self._lines = {line.id: line for line in models}
        self._store.clear()
        roles: dict[str, Gtk.TreeIter] = {}
        found = None
        for line in models:
            if line.role not in roles:
                roles[line.role] = self._store.append(None, [words.role(line.role), "", "", "", "", _BOLD])
            at = self._store.append(roles[line.role], _cells(line))
            if line.id == selected:
                found = at
        self._view.expand_all()
        if found is not None:
            self._view.get_selection().select_iter(found)
            self._view.scroll_to_cell(self._store.get_path(found), None, False, 0.0, 0.0)


def _cells(line: ModelLine) -> list[object]:
    return [
        line.title,
        words.state(line),
        words.size(line.terms.size) if line.state != "embedded" else "",
        words.licence(line.terms),
        line.id,
        _BOLD if line.active else _NORMAL,
    ]


class ModelDetails(Gtk.Box):
    """What is known of one model, in words."""

    def __init__(self) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=MARGIN)
        self._title, self._facts, self._why = (paragraph() for _ in range(3))
        for label in (self._title, self._facts, self._why):
            self.pack_start(label, False, False, 0)
        self.set_size_request(300, -1)

    def show_model(self, line: ModelLine | None) -> None:
        """Show this model; None says how to see one."""
        if line is None:
            self._title.set_text("")
            self._facts.set_text(_("Select a model to read what it is for and on which terms it comes."))
            self._why.set_text("")
            return
        self._title.set_markup(f"<b>{escaped(line.title)}</b>")
        facts = [line.use_when, words.maker(line), words.terms(line.terms)]
        self._facts.set_markup("\n\n".join(escaped(fact) for fact in facts if fact) + link(line.terms.url))
        self._why.set_text(shown(line.why))


def paragraph(text: str = "") -> Gtk.Label:
    """Return a label whose text is broken into lines and can be copied."""
    label = Gtk.Label(label=text, xalign=0.0, wrap=True, selectable=True, can_focus=False)
    label.set_max_width_chars(44)
    return label


def link(url: str) -> str:
    """Return markup that leads to a page, in a line of its own; nothing without one."""
    return f'\n<a href="{escaped(url)}">{escaped(url)}</a>' if url else ""


def escaped(text: str) -> str:
    """Return text as it stands in markup."""
    return GLib.markup_escape_text(text, -1)
