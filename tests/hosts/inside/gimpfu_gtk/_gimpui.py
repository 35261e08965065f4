"""What gimpfu's dialogs need of GIMP's own widgets, as plain ones of GTK: GIMP's need PyGTK's C code."""

import gtk


def gimp_ui_init():
    """GTK was set up when it was imported."""


class Dialog(gtk.Dialog):
    """A window with buttons below."""

    def __init__(self, title, role, parent, flags, help_function, help_id, buttons):
        """Take what GIMP's own takes."""
        gtk.Dialog.__init__(self)
        self.set_title(title)
        self.set_role(role)
        self.add_buttons(*buttons)

    def set_alternative_button_order(self, responses):
        """The order is Windows'."""

    def set_transient(self):
        """GIMP's own keeps itself above the picture's window."""


class HintBox(gtk.Label):
    """A sentence of help."""

    def __init__(self, text):
        """Show `text`."""
        gtk.Label.__init__(self, text)
        self.set_line_wrap(True)


class ProgressBar(gtk.ProgressBar):
    """GIMP's own follows the plug-in's progress; here it stays in the picture's window."""


class ImageComboBox(gtk.ComboBox):
    """Not opened here: image and layer come from the menu."""


class _SelectButton(gtk.Button):
    """Not opened here."""


LayerComboBox = ChannelComboBox = DrawableComboBox = VectorsComboBox = ImageComboBox
ColorButton = PatternSelectButton = BrushSelectButton = GradientSelectButton = _SelectButton
PaletteSelectButton = FontSelectButton = _SelectButton
