"""De-wrinkle on whole faces in Krita: found, chosen, looked at, run, saved, run again."""

import os

from krita import Krita
from krita_tools import (
    choose,
    close,
    comes,
    digest,
    docker,
    flat,
    keep,
    new_picture,
    open_picture,
    perform,
    select,
    set_values,
    settled,
    tree,
    trigger,
    until,
)

from softlight_krita import masks

PICTURE = os.environ["SOFTLIGHT_PICTURE"]
MASK = os.environ["SOFTLIGHT_MASK"]
SAVED = os.path.join(os.path.dirname(PICTURE), "Gesichter.kra")
PLAIN = 320, 240
SRGB = "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"


def scenario(found):
    docker().show()
    yield from until(docker().isVisible, "the docker")
    document = yield from open_picture(PICTURE)
    size = found["size"] = [document.width(), document.height()]
    background = document.topLevelNodes()[0]
    untouched = digest(bytes(background.pixelData(0, 0, *size)))
    keep("photo.raw", flat(document))
    yield from sources(found, document, size)
    yield from searched(found)
    yield from all_faces(found, document)
    yield from one_face(found, document, size)
    yield from saved(found, document, size)
    document = Krita.instance().activeDocument()
    background = document.topLevelNodes()[0]
    found["photo_same"] = digest(bytes(background.pixelData(0, 0, *size))) == untouched
    yield from others(found, document)
    yield from close(document)


def shown():
    """What the docker says about the mask and the faces."""
    panel, chooser = docker().panel, docker().panel.chooser
    docker()._look()
    return [panel._source.itemText(0), not chooser.isHidden(), chooser.filled, chooser.value()]


def sources(found, document, size):
    """Automatic takes the brush mask, else the selection, else whole faces."""
    found["nothing_marked"] = shown()
    yield from select(document, MASK, *size)
    found["selected"] = shown()
    found["painting"] = yield from perform(docker().paint_mask)
    found["painted"] = [*shown(), docker().panel.source == masks.AUTOMATIC]
    document.activeNode().remove()
    document.setSelection(None)
    yield from settled(document)
    yield from choose(document, document.topLevelNodes()[0].name())


def search():
    """Look for faces, and return how it ended."""
    desk, chooser = docker().faces, docker().panel.chooser
    heard = []
    desk.progressed.connect(lambda done, text: heard.append([done, text]))
    docker().find_faces()
    assert desk.busy, "no search began"
    yield from until(lambda: not desk.busy, "the end of the search")
    yield 0.1
    return {"note": chooser._note.text(), "words": chooser._words.text(), "heard": len(heard)}


def searched(found):
    chooser = docker().panel.chooser
    docker().find_faces()
    docker().faces.cancel()
    yield from until(lambda: not docker().faces.busy, "the end of a search that was stopped")
    found["stopped"] = [chooser._note.text(), chooser.filled, chooser._find.text()]
    found["search"] = yield from search()
    items = chooser._row._items()
    found["thumbnails"] = [item.icon().actualSize(chooser._row.iconSize()).width() for item in items]


def all_faces(found, document):
    before = flat(document)
    pictures = []
    docker().desk.previewed.connect(pictures.append)
    found["preview"] = yield from perform(docker().preview)
    assert len(pictures) == 1, (found["preview"], found["search"])
    (preview,) = pictures
    found["previewed"] = {
        "label": preview.view_label,
        "map": bytes(preview.view.data) != bytes(preview.before.data),
        "after": bytes(preview.after.data) != bytes(preview.before.data),
        "same": flat(document) == before,
    }
    found["run"] = yield from perform(docker().run)
    keep("all.raw", flat(document))
    found["layers"] = tree(document.rootNode())
    found["bake"] = yield from perform(docker().desk.bake)
    keep("baked.raw", flat(document))
    yield from trigger(document, "edit_undo")
    yield from until(lambda: len(document.topLevelNodes()) > 1, "the group again")
    yield from settled(document)
    found["undone"] = [document.topLevelNodes()[1].name()]
    yield from trigger(document, "edit_undo")
    found["undone"].append((yield from comes(lambda: flat(document) == before)))
    yield from choose(document, document.topLevelNodes()[0].name())


def one_face(found, document, size):
    panel = docker().panel
    set_values(faces="2", forehead=0.0, mouth=0.5)
    found["chosen"] = [panel.chooser.value(), panel.chooser._words.text()]
    # The last one stays, whatever is clicked.
    panel.chooser._row._items()[1].setSelected(False)
    found["last"] = [panel.chooser.value(), panel.chooser._note.text()]
    found["one"] = yield from perform(docker().run)
    keep("one.raw", flat(document))
    found["one_layers"] = tree(document.rootNode())
    (key,) = [key for key in document.annotationTypes() if key.startswith("softlight-")][-1:]
    found["record"] = bytes(document.annotation(key)).decode()


def saved(found, document, size):
    assert document.saveAs(SAVED)
    yield from close(document)
    document = yield from open_picture(SAVED)
    yield from settled(document)
    yield from choose(document, "De-wrinkle")
    shown()
    # Quicker than the docker's next look at the chosen layer.
    docker()._timer.stop()
    yield from choose(document, document.topLevelNodes()[0].name())
    docker().reset()
    found["reset"] = [docker()._own is None, docker().panel.values() == docker().panel.filter.defaults()]
    # A selection decides about the next run, and not about a group that was made of whole faces.
    yield from select(document, MASK, *size)
    yield from choose(document, "De-wrinkle")
    found["group"] = [*shown(), *map(docker().panel.values().get, ("forehead", "mouth"))]
    docker()._timer.start()
    found["again"] = yield from perform(docker().run_again)
    keep("again.raw", flat(document))
    found["again_layers"] = tree(document.rootNode())
    document.setSelection(None)
    yield from settled(document)


def others(found, document):
    """What cannot be done with whole faces, in a sentence each."""
    yield from choose(document, document.topLevelNodes()[0].name())
    before = flat(document), tree(document.rootNode())
    docker().reset()
    set_values(target="everything")
    found["everything"] = yield from perform(docker().run)
    docker().reset()
    set_values(faces="7")
    found["no_such_face"] = yield from perform(docker().run)
    found["unchanged"] = before == (flat(document), tree(document.rootNode()))
    set_values(faces="1")
    docker().hide()
    plain = yield from new_picture(*PLAIN, SRGB, b"\x60\x80\xa0\xff" * (PLAIN[0] * PLAIN[1]))
    yield from choose(plain, plain.topLevelNodes()[0].name())
    found["no_face_run"] = yield from perform(docker().run)
    docker().show()
    found["other_photo"] = shown()
    found["no_face"] = yield from search()
    found["no_face_layers"] = len(plain.topLevelNodes())
    yield from close(plain)
