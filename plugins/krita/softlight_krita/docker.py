"""The docker: a filter and its parameters, mask, preview, the buttons that start and stop; and the models."""

from __future__ import annotations

import os
from typing import Any

from krita import DockWidget, Document, Krita

from softlight_bridge.errors import BridgeError
from softlight_bridge.messages import Preview
from softlight_bridge.specifications import Filter, read_filters
from softlight_bridge.translation import shown
from softlight_krita import masks, memory, remembered, targets
from softlight_krita.desk import Desk, FacesDesk, current_view
from softlight_krita.models_page import ModelsPage
from softlight_krita.nodes import identity
from softlight_krita.operations import Request
from softlight_krita.panel import SOURCES, Panel
from softlight_krita.qt import QtCore, QtGui, QtWidgets

FOLDER = os.path.dirname(os.path.abspath(__file__))
NAME = "softlight_docker"
LOOK = 400
"""Milliseconds between two looks at the chosen layer: Krita's scripts are not told when it changes."""
LARGE = 1024
"""Pixels of a preview at most in each direction: enough for the enlarged window."""
THUMBNAIL = 96
"""Pixels of a face's thumbnail: enough for a screen of twice the usual density."""
FLOATING = 4000
"""Milliseconds for which a sentence is shown over the picture when its page is not in sight."""


