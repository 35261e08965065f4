"""Krita in another language: all texts of the docker, an error, and a group of one language in another."""

import os

from krita import Krita
from krita_tools import choose, docker, open_picture, perform, tree, until

from softlight_bridge import translation
from softlight_krita.qt import QtCore, QtWidgets

OUT = os.environ["SOFTLIGHT_OUT"]
DOCKER = 420, 900
"""Pixels of the docker's picture."""


def scenario(found):
    document = yield from open_picture(os.environ["SOFTLIGHT_PICTURE"])
    panel = docker().panel
    docker().show()
    yield from until(docker().isVisible, "the docker")
    found["qt"] = QtCore.QLocale().uiLanguages()
    found["actions"] = actions()
    photo = document.topLevelNodes()[0]
    photo.setVisible(False)
    found["refused"] = yield from perform(docker().run)
    photo.setVisible(True)
    document.refreshProjection()
    yield 0.3

    docker().setFloating(True)
    docker().resize(*DOCKER)
    panel.choose_filter("dewrinkle")
    found["previewed"] = yield from perform(docker().preview)
    yield 0.5
    docker().grab().save(os.path.join(OUT, "docker.png"))
    found["texts"] = {}
    for described in panel._filters:
        panel.choose_filter(described.name)
        yield 0.2
        found["texts"][described.name] = texts(panel)
        docker().grab().save(os.path.join(OUT, described.name + ".png"))
    docker().show_models()
    yield from until(docker().models.tree.topLevelItemCount, "the models")
    found["texts"]["models"] = texts(docker().models)
    docker().grab().save(os.path.join(OUT, "models.png"))
    docker().show_filters()

    panel.choose_filter("dewrinkle")
    found["run"] = yield from perform(docker().run)
    found["layers"] = tree(document.rootNode())
    # The same picture for somebody who speaks English.
    translation.speak([])
    group = document.topLevelNodes()[-1].name()
    yield from choose(document, group)
    found["again"] = yield from perform(docker().run_again)
    found["again_layers"] = tree(document.rootNode())
    translation.speak(found["qt"])
    yield from choose(document, document.topLevelNodes()[-1].name())
    found["bake"] = yield from perform(docker().desk.bake)
    found["baked"] = tree(document.rootNode())


def actions():
    names = "run_dewrinkle", "paint_mask", "preview", "rerun", "bake", "toggle", "cancel", "models", "docker"
    return [Krita.instance().action("softlight_" + name).text() for name in names]


def texts(page):
    """Every text that a page holds, shown or not, and every tip."""
    told = set()
    for widget in page.findChildren(QtWidgets.QWidget):
        told.add(widget.toolTip())
        for read in ("text", "title", "placeholderText", "suffix", "prefix", "specialValueText"):
            if hasattr(widget, read):
                told.add(getattr(widget, read)())
        if isinstance(widget, QtWidgets.QComboBox):
            told.update(widget.itemText(index) for index in range(widget.count()))
        if isinstance(widget, QtWidgets.QTreeWidget):
            header = widget.headerItem()
            told.update(header.text(column) for column in range(widget.columnCount()))
        if isinstance(widget, QtWidgets.QMenu):
            told.update(action.text() for action in widget.actions())
    return sorted(text for text in told if isinstance(text, str) and text.strip())
