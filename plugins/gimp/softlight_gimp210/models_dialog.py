"""The dialog "Models...": what there is, on which terms, and what shall be used.

GTK comes with gimpfu, whose own dialogs need it, and is imported only where a dialog is shown.
"""

import pygtk

pygtk.require("2.0")

import gimpui  # noqa: E402
import gtk  # noqa: E402

from softlight_gimp210 import model_store  # noqa: E402
from softlight_gimp210.model_store import Question  # noqa: E402
from softlight_gimp210.refusals import Refusal  # noqa: E402
from softlight_gimp210.texts import for_gimp, for_system  # noqa: E402
from softlight_gimp210.translation import _, pgettext, shown  # noqa: E402

MYPY = False
if MYPY:
    from typing import Any, Dict, List  # noqa: F401

COLUMNS = (
    pgettext("column", "Model"),
    pgettext("column", "For"),
    pgettext("column", "State"),
    pgettext("column", "Size"),
    pgettext("column", "Licence"),
)
DOWNLOAD, USE, BEST, REMOVE, IMPORT, CLOSE = range(1, 7)
BUTTONS = (
    (pgettext("button", "_Download..."), DOWNLOAD),
    (pgettext("button", "_Use"), USE),
    (pgettext("button", "Use the _best"), BEST),
    (pgettext("button", "_Remove"), REMOVE),
    (pgettext("button", "_Import..."), IMPORT),
    (pgettext("button", "_Close"), CLOSE),
)
OPTIONS = (
    ("non-commercial", pgettext("check box", "Allow models that are _not for commercial use")),
    ("offline", pgettext("check box", "Stay _offline")),
)
MARGIN = 12


class Cancelled(Exception):
    """The user pressed Cancel, or closed the window."""


