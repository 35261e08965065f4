"""The faces of a photo in a row, from left to right: a click takes one out, or in again."""

from __future__ import annotations

from collections.abc import Callable

from gi.repository import Gtk

from softlight_bridge.faces import FaceList, FoundFace
from softlight_bridge.translation import _, shown
from softlight_gimp.arguments import ALL_FACES
from softlight_gimp.preview import to_pixbuf

SIDE = 64
"""Pixels of a thumbnail: four stand beside each other in the column of settings."""
FAINT = 0.35
"""Opacity of a face that is left out, which is also grey."""


class FaceChooser(Gtk.Box):
    """Shows faces as buttons, of which those are down that are worked on.

    Parameters
    ----------
    label : str
    on_choice : callable
        Told the new value when a face was clicked: "all", numbers such as "1,3", or "" for none.
    """

    def __init__(self, label: str, on_choice: Callable[[str], None]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=4, no_show_all=True)
        self._label, self._on_choice = label, on_choice
        self._buttons: dict[int, _FaceButton] = {}
        self._busy = False
        self._said = Gtk.Label(xalign=0.0, wrap=True, max_width_chars=36)
        self._row = Gtk.Box(spacing=4)
        self._scrolled = Gtk.ScrolledWindow(
            vscrollbar_policy=Gtk.PolicyType.NEVER, propagate_natural_height=True, no_show_all=True
        )
        self._scrolled.add(self._row)
        self.pack_start(self._said, False, False, 0)
        self.pack_start(self._scrolled, False, False, 0)
        self._said.show()
        self._row.show()

    def say(self, sentence: str) -> None:
        """Show a sentence instead of faces."""
        self._said.set_text(sentence)
        self._scrolled.hide()

    def show_faces(self, found: FaceList, chosen: str) -> None:
        """Show these faces, and which of them are chosen."""
        for button in self._buttons.values():
            button.destroy()
        self._buttons = {face.number: _FaceButton(face, self._clicked) for face in found.faces}
        for button in self._buttons.values():
            self._row.pack_start(button, False, False, 0)
        if found.faces:
            self._scrolled.show()
            self.show_choice(chosen)
        else:
            self.say(" ".join(map(shown, found.notes)) or _("No face was found."))

    def show_choice(self, chosen: str) -> None:
        """Show another choice among the same faces."""
        self._busy = True
        for number, button in self._buttons.items():
            button.set_active(chosen == ALL_FACES or str(number) in chosen.split(","))
        self._busy = False
        self._count()

    def _clicked(self) -> None:
        if not self._busy:
            self._count()
            down = self._down()
            self._on_choice(ALL_FACES if len(down) == len(self._buttons) else ",".join(map(str, down)))

    def _down(self) -> list[int]:
        return [number for number, button in self._buttons.items() if button.get_active()]

    def _count(self) -> None:
        if self._buttons:
            told = _("{label}: {chosen} of {count}")
            count = len(self._buttons)
            self._said.set_text(told.format(label=self._label, chosen=len(self._down()), count=count))


class _FaceButton(Gtk.ToggleButton):
    """One face."""

    def __init__(self, face: FoundFace, on_click: Callable[[], None]) -> None:
        super().__init__(tooltip_text=_("Face {number} from the left").format(number=face.number))
        self._coloured = to_pixbuf(face.thumbnail)
        self._grey = self._coloured.copy()
        self._coloured.saturate_and_pixelate(self._grey, 0.0, False)
        self._image = Gtk.Image()
        self.add(self._image)
        self._show()
        self.connect("toggled", lambda *_: self._toggled(on_click))
        self.show_all()

    def _toggled(self, on_click: Callable[[], None]) -> None:
        self._show()
        on_click()

    def _show(self) -> None:
        chosen = self.get_active()
        self._image.set_from_pixbuf(self._coloured if chosen else self._grey)
        self._image.set_opacity(1.0 if chosen else FAINT)
