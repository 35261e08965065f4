"""What the docker looks like: it shows and asks, and decides nothing."""

from __future__ import annotations

from typing import Any, Sequence

from softlight_bridge.messages import Preview
from softlight_bridge.specifications import Filter
from softlight_bridge.translation import _, pgettext, shown
from softlight_krita import masks, widgets
from softlight_krita.comparison import AFTER, BEFORE, SPLIT, VIEW, Comparison
from softlight_krita.face_chooser import FaceChooser
from softlight_krita.form import Form
from softlight_krita.qt import QtCore, QtWidgets, Signal

STEPS = 1000
"""Of the progress bar."""
LARGE_WINDOW = (900, 700)
SOURCES = {
    masks.AUTOMATIC: pgettext("choice", "Automatic"),
    masks.FACES: pgettext("choice", "Whole faces"),
    masks.SELECTION: pgettext("choice", "Selection"),
    masks.PAINTED: pgettext("choice", "Brush mask"),
}


class Panel(QtWidgets.QWidget):
    """Everything inside the docker.

    Parameters
    ----------
    filters : sequence of Filter
    """

    filter_chosen = Signal()
    """The user turned to another filter; its values are not set yet."""
    source_chosen = Signal()
    """The user said where the mask comes from."""

    def __init__(self, filters: Sequence[Filter]) -> None:
        super().__init__()
        self._filters = filters
        self._forms: dict[str, Form] = {}
        self._busy = False
        self._open = self._group = self._unseen = False
        self._large: Any = None
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._area = QtWidgets.QScrollArea()
        self._area.setObjectName("softlight_area")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._what_is_asked())
        self._area.verticalScrollBar().rangeChanged.connect(self._reveal)
        layout.addWidget(self._area, 1)
        # Krita gives a docker little height; what starts and stops stays in sight.
        layout.addWidget(self._what_is_done())
        self._turn_to(0)
        self._enable()

    @property
    def filter(self) -> Filter:
        """The filter that is shown."""
        index: int = self._chooser.currentIndex()
        return self._filters[max(0, index)]

    @property
    def source(self) -> str:
        """Where the mask comes from: one of `SOURCES`."""
        return str(self._source.currentData())

    @property
    def alone(self) -> bool:
        """Whether the filter shall see the chosen layer alone."""
        return bool(self._input.currentData())

    @property
    def whole(self) -> bool:
        """Whether the filter that is shown works on whole faces where nothing is marked."""
        return self.filter.brush == "optional"

    @property
    def chooser(self) -> FaceChooser | None:
        """The faces of the filter that is shown, if it has such a parameter."""
        return self._forms[self.filter.name].chooser

    @property
    def choosers(self) -> list[FaceChooser]:
        """Those of all filters: they look at the same photo."""
        return [form.chooser for form in self._forms.values() if form.chooser is not None]

    def values(self) -> dict[str, Any]:
        """The values of the filter that is shown."""
        return self._forms[self.filter.name].values()

    def set_values(self, values: dict[str, Any]) -> None:
        self._forms[self.filter.name].set_values(values)

    def all_values(self) -> dict[str, dict[str, Any]]:
        """The values of every filter, by its name."""
        return {name: form.values() for name, form in self._forms.items()}

    def set_all_values(self, values: dict[str, dict[str, Any]]) -> None:
        for name, form in self._forms.items():
            form.set_values(values[name])

    def choose_filter(self, name: str) -> None:
        names = [one.name for one in self._filters]
        if name in names:
            self._chooser.setCurrentIndex(names.index(name))

    def set_source(self, source: str) -> None:
        self._source.setCurrentIndex(self._source.findData(source))

    def show_source(self, decided: str | None, faces: bool) -> None:
        """Say what "automatic" means now, and whether faces can be chosen.

        Parameters
        ----------
        decided : str or None
            One of `SOURCES`, or None without a picture.
        faces : bool
            Whether the next run, or the next one of the chosen group, is on whole faces.
        """
        automatic = SOURCES[masks.AUTOMATIC]
        # What it means comes first: a narrow docker shows no more.
        told = _("{source} (automatic)")
        words = automatic if decided is None else told.format(source=SOURCES[decided])
        if self._source.itemText(0) != words:
            self._source.setItemText(0, words)
        self._forms[self.filter.name].show_whole(faces)

    def set_alone(self, alone: bool) -> None:
        self._input.setCurrentIndex(self._input.findData(alone))

    def set_choices(self, picture: bool, group: bool) -> None:
        """Say whether a picture is open, and whether there is a group to run again."""
        self._open, self._group = picture, group
        self._enable()

    def show_progress(self, done: float, text: str) -> None:
        if not self._busy:
            self._busy = True
            self._enable()
        self._bar.setValue(int(done * STEPS))
        widgets.say(self.status, shown(text), False)

    def show_end(self, sentence: str, failed: bool) -> None:
        self._busy = False
        self._enable()
        widgets.say(self.status, sentence, failed)

    def show_preview(self, preview: Preview) -> None:
        self.comparison.set_preview(preview)
        self._views[VIEW].setText(shown(preview.view_label or ""))
        self._views[VIEW].setVisible(preview.view is not None)
        for button in (*self._views.values(), self._enlarge):
            button.setEnabled(True)
        if self._large is not None:
            self.comparison.copy_to(self._large)
        # It may take another height, which is known only when everything is laid out again.
        self._unseen = True
        QtCore.QTimer.singleShot(0, self._show_it_all)

    def _reveal(self) -> None:
        if self._unseen:
            self._unseen = False
            self._show_it_all()

    def _show_it_all(self) -> None:
        self._area.ensureWidgetVisible(self.comparison)
        self._area.ensureWidgetVisible(self._enlarge)

    def _what_is_asked(self) -> Any:
        body, layout = widgets.column()
        self._add_filter(layout)
        self._add_sources(layout)
        layout.addWidget(widgets.line())
        # Not a stack, which is as high as its highest page: a filter with two settings takes two rows.
        for form in self._forms.values():
            layout.addWidget(form)
        layout.addWidget(widgets.line())
        self._add_preview(layout)
        layout.addStretch(1)
        return body

    def _what_is_done(self) -> Any:
        foot, layout = widgets.column()
        self._add_buttons(layout)
        self._add_state(layout)
        return foot

    def _add_filter(self, layout: Any) -> None:
        row = QtWidgets.QHBoxLayout()
        self._chooser = QtWidgets.QComboBox()
        self._chooser.setObjectName("softlight_filter")
        widgets.shrink(self._chooser)
        for one in self._filters:
            form = Form(one)
            self._forms[one.name] = form
            self._chooser.addItem(one.label, one.name)
        self._chooser.currentIndexChanged.connect(self._turn_to)
        self._chooser.activated.connect(lambda index: self.filter_chosen.emit())
        self.reset = widgets.button(
            pgettext("button", "Reset"), _("Put all values of this filter back to their defaults."), "reset"
        )
        self.models = widgets.button(
            pgettext("button", "Models…"),
            _("What models there are, and which of them filters use."),
            "models",
        )
        row.addWidget(self._chooser, 1)
        for button in (self.reset, self.models):
            button.setMinimumWidth(10)
            row.addWidget(button)
        layout.addLayout(row)
        self._help = widgets.text()
        self._help.setEnabled(False)
        layout.addWidget(self._help)

    def _add_sources(self, layout: Any) -> None:
        form = QtWidgets.QFormLayout()
        form.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._source = QtWidgets.QComboBox()
        self._source.setObjectName("softlight_source")
        self._source.setToolTip(
            _(
                "What marks the place: paint on the brush mask's layer, the selection, or nothing: the "
                "filter then finds faces itself. Automatic takes the first of them that there is."
            )
        )
        for source, label in SOURCES.items():
            self._source.addItem(label, source)
        self._source.activated.connect(lambda index: self.source_chosen.emit())
        widgets.shrink(self._source)
        self.paint = widgets.button(
            pgettext("button", "Paint mask"),
            _(
                "Makes a layer to paint the mask on, or shows it again, and chooses it and a red colour. "
                "Paint over the place; erase what is too much."
            ),
            "paint_mask",
        )
        row = QtWidgets.QHBoxLayout()
        row.addWidget(self._source, 1)
        row.addWidget(self.paint)
        form.addRow(pgettext("label", "Mask:"), row)
        self._input = QtWidgets.QComboBox()
        self._input.setObjectName("softlight_input")
        self._input.setToolTip(
            _("What the filter sees: all that shows up to the chosen layer, or that layer alone.")
        )
        self._input.addItem(pgettext("choice", "All that shows below"), False)
        self._input.addItem(pgettext("choice", "The chosen layer alone"), True)
        widgets.shrink(self._input)
        form.addRow(pgettext("label", "Photo:"), self._input)
        layout.addLayout(form)

    def _add_preview(self, layout: Any) -> None:
        self.comparison = Comparison()
        self.comparison.setObjectName("softlight_comparison")
        layout.addWidget(self.comparison)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(2)
        group = QtWidgets.QButtonGroup(self)
        self._views: dict[str, Any] = {}
        for what, label in (
            (BEFORE, pgettext("choice", "Before")),
            (SPLIT, pgettext("choice", "Split")),
            (AFTER, pgettext("choice", "After")),
            (VIEW, pgettext("choice", "Map")),
        ):
            button = QtWidgets.QToolButton()
            button.setObjectName("softlight_show_" + what)
            button.setText(label)
            button.setCheckable(True)
            button.setChecked(what == SPLIT)
            button.setEnabled(False)
            button.clicked.connect(lambda _=False, what=what: self._show_as(what))
            button.setSizePolicy(QtWidgets.QSizePolicy.Policy.Maximum, QtWidgets.QSizePolicy.Policy.Fixed)
            button.setMinimumWidth(10)
            group.addButton(button)
            row.addWidget(button)
            self._views[what] = button
        row.addStretch(1)
        self._enlarge = QtWidgets.QToolButton()
        self._enlarge.setText("⤢")
        self._enlarge.setToolTip(_("Show the preview in a window of its own."))
        self._enlarge.setEnabled(False)
        self._enlarge.clicked.connect(self._show_large)
        row.addWidget(self._enlarge)
        layout.addLayout(row)
        self.comparison.show_as(SPLIT)

    def _add_buttons(self, layout: Any) -> None:
        self.preview = widgets.button(
            pgettext("button", "Preview"),
            _("Compute before and after, without changing the picture."),
            "preview",
        )
        self.run = widgets.button(
            pgettext("button", "Run"),
            _("Put the result into the picture, as layers above the chosen one."),
            "run",
        )
        self.cancel = widgets.button(
            pgettext("button", "Cancel"), _("Stop; the picture stays as it is."), "cancel"
        )
        self.toggle = widgets.button(
            pgettext("button", "Before / after"),
            _("Hide or show the result's group in the picture."),
            "before_after",
        )
        self.again = widgets.button(
            pgettext("button", "Re-run"),
            _("Replace the result's group by a new run with these values and its own mask."),
            "re_run",
        )
        self.bake = widgets.button(
            pgettext("button", "Bake"),
            _("Replace the result's group by one normal layer that looks the same."),
            "bake",
        )
        for buttons in ((self.preview, self.run, self.cancel), (self.toggle, self.again, self.bake)):
            row = QtWidgets.QHBoxLayout()
            for button in buttons:
                button.setMinimumWidth(10)
                row.addWidget(button, 1)
            layout.addLayout(row)

    def _add_state(self, layout: Any) -> None:
        self._bar = widgets.bar(STEPS, "progress")
        layout.addWidget(self._bar)
        self.status = widgets.text()
        self.status.setObjectName("softlight_status")
        layout.addWidget(self.status)

    def _turn_to(self, index: int) -> None:
        one = self._filters[index]
        for name, form in self._forms.items():
            form.setVisible(name == one.name)
        self._help.setText(one.help)
        self._views[VIEW].setVisible(one.view is not None)
        self._views[VIEW].setText(one.view or "")
        self._source.model().item(self._source.findData(masks.FACES)).setEnabled(self.whole)
        if self.source == masks.FACES and not self.whole:
            self.set_source(masks.AUTOMATIC)

    def _show_as(self, what: str) -> None:
        self.comparison.show_as(what)
        if self._large is not None:
            self._large.show_as(what)

    def _show_large(self) -> None:
        if self._large is None:
            dialog = QtWidgets.QDialog(self.window())
            dialog.setWindowTitle(pgettext("title", "Softlight: before and after"))
            self._large = Comparison()
            row = QtWidgets.QVBoxLayout(dialog)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(self._large)
            dialog.resize(*LARGE_WINDOW)
        self.comparison.copy_to(self._large)
        window = self._large.window()
        window.show()
        window.raise_()

    def _enable(self) -> None:
        free = self._open and not self._busy
        for button in (self.run, self.preview, self.paint):
            button.setEnabled(free)
        for button in (self.toggle, self.again, self.bake):
            button.setEnabled(free and self._group)
        self.cancel.setEnabled(self._busy)
        self._bar.setVisible(self._busy)
