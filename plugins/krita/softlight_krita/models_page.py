"""The docker's second page: what models there are, on which terms, and what shall be done with them."""

from __future__ import annotations

from typing import Any, Callable

from softlight_bridge.errors import EngineError
from softlight_bridge.models import ModelLine, ModelList
from softlight_bridge.translation import _, ngettext, pgettext
from softlight_krita import model_questions as questions
from softlight_krita import model_text, widgets
from softlight_krita.model_tree import ModelTree
from softlight_krita.models_desk import Call, Ending, ModelsDesk
from softlight_krita.qt import QAction, Qt, QtWidgets, Signal

STEPS = 1000
"""Of the progress bar."""
DETAILS = 60
"""Pixels of height for what is known of a model, at least."""
KEPT = _("Cancelled; what was downloaded so far is kept for the next time.")
USE = _("Let filters use this model for what it does.")
USE_BEST = _("Let filters use the best model that is installed.")
OPTIONS = (
    ("non-commercial", pgettext("check box", "Allow models that are not for commercial use")),
    ("offline", pgettext("check box", "Stay offline")),
)


class ModelsPage(QtWidgets.QWidget):
    """All of it; the engine is asked when the page is opened, and not before.

    Parameters
    ----------
    folder : str
        The plug-in's own, with ``engine.json``.
    """

    left = Signal()
    """The user goes back to the filters."""
    ended = Signal(str, bool)
    """A sentence, and whether it says that something went wrong; not for a mere list."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._models = ModelList((), "", False, False, ())
        self._answer: Callable[[EngineError], bool] | None = None
        self._before: Ending | None = None
        self.desk = ModelsDesk(folder, self)
        self.desk.progressed.connect(self._tell)
        self.desk.ended.connect(self._end)
        self.tree = ModelTree()
        self.tree.itemSelectionChanged.connect(self._selected)
        self._details = model_text.view("models_details", DETAILS)
        self._lay_out()
        self._selected()

    def open(self) -> None:
        """Show the models as they are now."""
        self._list(Ending(None, "", False))

    def _lay_out(self) -> None:
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        column.addLayout(self._head())
        halves = QtWidgets.QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.tree)
        halves.addWidget(self._details)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        column.addWidget(halves, 1)
        for row in self._buttons():
            column.addLayout(row)
        self._bar = widgets.bar(STEPS, "models_progress")
        column.addWidget(self._bar)
        self._status = widgets.text()
        self._status.setObjectName("softlight_models_status")
        column.addWidget(self._status)

    def _head(self) -> Any:
        row = QtWidgets.QHBoxLayout()
        back = widgets.button(
            pgettext("button", "‹ Filters"),
            _("Go back to the filters; what runs here goes on."),
            "models_back",
        )
        back.clicked.connect(self.left)
        self._settings = QtWidgets.QToolButton()
        self._settings.setObjectName("softlight_models_settings")
        self._settings.setText(pgettext("button", "Settings") + " ")
        self._settings.setToolTip(_("Which models are allowed, and whether anything may be downloaded."))
        self._settings.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QtWidgets.QMenu(self._settings)
        self._options: dict[str, Any] = {}
        for name, label in OPTIONS:
            option = QAction(label, menu)
            option.setCheckable(True)
            option.triggered.connect(lambda on, name=name: self._set(name, on))
            menu.addAction(option)
            self._options[name] = option
        self._settings.setMenu(menu)
        row.addWidget(back)
        row.addStretch(1)
        row.addWidget(self._settings)
        return row

    def _buttons(self) -> list[Any]:
        rows = [QtWidgets.QHBoxLayout(), QtWidgets.QHBoxLayout()]

        def add(row: int, label: str, tip: str, name: str, pressed: Callable[[], None]) -> Any:
            button = widgets.button(label, tip, "models_" + name)
            button.setMinimumWidth(10)
            button.clicked.connect(pressed)
            rows[row].addWidget(button, 1)
            return button

        self._download = add(
            0,
            pgettext("button", "Download…"),
            _("Get the selected models, once you accept their terms."),
            "download",
            self._fetch,
        )
        self._use = add(0, pgettext("button", "Use"), USE, "use", self._choose)
        self._cancel = add(
            0,
            pgettext("button", "Cancel"),
            _("Stop; a download goes on here next time."),
            "cancel",
            self.desk.cancel,
        )
        self._import = add(
            1,
            pgettext("button", "Import…"),
            _("Install from a file, a folder, or a bundle of another machine."),
            "import",
            self._pick,
        )
        self._verify = add(
            1,
            pgettext("button", "Verify"),
            _("Compare its files with what was published."),
            "verify",
            self._check,
        )
        self._remove = add(1, pgettext("button", "Remove…"), _("Delete its files."), "remove", self._delete)
        return rows

    def _list(self, before: Ending) -> None:
        """Show the models as they are now; if `before` has something to say, that is said then."""
        self._do(lambda engine, progress: engine.models(progress), before=before)

    def _selected(self) -> None:
        """Show what is known of the selected models, and what can be done with them."""
        lines = self.tree.selected
        self._details.setHtml(model_text.details(lines))
        self._enable()

    def _enable(self) -> None:
        lines, idle = self.tree.selected, not self.desk.busy
        one = lines[0] if len(lines) == 1 else None
        chosen = one is not None and one.chosen
        self._download.setEnabled(idle and any(line.downloadable for line in lines))
        self._use.setEnabled(idle and one is not None and (one.installed or one.chosen))
        self._use.setText(pgettext("button", "Use best") if chosen else pgettext("button", "Use"))
        self._use.setToolTip(USE_BEST if chosen else USE)
        self._verify.setEnabled(idle and bool(lines) and all(_own(line) for line in lines))
        self._remove.setEnabled(idle and one is not None and _own(one))
        for widget in (self._import, self._settings):
            widget.setEnabled(idle)
        self._cancel.setEnabled(not idle)
        self._bar.setVisible(not idle)

    def _fetch(self) -> None:
        lines = [line for line in self.tree.selected if line.downloadable]
        ids = tuple(line.id for line in lines)
        told = ngettext("{titles} is installed.", "{titles} are installed.", len(lines))
        done = told.format(titles=", ".join(line.title for line in lines))

        def download() -> None:
            self._do(lambda engine, progress: engine.download_models(ids, ids, progress), done, KEPT)

        questions.ask_terms(self, lines, pgettext("button", "Download"), download)

    def _choose(self) -> None:
        line = self.tree.selected[0]
        role, model = line.role, None if line.chosen else line.id
        self._do(lambda engine, progress: engine.choose_model(role, model, progress))

    def _check(self) -> None:
        ids = tuple(line.id for line in self.tree.selected)
        self._do(lambda engine, progress: engine.verify_models(ids, progress))

    def _delete(self) -> None:
        line = self.tree.selected[0]
        model, done = line.id, _("{title} is removed.").format(title=line.title)
        questions.ask_removal(
            self,
            line,
            lambda: self._do(lambda engine, progress: engine.remove_model(model, progress), done),
        )

    def _set(self, name: str, on: bool) -> None:
        self._do(lambda engine, progress: engine.set_model_option(name, on, progress))

    def _pick(self) -> None:
        unknown = [line for line in self._models.models if line.state == "import-only"]
        selected = self.tree.selected
        likely = selected[0].id if len(selected) == 1 else None
        questions.ask_import(self, unknown, likely, self._import_picked)

    def _import_picked(
        self, picked: questions.Picked, confirmed: str | None = None, accepted: tuple[str, ...] = ()
    ) -> None:
        """Import, and ask what the store wants to know before it does."""
        path, link = picked.path, picked.link
        model = confirmed or picked.model

        def call(engine: Any, progress: Any) -> ModelList:
            found: ModelList = engine.import_model(
                path, model, accepted=accepted, confirmed=confirmed is not None, link=link, progress=progress
            )
            return found

        def answer(question: EngineError) -> bool:
            models = [line for line in self._models.models if line.id in question.models]
            if question.kind == EngineError.NOT_CONFIRMED and confirmed is None:
                questions.ask_model(
                    self, str(question), models, lambda meant: self._import_picked(picked, meant, accepted)
                )
                return True
            if question.kind == EngineError.NOT_ACCEPTED and not set(question.models) <= set(accepted):
                agreed = (*accepted, *question.models)
                questions.ask_terms(
                    self,
                    models,
                    pgettext("button", "Import"),
                    lambda: self._import_picked(picked, confirmed, agreed),
                )
                return True
            return False

        self._do(call, answer=answer)

    def _do(
        self,
        call: Call,
        done: str = "",
        cancelled: str = _("Cancelled; nothing was changed."),
        answer: Callable[[EngineError], bool] | None = None,
        before: Ending | None = None,
    ) -> None:
        """Have the engine do something, unless it still does something else.

        Parameters
        ----------
        call : callable
        done, cancelled : str
            What to say in the end.
        answer : callable, optional
            Asks the user what the store wants to know, and returns whether it could.
        before : Ending, optional
            What has ended before, if this is a mere list.
        """
        if self.desk.busy:
            return
        self._answer, self._before = answer, before
        self.desk.do(call, done, cancelled)
        if self.desk.busy:
            self._tell(0.0, "")
        self._enable()

    def _tell(self, done: float, sentence: str) -> None:
        self._bar.setValue(int(done * STEPS))
        widgets.say(self._status, sentence, False)

    def _end(self, ending: Ending) -> None:
        answer, self._answer = self._answer, None
        before, self._before = self._before, None
        if ending.models is not None:
            self._models = ending.models
        for name, on in (("non-commercial", self._models.non_commercial), ("offline", self._models.offline)):
            self._options[name].setChecked(on)  # what is, not what was wished
        self.tree.show_models(self._models.models)
        if ending.question is not None and answer is not None and answer(ending.question):
            widgets.say(self._status, "", False)
        elif ending.models is None and before is None:
            self._list(ending)  # half of a download may be there now
        else:
            told = before if before is not None and before.sentence else ending
            widgets.say(self._status, told.sentence, told.failed)
            if told.sentence:
                self.ended.emit(told.sentence, told.failed)


def _own(line: ModelLine) -> bool:
    """Whether files of it lie in the user's folder of models."""
    return line.state != "embedded" and (line.installed or line.state in ("damaged", "partial"))
