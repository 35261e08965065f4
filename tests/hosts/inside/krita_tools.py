"""What the scenarios in Krita share: opening, waiting, looking at layers and pixels."""

import hashlib
import os
import time

from krita import Krita, Selection

from softlight_krita.docker import SoftlightDocker
from softlight_krita.qt import QtCore

OUT = os.environ["SOFTLIGHT_OUT"]
PATIENCE = 300.0
"""Seconds for one run: the engine's first start on two busy cores takes up to 20."""
ENOUGH = 60.0
"""Seconds for the second half of an undo, which follows the first one after a look at the layers."""


def open_picture(path):
    """Open a picture in a view of its own; a step."""
    document = Krita.instance().openDocument(path)
    assert document is not None, "Krita does not open " + path
    document.setBatchmode(True)
    Krita.instance().activeWindow().addView(document)
    yield 0.5
    return document


def new_picture(width, height, encoding, pixels):
    """Make a picture of one layer with these bytes; a step."""
    document = Krita.instance().createDocument(width, height, "test", *encoding, 72.0)
    assert document is not None, "Krita makes no " + " ".join(encoding)
    document.setBatchmode(True)
    document.topLevelNodes()[0].setPixelData(pixels, 0, 0, width, height)
    Krita.instance().activeWindow().addView(document)
    yield 0.2
    document.refreshProjection()
    yield from settled(document)
    return document


def close(document):
    """Close a picture without asking; a step."""
    yield from settled(document)
    yield 0.3
    document.setModified(False)
    document.close()
    yield 0.2


def settled(document):
    """Wait until Krita has finished what it does with a picture."""
    yield 0.05
    deadline = time.monotonic() + PATIENCE
    while not document.tryBarrierLock():
        assert time.monotonic() < deadline, "Krita does not come to rest"
        yield 0.02
    document.unlock()


def until(happened, what):
    """Wait until `happened()` is true; a step."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "waited in vain for " + what
        yield 0.05


def comes(happened):
    """Wait until `happened()` is true, for as long as an undo may take; return whether it is; a step."""
    deadline = time.monotonic() + ENOUGH
    while not happened() and time.monotonic() < deadline:
        yield 0.05
    return happened()


def docker():
    """Return the docker of the only window."""
    return next(one for one in Krita.instance().dockers() if isinstance(one, SoftlightDocker))


def set_values(**values):
    """Change these values as a user does, who sees what the docker shows for the chosen layer."""
    docker()._look()
    docker().panel.set_values(dict(docker().panel.values(), **values))


class Ended:
    """Listens to the end of an operation, and to its progress."""

    def __init__(self):
        self.desk = docker().desk
        self.sentence = self.failed = None
        self.heard = []
        self.desk.ended.connect(self._end)
        self.desk.progressed.connect(self._progress)

    def _end(self, sentence, failed):
        self.sentence, self.failed = sentence, failed

    def _progress(self, done, text):
        if not self.heard or self.heard[-1] != [done, text]:
            self.heard.append([done, text])

    def forget(self):
        self.desk.ended.disconnect(self._end)
        self.desk.progressed.disconnect(self._progress)

    def working(self):
        """Whether the engine has begun with the filter itself."""
        return any(0.0 <= done < 1.0 and text.startswith(("Removing", "Adding")) for done, text in self.heard)


def perform(call, meanwhile=None, when=Ended.working):
    """Start an operation and wait for its end; returns [sentence, failed].

    `meanwhile` is called once, as soon as `when` says so of what was heard; left out, when the filter works.
    """
    ended = Ended()
    deadline = time.monotonic() + PATIENCE
    call()
    while ended.sentence is None:
        assert time.monotonic() < deadline, f"no end after {PATIENCE} s: {ended.heard[-3:]}"
        if meanwhile is not None and when(ended):
            meanwhile()
            meanwhile = None
        yield 0.01
    ended.forget()
    yield 0.2
    document = Krita.instance().activeDocument()
    if document is not None:
        yield from settled(document)
    return [ended.sentence, ended.failed]


def select(document, path, width, height, left=0, top=0):
    """Make a file of raw bytes the selection; a step."""
    selection = Selection()
    with open(path, "rb") as file:
        selection.setPixelData(QtCore.QByteArray(file.read()), left, top, width, height)
    document.setSelection(selection)
    yield from settled(document)


def trigger(document, action):
    """Trigger one of Krita's own actions; a step."""
    Krita.instance().action(action).trigger()
    yield 0.2
    yield from settled(document)
    yield 0.1


def choose(document, name):
    """Make the topmost layer of this name the active one, in a group only if need be; a step."""
    nodes = [one for one in document.topLevelNodes() if one.name() == name]
    node = (nodes or [one for one in every(document.rootNode()) if one.name() == name])[-1]
    document.setActiveNode(node)
    yield 0.15
    return node


def every(node):
    for child in node.childNodes():
        yield child
        yield from every(child)


def flat(document):
    """The picture as it shows."""
    return bytes(document.pixelData(0, 0, document.width(), document.height()))


def digest(data):
    return hashlib.sha256(data).hexdigest()


def keep(name, data):
    """Hand bytes to the test."""
    with open(os.path.join(OUT, name), "wb") as file:
        file.write(data)


def tree(node):
    """Layers as plain values, the lowest first; the picture's selection is none."""
    return [
        {
            "name": one.name(),
            "type": one.type(),
            "blend": one.blendingMode(),
            "opacity": one.opacity(),
            "visible": one.visible(),
            "box": [one.bounds().x(), one.bounds().y(), one.bounds().width(), one.bounds().height()],
            "inherits_alpha": one.inheritAlpha(),
            "pass_through": one.passThroughMode() if one.type() == "grouplayer" else None,
            "children": tree(one),
        }
        for one in node.childNodes()
        if one.type() != "selectionmask"
    ]


def walk(document, action, wanted):
    """Take each step back, or again, until there are the layers that are wanted; return what is seen then."""
    found = []
    for layers, _ in wanted:
        yield from trigger(document, action)
        yield from comes(lambda layers=layers: seen(document)[0] == layers)
        yield from settled(document)
        found.append(seen(document))
    return found


def seen(document):
    """The layers, how strong their own ones are, and the picture as it shows."""
    layers = [[one["name"], [own["opacity"] for own in one["children"]]] for one in tree(document.rootNode())]
    return [layers, digest(flat(document))]
