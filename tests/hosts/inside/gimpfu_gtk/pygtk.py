"""PyGTK's front door, with PyGObject's likeness of PyGTK behind it; gimpfu's dialogs come in here.

Where the likeness stops short of what gimpfu asks for, it is mended below.
"""

import pygtkcompat


def require(version):
    """There is one version only."""


def set_attributes(self, cell, **columns):
    """Show columns of the model in a cell."""
    for name, column in columns.items():
        self.add_attribute(cell, name, column)


def take_by_place(kind, *names):
    """Let a widget be made of values without names, as PyGTK's are."""
    original = kind.__init__

    def make(self, *values):
        original(self, **dict(zip(names, values)))

    kind.__init__ = make


pygtkcompat.enable()
pygtkcompat.enable_gtk(version="2.0")

import gtk  # noqa: E402 - there is one only now

gtk.ComboBox.set_attributes = set_attributes
take_by_place(gtk.HScale, "adjustment")
take_by_place(gtk.SpinButton, "adjustment", "climb_rate", "digits")