class SoftlightDocker(DockWidget):
    """Krita makes one for each of its windows."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Softlight")
        self._state: tuple[str, ...] = ("nothing was looked at yet",)
        self._own: tuple[str, dict[str, dict[str, Any]]] | None = None
        self._photo: tuple[str, ...] = ()
        self._made_of_faces = self._faces_shown = False
        self.desk = Desk(FOLDER, self)
        self.faces = FacesDesk(FOLDER, self)
        try:
            self._filters = read_filters(FOLDER)
        except BridgeError as error:
            self._filters = ()
            label = QtWidgets.QLabel(shown(str(error)))
            label.setWordWrap(True)
            self.setWidget(label)
            return
        self.panel = Panel(self._filters)
        self.models = ModelsPage(FOLDER)
        self._pages = QtWidgets.QStackedWidget()
        self._pages.addWidget(self.panel)
        self._pages.addWidget(self.models)
        self.setWidget(self._pages)
        self._connect()
        self._restore()
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK)
        # Each docker for itself: Krita 5.1 crashes when it is asked for its dockers while it closes.
        Krita.instance().notifier().applicationClosing.connect(self.stop)
        self._look()

    def canvasChanged(self, canvas: Any) -> None:
        """Krita calls it when the user turns to another picture."""
        if self._filters:
            self._look()

    def run(self, name: str | None = None) -> None:
        """Run the filter `name`, or the one that is shown."""
        self._look()
        if name is not None and name != self._filter().name:
            self._turn_to(name)
        if not self.desk.busy:
            self._store()
            self.desk.run(self._request(), self._filter().label)

    def preview(self) -> None:
        """Show before and after in the docker."""
        self._look()
        self._store()
        self.desk.preview(self._request(), (LARGE, LARGE))

    def run_again(self) -> None:
        """Run the chosen group's filter again, with what the docker shows; hidden, with the group's own."""
        self.desk.attempt(self._run_again)

    def paint_mask(self) -> None:
        """Make or show the brush mask, ready to be painted on."""
        self._look()
        if self.panel.source != masks.AUTOMATIC:
            self.panel.set_source(masks.PAINTED)
        self._store()
        self.desk.paint_mask()

    def find_faces(self) -> None:
        """Look for the faces of the photo, to choose among them."""
        self._look()
        if self.panel.chooser is not None and self._faces_shown and not self.faces.busy:
            self.panel.chooser.show_progress(0.0, "Looking for faces")
            self.faces.find(self.panel.alone, THUMBNAIL)

    def toggle_result(self) -> None:
        """Hide or show the chosen group: before and after in the picture itself."""
        self.desk.attempt(_toggle)

    def show_models(self) -> None:
        """Turn to the models."""
        if self._filters:
            self._pages.setCurrentWidget(self.models)
            self.models.open()

    def show_filters(self) -> None:
        """Turn back to the filters."""
        self._pages.setCurrentWidget(self.panel)

    def reset(self) -> None:
        """Show the filter's defaults."""
        self._look()
        self.panel.set_values({})
        self._store()

    def stop(self) -> None:
        """End everything: Krita quits."""
        if self._filters:
            self._timer.stop()
            self.models.desk.close()
            self.faces.close()
        self.desk.close()

    def _connect(self) -> None:
        panel, desk = self.panel, self.desk
        panel.run.clicked.connect(lambda _=False: self.run())
        panel.preview.clicked.connect(self.preview)
        panel.cancel.clicked.connect(desk.cancel)
        panel.again.clicked.connect(self.run_again)
        panel.bake.clicked.connect(desk.bake)
        panel.toggle.clicked.connect(self.toggle_result)
        panel.paint.clicked.connect(self.paint_mask)
        panel.reset.clicked.connect(self.reset)
        panel.models.clicked.connect(self.show_models)
        panel.filter_chosen.connect(self._filter_chosen)
        panel.source_chosen.connect(self._choose_source)
        for chooser in panel.choosers:
            chooser.wanted.connect(self.find_faces)
            chooser.stopped.connect(self.faces.cancel)
            self.faces.progressed.connect(chooser.show_progress)
            self.faces.found.connect(chooser.show_faces)
            self.faces.failed.connect(chooser.show_failure)
        desk.progressed.connect(panel.show_progress)
        desk.previewed.connect(self._previewed)
        desk.ended.connect(self._ended)
        self.models.left.connect(self.show_filters)
        self.models.ended.connect(lambda sentence, failed: _tell_elsewhere(sentence, self.models))

    def _filter(self) -> Filter:
        return self.panel.filter

    def _request(self) -> Request:
        panel, document = self.panel, Krita.instance().activeDocument()
        # Hidden, the docker has not noticed that it is another picture.
        self._turn_to_photo(_state(document)[:2] if document is not None else ())
        return Request(self._filter().name, panel.values(), panel.source, panel.whole, panel.alone)

    def _run_again(self, document: Document) -> None:
        self._look()
        group = targets.softlight_group(document, current_view())[-1]
        record = memory.recall(document, group)
        # With the photo chosen below a group of another filter, that is not the one shown.
        known = record is not None and record.settings["filter"] == self._filter().name
        shown = known and self.isVisible()
        self.desk.run_again(self.panel.values() if shown else None)

    def _ended(self, sentence: str, failed: bool) -> None:
        self.panel.show_end(sentence, failed)
        self._look()
        _tell_elsewhere(sentence, self.panel)

    def _previewed(self, preview: Preview) -> None:
        self.panel.show_preview(preview)
        if self.panel.chooser is not None and not self.panel.chooser.filled:
            self.find_faces()  # The engine has just found them.

    def _look(self) -> None:
        """Notice which layer is chosen, and show a group's own settings while it is.

        Whatever uses or changes what is shown looks first: a layer chosen a moment ago would get what was
        shown for the one before.
        """
        if not self.isVisible() or self.desk.busy:
            return
        document = Krita.instance().activeDocument()
        state = _state(document) if document is not None else ()
        if state != self._state:
            self._state = state
            self._turn_to_photo(state[:2])
            inside, group = _records(document) if document is not None else (None, False)
            self._follow(inside)
            self.panel.set_choices(document is not None, group)
        self._show_source(document)

    def _show_source(self, document: Document | None) -> None:
        """Say where the next mask comes from, which any stroke of the user's may change."""
        panel, decided = self.panel, None
        if document is not None:
            decided = masks.decided(document, panel.source, panel.whole)
        self._faces_shown = self._made_of_faces or decided == masks.FACES
        panel.show_source(decided, self._faces_shown)

    def _choose_source(self) -> None:
        self._look()
        if self.panel.source == masks.FACES:
            self.find_faces()

    def _turn_to_photo(self, photo: tuple[str, ...]) -> None:
        """Forget the faces of another photo: their numbers mean nothing in this one.

        Another size is another photo, too. Another layer is not: faces are not where they were only if it
        shows something else, and whoever looks at the other layers between two runs keeps the choice.
        """
        if photo != self._photo:
            self._photo = photo
            self.faces.cancel()
            for chooser in self.panel.choosers:
                chooser.forget()
            if self._own is not None:
                name, values = self._own
                self._own = name, {one.name: _without_faces(one, values[one.name]) for one in self._filters}

    def _follow(self, record: memory.Record | None) -> None:
        """Show the settings of the group that was chosen, and the user's own when it is no more."""
        self._made_of_faces = record is not None and record.mask is None
        if record is None or record.settings["filter"] not in self.panel.all_values():
            self._show_own()
            return
        if self._own is None:
            self._own = self._filter().name, self.panel.all_values()
        self.panel.choose_filter(record.settings["filter"])
        self.panel.set_values(record.asked)

    def _show_own(self) -> None:
        """Show what the user had set before a group was chosen, of every filter: groups may be of several."""
        if self._own is not None:
            name, values = self._own
            self._own = None
            self.panel.choose_filter(name)
            self.panel.set_all_values(values)

    def _store(self) -> None:
        shown, panel = self._filter(), self.panel
        remembered.write("filter-" + shown.name, _without_faces(shown, panel.values()))
        remembered.write("docker", {"filter": shown.name, "source": panel.source, "alone": panel.alone})

    def _restore(self) -> None:
        kept = remembered.read("docker")
        self.panel.set_all_values({one.name: remembered.read("filter-" + one.name) for one in self._filters})
        if kept.get("filter") in [one.name for one in self._filters]:
            self.panel.choose_filter(kept["filter"])
        if kept.get("source") in SOURCES:
            self.panel.set_source(kept["source"])
        self.panel.set_alone(kept.get("alone") is True)

    def _filter_chosen(self) -> None:
        chosen = self._filter().name
        self._look()
        self._turn_to(chosen)

    def _turn_to(self, name: str) -> None:
        """Show a filter as the user has set it, whatever group is chosen."""
        self._show_own()
        self.panel.choose_filter(name)
        self._show_source(Krita.instance().activeDocument())


