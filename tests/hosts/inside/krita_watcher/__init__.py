"""A plug-in for tests: writes where Krita's buttons are and what the picture holds, several times a second.

`watched.json` in $SOFTLIGHT_OUT is always whole. Places are [left, top, width, height] on the screen, of what
can be seen; what cannot be seen is left out. The mouse and the keyboard are the test's.
"""

import faulthandler
import hashlib
import json
import os

from krita import Extension, Krita

if Krita.instance().version() >= "6":
    from PyQt6 import QtCore, QtWidgets
else:
    from PyQt5 import QtCore, QtWidgets

OUT = os.environ["SOFTLIGHT_OUT"]
PAUSE = 150
"""Milliseconds."""


class Watcher(Extension):
    """Looks from a timer."""

    def __init__(self, parent):
        super().__init__(parent)
        self.number = 0

    def setup(self):
        Krita.instance().notifier().setActive(True)
        Krita.instance().notifier().windowCreated.connect(self.begin)

    def createActions(self, window):
        pass

    def begin(self):
        self.timer = QtCore.QTimer()
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self.look)
        self.timer.start(PAUSE)

    def look(self):
        window = Krita.instance().activeWindow()
        try:
            if window is not None:
                self.number += 1
                told = {"look": self.number, "version": Krita.instance().version()}
                told.update(screen(window.qwindow()), picture=picture(), view=view(window))
                write(told)
        finally:
            # Not before the look has ended: a timer that is always due leaves no time for keys.
            self.timer.start(PAUSE)


def screen(qwindow):
    seen = {}
    for widget in qwindow.findChildren(QtWidgets.QWidget):
        name = widget.objectName()
        if name.startswith("softlight_") or name == "KisLayerBox":
            if "place" in seen.get(name, {}):
                continue  # another filter's widget of the same name, which is not shown
            if widget.isVisible() and not widget.visibleRegion().isEmpty():
                shown = widget.visibleRegion().boundingRect()
                seen[name] = {"place": place(widget, shown), "enabled": widget.isEnabled()}
            for words_of in ("text", "toPlainText"):
                if hasattr(widget, words_of):
                    seen.setdefault(name, {})["text"] = getattr(widget, words_of)()
    canvas = [one for one in qwindow.findChildren(QtWidgets.QWidget) if "Canvas" in type_of(one)]
    return {
        "widgets": seen,
        "bar": bar(qwindow.menuBar()),
        "popups": popups(),
        "tip": any(type_of(one) == "QTipLabel" and one.isVisible() for one in windows()),
        "canvas": [place(one, one.rect()) for one in canvas if one.isVisible()],
        "shortcuts": shortcuts(),
        "scrolled": scrolled(qwindow),
        "models": models(qwindow),
        "faces": faces(qwindow),
    }


def type_of(widget):
    return widget.metaObject().className()


def place(widget, box):
    corner = widget.mapToGlobal(box.topLeft())
    return [corner.x(), corner.y(), box.width(), box.height()]


def bar(widget):
    return {
        words(action): place(widget, widget.actionGeometry(action))
        for action in widget.actions()
        if action.isVisible() and action.text()
    }


def popups():
    return [
        {"places": bar(widget), "at": words(widget.activeAction()) if widget.activeAction() else None}
        for widget in windows()
        if isinstance(widget, QtWidgets.QMenu) and widget.isVisible()
    ]


def windows():
    return QtWidgets.QApplication.topLevelWidgets()


def words(action):
    return action.text().replace("&", "")


def shortcuts():
    told = {}
    for name in ("run_dewrinkle", "paint_mask", "preview", "rerun", "bake", "toggle", "cancel", "docker"):
        action = Krita.instance().action("softlight_" + name)
        told[name] = action.shortcut().toString() if action is not None else None
    return told


def scrolled(qwindow):
    """The docker, and how far its upper part is scrolled."""
    docker = qwindow.findChild(QtWidgets.QDockWidget, "softlight_docker")
    area = qwindow.findChild(QtWidgets.QScrollArea, "softlight_area")
    if area is None or not docker.isVisible():
        return None
    bar, comparison = area.verticalScrollBar(), area.findChild(QtWidgets.QWidget, "softlight_comparison")
    return {
        "docker": place(docker, docker.rect()),
        "area": place(area, area.rect()),
        "value": bar.value(),
        "maximum": bar.maximum(),
        "filled": comparison.filled,
    }


def models(qwindow):
    """The rows of the models' tree, each with its words and, if it can be seen, its place."""
    tree = qwindow.findChild(QtWidgets.QTreeWidget, "softlight_models_tree")
    if tree is None or not tree.isVisible():
        return []
    rows = []
    at = QtWidgets.QTreeWidgetItemIterator(tree)
    while at.value() is not None:
        item = at.value()
        whole = tree.visualItemRect(item)
        box = whole & tree.viewport().rect()
        rows.append(
            {
                "words": item.text(0),
                "place": place(tree.viewport(), box) if not box.isEmpty() else None,
                "height": whole.height(),
                "selected": item.isSelected(),
            }
        )
        at += 1
    return rows


def faces(qwindow):
    """The thumbnails of the faces, each with its place and whether it is chosen."""
    rows = qwindow.findChildren(QtWidgets.QListWidget, "softlight_faces_row")
    row = next((one for one in rows if not one.visibleRegion().isEmpty()), None)
    if row is None:
        return []
    items = [row.item(index) for index in range(row.count())]
    return [
        {"place": place(row.viewport(), row.visualItemRect(item)), "chosen": item.isSelected()}
        for item in items
    ]


def view(window):
    view = window.activeView()
    if view is None:
        return None
    foreground = view.foregroundColor()
    return {
        # Krita's own zoom is for points, of which an inch has 72.
        "zoom": view.canvas().zoomLevel() * 72 / view.document().resolution(),
        "colour": foreground.components() if foreground is not None else None,
    }


def picture():
    document = Krita.instance().activeDocument()
    if document is None or document.rootNode() is None:
        return None
    if not document.tryBarrierLock():
        return {"drawing": True}
    document.unlock()
    flat = bytes(document.pixelData(0, 0, document.width(), document.height()))
    active = document.activeNode()
    return {
        "drawing": False,
        "size": [document.width(), document.height()],
        "digest": hashlib.sha256(flat).hexdigest(),
        "active": active.name() if active is not None else None,
        "layers": layers(document.rootNode()),
    }


def layers(node):
    return [
        {
            "name": one.name(),
            "visible": one.visible(),
            "opacity": one.opacity(),
            "painted": one.bounds().width() > 0,
            "children": layers(one),
        }
        for one in node.childNodes()
        if one.type() != "selectionmask"
    ]


def write(told):
    path = os.path.join(OUT, "watched.json")
    with open(path + ".part", "w") as file:
        json.dump(told, file)
    os.replace(path + ".part", path)


faulthandler.enable(open(os.path.join(OUT, "crash.txt"), "w"))  # noqa: SIM115 - open as long as Krita runs
Krita.instance().addExtension(Watcher(Krita.instance()))
