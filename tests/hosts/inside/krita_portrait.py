"""A retoucher's day in Krita: open, mark, run, undo, redo, save, reopen, run again, bake, paint."""

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
    open_picture,
    perform,
    select,
    settled,
    tree,
    trigger,
    until,
)

from softlight_krita import masks
from softlight_krita.encodings import encoding_of

PICTURE = os.environ["SOFTLIGHT_PICTURE"]
MASK = os.environ["SOFTLIGHT_MASK"]
SAVED = os.path.join(os.path.dirname(PICTURE), "De-wrinkle ü.kra")


def scenario(found):
    document = yield from open_picture(PICTURE)
    # 5.1 alone shows a new docker by itself; hidden, it follows no choice of layers.
    docker().show()
    yield from until(docker().isVisible, "the docker")
    size = found["size"] = [document.width(), document.height()]
    found["encoding"] = list(encoding_of(document))
    background = document.topLevelNodes()[0]

    def photo():
        return bytes(background.pixelData(0, 0, *size))

    before, untouched = flat(document), photo()
    keep("photo.raw", untouched)
    yield from select(document, MASK, *size)

    undo = Krita.instance().action("edit_undo")
    found["undo"] = [undo.text()]
    found["run"] = yield from perform(docker().run)
    after = flat(document)
    keep("run.raw", after)
    found["layers"] = tree(document.rootNode())
    found["active"] = document.activeNode().name()
    yield from trigger(document, "edit_undo")
    found["undo"].append(undo.text())
    yield from comes(lambda: flat(document) == before)
    found["undone"] = {"same": flat(document) == before, "layers": tree(document.rootNode())}
    yield from trigger(document, "edit_redo")
    yield from comes(lambda: flat(document) == after)
    found["redone"] = {"same": flat(document) == after, "layers": tree(document.rootNode())}

    document.setSelection(None)
    yield from settled(document)
    found["saved"] = document.saveAs(SAVED)
    yield from close(document)
    document = yield from open_picture(SAVED)
    background = document.topLevelNodes()[0]
    yield from settled(document)
    keep("reopened.raw", flat(document))
    found["reopened"] = {"same": flat(document) == after, "layers": tree(document.rootNode())}
    kinds = [kind for kind in document.annotationTypes() if kind.startswith("softlight-")]
    found["annotations"] = [bytes(document.annotation(kind)).decode() for kind in kinds]

    yield from choose(document, "De-wrinkle")
    # Until the docker has looked: what is set before, it replaces by the group's own settings.
    yield from until(lambda: docker()._own is not None, "the group's settings")
    found["shown"] = docker().panel.values()
    docker().panel.set_values(dict(docker().panel.values(), strength=0.5))
    found["again"] = yield from perform(docker().run_again)
    again = flat(document)
    keep("again.raw", again)
    found["again_layers"] = tree(document.rootNode())

    found["toggled"] = []
    for _ in range(2):
        docker().toggle_result()
        yield from settled(document)
        found["toggled"].append(flat(document) == before)

    yield from choose(document, "De-wrinkle")
    yield from trigger(document, "duplicatelayer")
    yield from until(lambda: len(document.topLevelNodes()) > 2, "the duplicate")
    names = [node.name() for node in document.topLevelNodes()]
    found["duplicate"] = names
    copy = next(name for name in names if "De-wrinkle" in name and name != "De-wrinkle")
    yield from choose(document, "De-wrinkle")
    (yield from choose(document, "De-wrinkle")).remove()
    yield from settled(document)
    yield from choose(document, background.name())
    yield from until(lambda: docker()._own is None, "the user's own settings")
    found["own"] = docker().panel.values()
    # Quicker than the docker's next look at the chosen layer.
    docker()._timer.stop()
    yield from choose(document, copy)
    found["again_on_duplicate"] = yield from perform(docker().run_again)
    docker()._timer.start()
    keep("on_duplicate.raw", flat(document))

    found["bake"] = yield from perform(docker().desk.bake)
    keep("baked.raw", flat(document))
    found["baked"] = tree(document.rootNode())

    (yield from choose(document, "De-wrinkle (baked)")).remove()
    yield from settled(document)
    yield from choose(document, background.name())
    docker().reset()
    docker().panel.set_source(masks.PAINTED)
    found["no_mask"] = yield from perform(docker().run)
    found["painting"] = yield from perform(docker().paint_mask)
    found["painting_on"] = document.activeNode().name()
    found["colour"] = Krita.instance().activeWindow().activeView().foregroundColor().components()
    found["empty_mask"] = yield from perform(docker().run)
    with open(MASK, "rb") as file:
        alpha = file.read()
    paint = bytearray(4 * len(alpha))
    paint[2::4], paint[3::4] = b"\xff" * len(alpha), alpha
    document.activeNode().setPixelData(bytes(paint), 0, 0, *size)
    document.refreshProjection()
    yield from settled(document)
    # A layer above, which the filter must not see: the result is the one of the photo alone.
    above = document.createNode("Above", "paintlayer")
    above.setPixelData(b"\x40\x80\xc0\xff" * (size[0] * size[1]), 0, 0, *size)
    document.rootNode().addChildNode(above, None)
    yield from settled(document)
    yield from choose(document, background.name())
    found["painted"] = yield from perform(docker().run)
    found["painted_layers"] = tree(document.rootNode())
    above.setVisible(False)
    document.refreshProjection()
    yield from settled(document)
    found["painted_same"] = flat(document) == after
    found["photo_same"] = photo() == untouched
    found["digest"] = digest(after)
    yield from close(document)