def _without_faces(described: Filter, values: dict[str, Any]) -> dict[str, Any]:
    """Leave out which faces were chosen: another photo has others."""
    faces = [one.name for one in described.parameters if one.kind == "faces"]
    return {name: value for name, value in values.items() if name not in faces}


def _tell_elsewhere(sentence: str, page: Any) -> None:
    """Show a sentence over the picture, unless it can be read on its page."""
    view = current_view()
    if sentence and view is not None and not page.isVisible():
        view.showFloatingMessage("Softlight: " + sentence, QtGui.QIcon(), FLOATING, 1)


def _state(document: Document) -> tuple[str, ...]:
    """What tells whether another layer was chosen, or a group came or went."""
    active = document.activeNode()
    chosen = identity(active) if active is not None else ""
    size = f"{document.width()} x {document.height()}"
    return (identity(document.rootNode()), size, chosen, *document.annotationTypes())


def _records(document: Document) -> tuple[memory.Record | None, bool]:
    """How the chosen group was made, and whether there is one to run again."""
    view = current_view()
    try:
        path = targets.chosen(document, view)
        group = memory.group_of(document, path)
        targets.softlight_group(document, view)
    except BridgeError:
        return None, False
    return (memory.recall(document, group) if group is not None else None), True


def _toggle(document: Document) -> None:
    group = targets.softlight_group(document, current_view())[-1]
    group.setVisible(not group.visible())
    document.refreshProjection()
