"""The picture in the dialog: before and after with a divider to drag, or one of them, or what the filter saw.

Drawn by GIMP's own preview area, which shows sRGB values as the user's monitor profile wants them, and needs
no pycairo: Debian's GIMP 3.0 comes without it.
"""

from __future__ import annotations

from collections.abc import Mapping

from gi.repository import Gdk, GdkPixbuf, Gimp, GimpUi, GLib, Gtk

from softlight_bridge.messages import Preview, Raster
from softlight_bridge.translation import _, pgettext

SPLIT, BEFORE, AFTER, VIEW = "split", "before", "after", "view"
SIDE = 520
"""Pixels of the screen that the preview asks for at least, each way; it grows with the dialog."""
LARGEST = 1600
"""What the engine is asked for: as large as the preview becomes on a wide screen."""
SURROUND = 0x2B2B2BFF
"""A neutral, dark grey: colour beside a photo changes how its own are seen."""
ENLARGED = 3.0
"""A small stroke is shown at most so much larger than its pixels."""
GRIP = 12
"""Radius of the divider's knob in pixels of the screen."""
NEAR_EDGE = 0.15
"""A caption goes when less than this share of the picture is left to its side."""


class PreviewArea(Gtk.EventBox):
    """Shows a `Preview`; dragging moves the divider, and in "after" a pressed button shows "before"."""

    def __init__(self) -> None:
        super().__init__(hexpand=True, vexpand=True)
        self._area = GimpUi.PreviewArea()
        self._area.set_size_request(SIDE, SIDE)
        self._captions = [
            _caption(pgettext("choice", "Before"), Gtk.Align.START),
            _caption(pgettext("choice", "After"), Gtk.Align.END),
        ]
        self._message = _message()
        overlay = Gtk.Overlay()
        overlay.add(self._area)
        for label in (*self._captions, self._message):
            overlay.add_overlay(label)
            overlay.set_overlay_pass_through(label, True)
        self.add(overlay)
        self._pictures: Mapping[str, GdkPixbuf.Pixbuf] = {}
        self._fitted: dict[str, GdkPixbuf.Pixbuf] = {}
        self._knob = _knob()
        self._mode = SPLIT
        self._divider = 0.5
        self._pressed = False
        self.add_events(
            Gdk.EventMask.BUTTON_PRESS_MASK
            | Gdk.EventMask.BUTTON_RELEASE_MASK
            | Gdk.EventMask.POINTER_MOTION_MASK
        )
        self._area.connect_after("size-allocate", lambda *_: self._resized())
        self.connect("button-press-event", self._press)
        self.connect("button-release-event", self._release)
        self.connect("motion-notify-event", self._move)

    def show_preview(self, preview: Preview) -> None:
        """Show a finished preview."""
        pictures = {BEFORE: preview.before, AFTER: preview.after, VIEW: preview.view}
        self._pictures = {name: to_pixbuf(one) for name, one in pictures.items() if one is not None}
        self.show_message("")
        self._resized()

    def wait(self) -> None:
        """Say that a preview is on its way, unless an earlier one is there to be looked at meanwhile."""
        self.show_message("" if self._pictures else _("The preview is on its way…"))

    def show_message(self, sentence: str) -> None:
        """Show a sentence over what was there; an empty one takes it away."""
        self._message.set_text(sentence)
        self._message.set_visible(bool(sentence))

    def set_mode(self, mode: str) -> None:
        """Choose what is shown."""
        self._mode = mode
        self._redraw()

    def _shown(self) -> str:
        mode = self._mode if self._mode == SPLIT or self._mode in self._pictures else AFTER
        return BEFORE if mode == AFTER and self._pressed else mode

    def _resized(self) -> None:
        self._fitted = {}
        self._redraw()

    def _fit(self, name: str) -> GdkPixbuf.Pixbuf:
        """The picture in the size in which it is shown."""
        if name not in self._fitted:
            picture, area = self._pictures[name], self._area.get_allocation()
            across, down = area.width / picture.get_width(), area.height / picture.get_height()
            scale = min(across, down, ENLARGED)
            width = max(1, round(picture.get_width() * scale))
            height = max(1, round(picture.get_height() * scale))
            self._fitted[name] = picture.scale_simple(width, height, GdkPixbuf.InterpType.BILINEAR)
        return self._fitted[name]

    def _redraw(self) -> None:
        area = self._area.get_allocation()
        if area.width < 2 or area.height < 2:
            return
        shown = self._shown() if self._pictures else ""
        canvas = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, area.width, area.height)
        canvas.fill(SURROUND)
        if shown:
            picture = self._split() if shown == SPLIT else self._fit(shown)
            width, height = picture.get_width(), picture.get_height()
            left, top = (area.width - width) // 2, (area.height - height) // 2
            picture.copy_area(0, 0, width, height, canvas, left, top)
            self._place_captions(left, top)
        before, after = self._captions
        before.set_visible(shown == SPLIT and self._divider > NEAR_EDGE)
        after.set_visible(shown == SPLIT and self._divider < 1 - NEAR_EDGE)
        self._area.draw(
            0,
            0,
            area.width,
            area.height,
            Gimp.ImageType.RGB_IMAGE,
            canvas.read_pixel_bytes().get_data() or b"",
            canvas.get_rowstride(),
        )

    def _split(self) -> GdkPixbuf.Pixbuf:
        """Before and after side by side, with the divider between them."""
        picture = self._fit(AFTER).copy()
        width, height = picture.get_width(), picture.get_height()
        at = round(width * self._divider)
        if at:
            self._fit(BEFORE).copy_area(0, 0, at, height, picture, 0, 0)
        for colour, start, end in ((0x202020FF, at - 2, at + 2), (0xFFFFFFFF, at - 1, at + 1)):
            start, end = max(0, start), min(width, end)
            if end > start:
                picture.new_subpixbuf(start, 0, end - start, height).fill(colour)
        _put(self._knob, picture, at - GRIP, height // 2 - GRIP)
        return picture

    def _place_captions(self, left: int, top: int) -> None:
        for label in self._captions:
            label.set_margin_start(left + 10)
            label.set_margin_end(left + 10)
            label.set_margin_top(top + 10)

    def _press(self, area: Gtk.Widget, event: Gdk.EventButton) -> bool:
        self._pressed = event.button == 1
        self._drag(event.x)
        return True

    def _release(self, area: Gtk.Widget, event: Gdk.EventButton) -> bool:
        self._pressed = False
        self._redraw()
        return True

    def _move(self, area: Gtk.Widget, event: Gdk.EventMotion) -> bool:
        if self._pressed:
            self._drag(event.x)
        return True

    def _drag(self, x: float) -> None:
        if self._pressed and self._pictures:
            width = self._fit(BEFORE).get_width()
            left = (self._area.get_allocation().width - width) // 2
            self._divider = min(1.0, max(0.0, (x - left) / width))
            self._redraw()


def to_pixbuf(raster: Raster) -> GdkPixbuf.Pixbuf:
    """Return a raster of "RGB" "u8" as GTK shows it."""
    return GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(bytes(raster.data)),
        GdkPixbuf.Colorspace.RGB,
        False,
        8,
        raster.width,
        raster.height,
        raster.width * 3,
    )


