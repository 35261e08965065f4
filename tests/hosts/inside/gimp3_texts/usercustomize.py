"""Python reads it when it starts, and so in a plug-in of GIMP 3: tells what the windows of the plug-in say.

`texts.json` in the folder $SOFTLIGHT_WATCH is always whole; it has, by the title of each window, all texts
that were ever seen in it.
"""

import json
import os
import sys
import threading
import time

TOLD = os.path.join(os.environ.get("SOFTLIGHT_WATCH", ""), "texts.json")
PAUSE = 0.4
"""Seconds between two looks."""


def watch():
    while True:
        time.sleep(PAUSE)
        repository = sys.modules.get("gi.repository")
        if repository is not None and "gi.repository.Gtk" in sys.modules:
            from gi.repository import GLib

            GLib.idle_add(look)


def look():
    from gi.repository import Gtk

    for window in Gtk.Window.list_toplevels():
        if isinstance(window, Gtk.Dialog) and window.get_visible():
            told = {window.get_title() or ""}
            walk(window, told)
            seen.setdefault(window.get_title() or "", set()).update(told)
    if seen:
        write({title: sorted(text for text in told if text and text.strip()) for title, told in seen.items()})
    return False


def walk(widget, told):
    from gi.repository import Gtk

    told.add(widget.get_tooltip_text())
    # A button's words are in a label inside of it, a slider has its own, and a list's are in its model.
    if isinstance(widget, (Gtk.Label, Gtk.ProgressBar)):
        told.add(widget.get_text())
    elif isinstance(widget, Gtk.Entry) and not (isinstance(widget, Gtk.SpinButton) and widget.get_numeric()):
        told.update((widget.get_text(), widget.get_placeholder_text()))
    if type(widget).__name__ == "SpinScale":
        told.add(widget.get_label())
    if isinstance(widget, Gtk.ComboBox):
        rows = [list(row) for row in widget.get_model() or ()]
        if widget.find_property("label-column") is not None:
            rows = [[row[widget.get_property("label-column")]] for row in rows]
        told.update(value for row in rows for value in row if isinstance(value, str))
    if isinstance(widget, Gtk.TreeView):
        told.update(column.get_title() for column in widget.get_columns())
    if isinstance(widget, Gtk.Container):
        widget.forall(walk, told)


def write(told):
    with open(TOLD + ".part", "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=1)
    os.replace(TOLD + ".part", TOLD)


seen = {}
if "SOFTLIGHT_WATCH" in os.environ and any("softlight" in word for word in sys.orig_argv):
    threading.Thread(target=watch, daemon=True).start()
