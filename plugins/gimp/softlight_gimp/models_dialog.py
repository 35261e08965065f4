"""The dialog "Models…": what there is, on which terms, and what shall be used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from gi.repository import GimpUi, GLib, Gtk  # noqa: E402

from softlight_bridge.client import Engine, Progress  # noqa: E402
from softlight_bridge.errors import BridgeError, Cancelled, EngineError  # noqa: E402
from softlight_bridge.models import ModelLine, ModelList  # noqa: E402
from softlight_bridge.translation import _, pgettext, shown  # noqa: E402
from softlight_gimp import model_questions as questions  # noqa: E402
from softlight_gimp.background import Work  # noqa: E402
from softlight_gimp.model_list import MARGIN, ModelDetails, ModelTable, paragraph  # noqa: E402

Call = Callable[[Progress], ModelList]
Asked = Callable[[EngineError], None]


def run(engine: Engine) -> None:
    """Show the dialog until it is closed; what then still runs is cancelled."""
    GimpUi.init("softlight")
    dialog = ModelsDialog(engine)
    try:
        dialog.run()
    finally:
        dialog.close()


class ModelsDialog:
    """The window; see `run`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._models = ModelList((), "", False, False, ())
        self._work: Work[ModelList] | None = None
        self._loop = GLib.MainLoop()
        self._window = GimpUi.Dialog(title=pgettext("title", "Models"), role="softlight-models")
        self._window.add_button(pgettext("button", "_Close"), Gtk.ResponseType.CLOSE)
        self._window.connect("response", lambda *_: self._loop.quit())
        self._table = ModelTable(self._selected)
        self._details = ModelDetails()
        self._bar = Gtk.ProgressBar(
            show_text=True, text="", ellipsize=3, hexpand=True, valign=Gtk.Align.CENTER
        )
        self._message = paragraph()
        self._download = self._button(pgettext("button", "_Download…"), self._download_selected)
        self._use = self._button(pgettext("button", "_Use"), self._use_selected)
        self._check = self._button(pgettext("button", "_Verify"), self._verify_selected)
        self._remove = self._button(pgettext("button", "_Remove…"), self._remove_selected)
        self._stop = self._button(pgettext("button", "C_ancel"), self._cancel)
        self._imports = [
            self._button(pgettext("button", "Import _file…"), partial(self._import, False)),
            self._button(pgettext("button", "_Import folder…"), partial(self._import, True)),
        ]
        self._options = {
            "non-commercial": Gtk.CheckButton.new_with_mnemonic(
                pgettext("check box", "Allow models that are _not for commercial use")
            ),
            "offline": Gtk.CheckButton.new_with_mnemonic(pgettext("check box", "Stay _offline")),
        }
        self._watches = {
            name: option.connect("toggled", partial(self._switched, name))
            for name, option in self._options.items()
        }
        self._lay_out()

    def run(self) -> None:
        """Wait until the user closes the window."""
        self._window.show_all()
        self._show(self._models)
        self._do(self._engine.models)
        self._loop.run()

    def close(self) -> None:
        """Take the window away; what still runs is cancelled, and what was downloaded so far is kept."""
        if self._work is not None:
            self._work.drop()
        self._window.destroy()

    def _lay_out(self) -> None:
        area = self._window.get_content_area()
        area.set_spacing(MARGIN)
        area.set_border_width(MARGIN)
        middle = Gtk.Box(spacing=MARGIN)
        middle.pack_start(self._table, True, True, 0)
        side = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=MARGIN)
        side.pack_start(self._details, True, True, 0)
        buttons = Gtk.Grid(column_spacing=6, row_spacing=6, column_homogeneous=True)
        for number, button in enumerate((self._download, self._use, self._check, self._remove)):
            buttons.attach(button, number % 2, number // 2, 1, 1)
        side.pack_start(buttons, False, False, 0)
        middle.pack_start(side, False, False, 0)
        area.pack_start(middle, True, True, 0)
        settings = Gtk.Box(spacing=MARGIN)
        for option in self._options.values():
            settings.pack_start(option, False, False, 0)
        for button in reversed(self._imports):
            settings.pack_end(button, False, False, 0)
        area.pack_start(settings, False, False, 0)
        row = Gtk.Box(spacing=MARGIN)
        row.pack_start(self._bar, True, True, 0)
        row.pack_start(self._stop, False, False, 0)
        area.pack_start(row, False, False, 0)
        area.pack_start(self._message, False, False, 0)

    @staticmethod
    def _button(label: str, pressed: Callable[[], None]) -> Gtk.Button:
        button = Gtk.Button.new_with_mnemonic(label)
        button.connect("clicked", lambda *_: pressed())
        return button

    def _show(self, models: ModelList) -> None:
        """Show the models as they are now."""
        self._models = models
        self._table.show_models(models.models)
        for name, value in (("non-commercial", models.non_commercial), ("offline", models.offline)):
            with self._options[name].handler_block(self._watches[name]):
                self._options[name].set_active(value)

    def _selected(self) -> None:
        """Show what is known of the selected model, and what can be done with it."""
        line = self._table.selected
        self._details.show_model(line)
        idle = self._work is None
        there = line is not None and (line.installed or line.state in ("damaged", "partial"))
        own = there and line is not None and line.state != "embedded"
        self._download.set_sensitive(idle and line is not None and line.downloadable)
        self._use.set_sensitive(idle and line is not None and (line.installed or line.chosen))
        self._use.set_label(
            pgettext("button", "_Use the best")
            if line is not None and line.chosen
            else pgettext("button", "_Use")
        )
        self._check.set_sensitive(idle and own)
        self._remove.set_sensitive(idle and own)
        self._stop.set_sensitive(not idle)
        for widget in (*self._imports, *self._options.values()):
            widget.set_sensitive(idle)

    def _download_selected(self) -> None:
        line = self._line()
        if questions.accepts_terms(self._window, [line], pgettext("button", "_Download")):
            self._do(partial(self._engine.download_models, [line.id], [line.id]))

    def _use_selected(self) -> None:
        line = self._line()
        self._do(partial(self._engine.choose_model, line.role, None if line.chosen else line.id))

    def _verify_selected(self) -> None:
        self._do(partial(self._engine.verify_models, [self._line().id]))

    def _remove_selected(self) -> None:
        line = self._line()
        if questions.removes(self._window, line):
            self._do(partial(self._engine.remove_model, line.id))

    def _switched(self, name: str, option: Gtk.CheckButton) -> None:
        self._do(partial(self._engine.set_model_option, name, option.get_active()))

    def _import(self, folder: bool) -> None:
        picked = questions.pick(self._window, folder)
        if picked is not None:
            self._import_picked(picked, None, ())

    def _import_picked(self, picked: questions.Picked, model: str | None, accepted: tuple[str, ...]) -> None:
        """Import, and ask what the store wants to know before it does."""

        def call(progress: Progress) -> ModelList:
            return self._engine.import_model(
                picked.path, model, accepted=accepted, confirmed=model is not None, link=picked.link,
                progress=progress,
            )  # fmt: skip

        def asked(question: EngineError) -> None:
            models = [line for line in self._models.models if line.id in question.models]
            if not models:
                self._message.set_text(shown(str(question)))
            elif question.kind == EngineError.NOT_CONFIRMED and model is None:
                meant = questions.which_model(self._window, str(question), models)
                if meant is not None:
                    self._import_picked(picked, meant, accepted)
            elif question.kind == EngineError.NOT_ACCEPTED and not set(question.models) <= set(accepted):
                if questions.accepts_terms(self._window, models, pgettext("button", "_Import")):
                    self._import_picked(picked, model, (*accepted, *question.models))
            else:
                self._message.set_text(shown(str(question)))

        self._do(call, asked)

    def _do(self, call: Call, asked: Asked | None = None) -> None:
        """Have the engine do something beside the window, which then shows what came of it."""
        self._message.set_text("")

        def ended(models: ModelList | None, problem: Exception | None) -> None:
            # The list and the options show what is, not what was wished.
            self._rest(self._models if models is None else models)
            if models is not None:
                self._message.set_text("\n".join(map(shown, models.said)))
            elif isinstance(problem, EngineError) and problem.models and asked is not None:
                asked(problem)
            else:
                self._message.set_text(_sentence(problem))
                self._renew()

        self._begin(call, ended)

    def _renew(self) -> None:
        """Show how the models stand after something failed, without another word."""

        def ended(models: ModelList | None, problem: Exception | None) -> None:
            self._rest(self._models if models is None else models)

        self._begin(self._engine.models, ended)

    def _begin(self, call: Call, ended: Callable[[ModelList | None, Exception | None], None]) -> None:
        self._work = Work(lambda progress, in_main_thread: call(progress), self._tell, ended)
        self._selected()

    def _rest(self, models: ModelList) -> None:
        self._work = None
        self._tell(0.0, "")
        self._show(models)

    def _cancel(self) -> None:
        if self._work is not None:
            self._tell(self._bar.get_fraction(), _("Cancelling…"))
            self._work.cancel()

    def _tell(self, done: float, text: str) -> None:
        self._bar.set_fraction(done)
        self._bar.set_text(shown(text))

    def _line(self) -> ModelLine:
        """The selected model; its buttons are grey without one."""
        line = self._table.selected
        assert line is not None
        return line


def _sentence(problem: Exception | None) -> str:
    if isinstance(problem, Cancelled):
        return _("Cancelled; what was downloaded so far is kept for the next time.")
    if isinstance(problem, BridgeError):
        return shown(str(problem))
    return _("This failed ({problem}).").format(problem=f"{type(problem).__name__}: {problem}")