def _caption(text: str, side: Gtk.Align) -> Gtk.Label:
    label = Gtk.Label(label=text, halign=side, valign=Gtk.Align.START, no_show_all=True)
    _style(label, b"label { padding: 3px 10px; border-radius: 11px; font-size: 90%; }")
    return label


def _message() -> Gtk.Label:
    label = Gtk.Label(
        wrap=True,
        selectable=False,
        justify=Gtk.Justification.CENTER,
        max_width_chars=44,
        halign=Gtk.Align.CENTER,
        valign=Gtk.Align.CENTER,
        no_show_all=True,
    )
    _style(label, b"label { padding: 14px 20px; border-radius: 8px; }")
    return label


def _style(label: Gtk.Label, css: bytes) -> None:
    dark = b"label { background-color: rgba(20, 20, 20, 0.72); color: #f2f2f2; }"
    provider = Gtk.CssProvider()
    provider.load_from_data(dark + css)
    label.get_style_context().add_provider(provider, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)


def _knob() -> GdkPixbuf.Pixbuf:
    """A white disc with an arrowhead to each side, smooth at its rim."""
    side = 2 * GRIP
    pixels = bytearray()
    for row in range(side):
        for column in range(side):
            x, y = column + 0.5 - GRIP, row + 0.5 - GRIP
            cover = min(1.0, max(0.0, GRIP - 0.5 - (x * x + y * y) ** 0.5))
            arrow = min(1.0, max(0.0, min(abs(x) - 3.0, 7.5 - abs(x) - abs(y))))
            grey = round(250 - 200 * arrow)
            pixels += bytes((grey, grey, grey, round(245 * cover)))
    data = GLib.Bytes.new(bytes(pixels))
    return GdkPixbuf.Pixbuf.new_from_bytes(data, GdkPixbuf.Colorspace.RGB, True, 8, side, side, side * 4)


def _put(stamp: GdkPixbuf.Pixbuf, picture: GdkPixbuf.Pixbuf, x: int, y: int) -> None:
    """Blend `stamp` over `picture` at `x`, `y`, as far as it lies inside."""
    left, top = max(0, x), max(0, y)
    right = min(picture.get_width(), x + stamp.get_width())
    bottom = min(picture.get_height(), y + stamp.get_height())
    if right > left and bottom > top:
        stamp.composite(
            picture, left, top, right - left, bottom - top, x, y, 1, 1, GdkPixbuf.InterpType.NEAREST, 255
        )
