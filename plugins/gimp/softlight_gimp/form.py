"""The column of settings in a filter's dialog: made of the filter's description, over GIMP's own widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gi.repository import Gimp, GimpUi, Gtk

from softlight_bridge.faces import FaceList
from softlight_bridge.specifications import Filter, Parameter
from softlight_bridge.translation import _, pgettext
from softlight_gimp import arguments
from softlight_gimp.face_chooser import FaceChooser

FORM = "softlight-scrolled"
"""Name of the column among the containers of the dialog."""
MARGIN = 12
WIDTH = 320
HIGHEST = 620
"""Pixels; more is scrolled, so that the dialog fits on a screen of 768 lines."""


class SettingsForm:
    """Shows the settings of a filter in the container `FORM` of the dialog, and changes them.

    Parameters
    ----------
    window : GimpUi.ProcedureDialog
        Makes the widgets.
    config : Gimp.ProcedureConfig
        What is shown and changed.
    described : Filter
    """

    def __init__(
        self, window: GimpUi.ProcedureDialog, config: Gimp.ProcedureConfig, described: Filter
    ) -> None:
        self._window, self._config = window, config
        self._labels = arguments.mnemonic_labels(described)
        self._watches: list[int] = []
        self._whole: list[Gtk.Widget] = []
        """What matters on whole faces alone."""
        self._chooser: FaceChooser | None = None
        self._faces = ""
        """Name of the argument that the chooser changes."""
        self._settings_box(described)
        scrolled = window.fill_scrolled_window(FORM, "softlight-settings")
        scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scrolled.set_propagate_natural_height(True)
        scrolled.set_propagate_natural_width(True)
        scrolled.set_max_content_height(HIGHEST)
        scrolled.set_overlay_scrolling(False)  # A bar that hides itself leaves nothing to be seen of more.
        self.widget = scrolled
        self.show_whole_faces(False)

    def close(self) -> None:
        """Let go of the settings, which outlive the dialog."""
        for watch in self._watches:
            self._config.disconnect(watch)

    def show_whole_faces(self, whole: bool) -> None:
        """Show what matters on whole faces, or hide it where a mask says where to work."""
        for widget in self._whole:
            widget.set_visible(whole)

    @property
    def chooses_faces(self) -> bool:
        """Whether there is something to choose among faces with."""
        return self._chooser is not None

    def say_of_faces(self, sentence: str) -> None:
        """Show a sentence instead of faces."""
        if self._chooser is not None:
            self._chooser.say(sentence)

    def show_faces(self, found: FaceList) -> None:
        """Show the faces to choose among."""
        if self._chooser is not None:
            self._chooser.show_faces(found, self._chosen())

    def _settings_box(self, described: Filter) -> None:
        for parameter in described.parameters:
            if self._is_plain(parameter):
                widget = self._widget(parameter)
                if parameter.whole_faces:
                    self._whole.append(widget)
        for name in (arguments.INPUT, arguments.MASK):
            self._window.get_widget(name, Gtk.ComboBox)
        text = self._window.get_label("softlight-help", described.help, False, False)
        plain = [arguments.argument_name(one) for one in described.parameters if self._is_plain(one)]
        box = self._window.fill_box(
            "softlight-settings", ["softlight-help", *plain, arguments.INPUT, arguments.MASK]
        )
        text.set_line_wrap(True)
        text.set_max_width_chars(36)
        text.set_xalign(0.0)
        text.set_halign(Gtk.Align.START)
        text.set_margin_bottom(MARGIN)
        box.set_spacing(8)
        box.set_size_request(WIDTH, -1)
        self._add_own(box, described)

    @staticmethod
    def _is_plain(parameter: Parameter) -> bool:
        """Whether GIMP's own widget is all that it needs."""
        return not parameter.group and parameter.kind != "faces"

    def _widget(self, parameter: Parameter) -> Gtk.Widget:
        """GIMP's widget for a parameter; it is there once."""
        name = arguments.argument_name(parameter)
        if parameter.kind == "choice":
            return self._window.get_widget(name, Gtk.ComboBox)
        if parameter.kind == "flag":
            return self._window.get_widget(name, Gtk.CheckButton)
        if parameter.optional:
            spin = self._window.get_widget(name, GimpUi.LabelSpin)
            _say_automatic(spin)
            return spin
        scale = self._window.get_spin_scale(name, 1.0)
        scale.set_digits(2)
        return scale

    def _add_own(self, box: Gtk.Box, described: Filter) -> None:
        """Put in what GIMP has no widget for, each at its place among the others."""
        groups: dict[str, Gtk.Box] = {}
        position = 1  # below the help
        first = bool(described.parameters[0].group)
        for parameter in described.parameters:
            if parameter.group in groups:
                groups[parameter.group].pack_start(self._row(parameter), False, False, 0)
                continue
            if parameter.group:
                inside = [one for one in described.parameters if one.group == parameter.group]
                content = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4)
                content.pack_start(self._row(parameter), False, False, 0)
                groups[parameter.group] = content
                self._put(self._expander(inside, content, first), box, position)
            elif parameter.kind == "faces":
                self._chooser = self._face_chooser(parameter)
                self._whole.append(self._chooser)
                self._put(self._chooser, box, position)
            position += 1

    @staticmethod
    def _put(widget: Gtk.Widget, box: Gtk.Box, position: int) -> None:
        box.pack_start(widget, False, False, 0)
        box.reorder_child(widget, position)

    def _expander(self, inside: Sequence[Parameter], content: Gtk.Box, first: bool) -> Gtk.Expander:
        """A group of settings, closed as long as they are what nobody has to look at.

        Where one comes `first` it is what the filter is for.
        """
        opened = first or not arguments.are_defaults(self._config, inside)
        label = self._labels[inside[0].group]
        expander = Gtk.Expander(label=label, use_underline=True, expanded=opened)
        content.set_margin_top(4)
        content.set_margin_start(MARGIN)
        expander.add(content)
        expander.show_all()
        if all(one.whole_faces for one in inside):
            self._whole.append(expander)
        return expander

    def _row(self, parameter: Parameter) -> Gtk.Widget:
        """A parameter below a heading; one that can be switched off has a check box before it."""
        row = self._widget(parameter)
        if parameter.switch:
            widget, row = row, Gtk.Box(spacing=6)
            row.pack_start(self._switch(parameter), False, False, 0)
            row.pack_start(widget, True, True, 0)
        row.show_all()  # GIMP's choices are hidden until they are shown
        if parameter.whole_faces:
            self._whole.append(row)
        return row

    def _switch(self, parameter: Parameter) -> Gtk.CheckButton:
        """A check box that is ticked while the number is above 0, and remembers what it switched off."""
        name = arguments.argument_name(parameter)
        value = float(self._config.get_property(name))
        before = [value or float(parameter.default) or float(parameter.maximum or 0.0)]
        check = Gtk.CheckButton(
            active=value > 0, tooltip_text=_("{label}: on or off").format(label=parameter.label)
        )

        def toggled(*_: Any) -> None:
            now = float(self._config.get_property(name))
            if check.get_active() == (now > 0):
                return
            before[0] = now or before[0]
            self._config.set_property(name, before[0] if check.get_active() else 0.0)

        def changed(*_: Any) -> None:
            check.set_active(float(self._config.get_property(name)) > 0)

        check.connect("toggled", toggled)
        self._watches.append(self._config.connect(f"notify::{name}", changed))
        return check

    def _face_chooser(self, parameter: Parameter) -> FaceChooser:
        self._faces = arguments.argument_name(parameter)
        chooser = FaceChooser(parameter.label, lambda value: self._config.set_property(self._faces, value))
        watch = self._config.connect(f"notify::{self._faces}", lambda *_: chooser.show_choice(self._chosen()))
        self._watches.append(watch)
        return chooser

    def _chosen(self) -> str:
        return str(self._config.get_property(self._faces) or "")


def _say_automatic(spin: GimpUi.LabelSpin) -> None:
    """Show a word where 0 lets the filter find the number itself."""
    word = pgettext("value", "automatic")

    def show(button: Gtk.SpinButton) -> bool:
        if button.get_value() == arguments.AUTOMATIC:
            # GIMP takes digits alone in its fields, and says so again after this function has.
            button.set_numeric(False)
            button.set_text(word)
            return True
        return False

    button = spin.get_spin_button()
    button.set_width_chars(max(10, len(word) + 1))
    button.connect("output", show)
    button.update()