class ModelsDialog(object):
    """The window; `command` is how the command line is started."""

    def __init__(self, command):
        # type: (List[str]) -> None
        self._command = command
        self._models = {}  # type: Dict[str, Dict[str, Any]]
        self._cancelled = False
        self._busy = False
        gimpui.gimp_ui_init()
        self._window = gtk.Dialog()
        self._window.set_title(pgettext("title", "Models"))
        self._window.set_default_size(860, 680)
        self._window.connect("response", self._responded)
        # Only `run` closes it: while something is done there is nobody who would notice.
        self._window.connect("delete-event", lambda *_: True)
        self._buttons = {response: self._window.add_button(text, response) for text, response in BUTTONS}
        self._store = gtk.ListStore(*[str] * (len(COLUMNS) + 1))
        self._view = gtk.TreeView(self._store)
        for number, title in enumerate(COLUMNS):
            self._view.append_column(gtk.TreeViewColumn(title, gtk.CellRendererText(), text=number))
        self._view.get_selection().connect("changed", lambda *_: self._selected())
        self._facts = label()
        self._options = {name: gtk.CheckButton(text) for name, text in OPTIONS}
        self._settings = {}  # type: Dict[str, bool]
        for name, option in self._options.items():
            option.connect("toggled", lambda widget, name=name: self._switched(name))
        self._bar = gtk.ProgressBar()
        self._stop = gtk.Button(pgettext("button", "C_ancel"))
        for widget in [self._stop] + list(self._options.values()):
            widget.set_use_underline(True)
        self._stop.connect("clicked", lambda *_: self._cancel())
        self._message = label()
        self._lay_out()

    def run(self):
        # type: () -> None
        """Show the window until it is closed."""
        self._window.show_all()
        self._do([])
        actions = {
            DOWNLOAD: self._download, USE: self._use, BEST: self._use_best, REMOVE: self._remove,
            IMPORT: self._import,
        }  # fmt: skip
        try:
            while True:
                action = actions.get(self._window.run())
                if action is None:
                    return
                action()
        finally:
            self._window.destroy()

    def _lay_out(self):
        # type: () -> None
        area = self._window.get_content_area()
        area.set_spacing(MARGIN)
        listed = gtk.ScrolledWindow()
        listed.set_policy(gtk.POLICY_AUTOMATIC, gtk.POLICY_AUTOMATIC)
        listed.add(self._view)
        area.pack_start(listed, True, True, 0)
        area.pack_start(self._facts, False, False, 0)
        options = gtk.HBox(False, MARGIN)
        for name, _text in OPTIONS:
            options.pack_start(self._options[name], False, False, 0)
        area.pack_start(options, False, False, 0)
        row = gtk.HBox(False, MARGIN)
        row.pack_start(self._bar, True, True, 0)
        row.pack_start(self._stop, False, False, 0)
        area.pack_start(row, False, False, 0)
        area.pack_start(self._message, False, False, 0)

    def _download(self):
        # type: () -> None
        self._do(["download", self._id()])

    def _use(self):
        # type: () -> None
        self._do(["choose", for_gimp(self._model()["role"]), self._id()])

    def _use_best(self):
        # type: () -> None
        self._do(["choose", for_gimp(self._model()["role"]), "auto"])

    def _remove(self):
        # type: () -> None
        if self._agrees(
            _("Remove {title}? It can be downloaded or imported again.").format(
                title=for_gimp(self._model()["title"])
            ),
            pgettext("button", "_Remove"),
        ):
            self._do(["remove", self._id()])

    def _import(self):
        # type: () -> None
        chooser = gtk.FileChooserDialog(pgettext("title", "Import a model or a bundle"), self._window)
        chooser.add_button(pgettext("button", "_Cancel"), gtk.RESPONSE_CANCEL)
        chooser.add_button(pgettext("button", "_Import"), gtk.RESPONSE_OK)
        path = chooser.get_filename() if chooser.run() == gtk.RESPONSE_OK else None
        chooser.destroy()
        if path:
            self._do(["import", for_system(path)])

    def _switched(self, name):
        # type: (str) -> None
        wanted = bool(self._options[name].get_active())
        if self._settings and not self._busy and wanted != self._settings[name]:
            self._do(["settings", name, "on" if wanted else "off"])

    def _do(self, words):
        # type: (List[str]) -> None
        """Do something, and show what came of it; without words, only how all stands."""
        said = ""
        self._set_busy(True)
        try:
            if words:
                found = self._ask(words)
                said = "\n".join(for_gimp(one["text"]) for one in found.get("imported", []))
        except Cancelled:
            said = "Cancelled; what was downloaded so far is kept for the next time."
        except Refusal as refusal:
            said = str(refusal)
        try:
            self._cancelled = False
            self._settings = self._ask(["settings"])["settings"]
            self._show(self._ask(["list"]))
        except Cancelled:
            pass
        except Refusal as refusal:
            said = said or str(refusal)
        self._set_busy(False)
        self._message.set_text(shown(said))

    def _ask(self, words):
        # type: (List[str]) -> Dict[str, Any]
        """Ask the command line, and the user what it wants to know."""
        self._cancelled = False
        for _attempt in range(3):
            try:
                return model_store.ask(self._command, words, self._tell)
            except Question as question:
                words = words + [self._answer(question)]
        raise Refusal("This cannot be done here; see 'softlight models --help'.")

    def _answer(self, question):
        # type: (Question) -> str
        """Return the option that says yes; `Cancelled` for no."""
        if question.asked["question"] == "licence":
            terms = [
                for_gimp(one["title"]) + "\n" + model_store.terms(one) for one in question.asked["terms"]
            ]
            if self._agrees("\n\n".join(terms), pgettext("button", "I _accept these terms")):
                return "--accept-licence"
        elif self._agrees(shown(str(question)), pgettext("button", "I_mport all the same")):
            return "--confirm"
        raise Cancelled

    def _agrees(self, text, verb):
        # type: (str, str) -> bool
        """Ask something."""
        dialog = gtk.Dialog(pgettext("title", "Models"), self._window, gtk.DIALOG_MODAL)
        dialog.add_button(pgettext("button", "_Cancel"), gtk.RESPONSE_CANCEL)
        dialog.add_button(verb, gtk.RESPONSE_OK)
        shown = label()
        shown.set_text(text)
        shown.show()
        dialog.get_content_area().pack_start(shown, True, True, MARGIN)
        agreed = dialog.run() == gtk.RESPONSE_OK
        dialog.destroy()
        return agreed

    def _tell(self, done, text):
        # type: (float, str) -> None
        """Show progress, and let the window live: what the user does meanwhile can only be Cancel."""
        self._bar.set_fraction(min(max(done, 0.0), 1.0))
        self._bar.set_text(shown(text))
        while gtk.events_pending():
            gtk.main_iteration()
        if self._cancelled:
            raise Cancelled

    def _responded(self, window, response):
        # type: (Any, int) -> None
        if self._busy and response in (CLOSE, gtk.RESPONSE_DELETE_EVENT):
            self._cancel()

    def _cancel(self):
        # type: () -> None
        self._cancelled = True

    def _show(self, listed):
        # type: (Dict[str, Any]) -> None
        before = self._id()
        self._models = {for_gimp(model["id"]): model for model in listed["models"]}
        self._store.clear()
        for number, model in enumerate(listed["models"]):
            name = for_gimp(model["id"])
            self._store.append([
                for_gimp(model["title"]), model_store.role(model["role"]), model_store.state(model),
                "" if model["embedded"] else model_store.size(model["size"]), model_store.licence(model),
                name,
            ])  # fmt: skip
            if name == before:
                self._view.set_cursor(number)
        for name, option in self._options.items():
            option.set_active(bool(self._settings[name]))

    def _selected(self):
        # type: () -> None
        model = self._models.get(self._id(), {})
        self._facts.set_text(model_store.facts(model) if model else "")
        own = not model.get("embedded", True)
        can = {
            DOWNLOAD: own and model["state"] in ("available", "partial", "damaged"),
            USE: model.get("installed") and not model["chosen"],
            BEST: model.get("chosen"),
            REMOVE: own and (model["installed"] or model["size_on_disk"] > 0 or model["state"] == "damaged"),
        }
        for response, possible in can.items():
            self._buttons[response].set_sensitive(bool(possible) and not self._busy)

    def _set_busy(self, busy):
        # type: (bool) -> None
        self._busy = busy
        self._buttons[IMPORT].set_sensitive(not busy)
        self._stop.set_sensitive(busy)
        self._view.set_sensitive(not busy)
        for option in self._options.values():
            option.set_sensitive(not busy)
        self._bar.set_fraction(0.0)
        self._bar.set_text("")
        self._message.set_text("")
        self._selected()

    def _id(self):
        # type: () -> str
        """The selected model's; empty without one."""
        store, at = self._view.get_selection().get_selected()
        return "" if at is None else str(store.get_value(at, len(COLUMNS)))

    def _model(self):
        # type: () -> Dict[str, Any]
        return self._models[self._id()]


def label():
    # type: () -> gtk.Label
    """Return a label whose text is broken into lines."""
    made = gtk.Label("")
    made.set_line_wrap(True)
    made.set_alignment(0.0, 0.0)
    return made
