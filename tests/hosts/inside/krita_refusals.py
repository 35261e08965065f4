"""Pictures that Softlight cannot work on: what the docker says, and whether anything was changed.

Each function of `CASES` gets a picture with the layer "photo" and a selection, brings it into its state, and
returns what shall be called; without any, the filter is run.
"""

import os

from krita import Krita, Selection
from krita_tools import choose, close, digest, docker, every, flat, new_picture, perform, settled, tree

from softlight_krita import masks

SIZE = 64, 48
SRGB = "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"


def scenario(found):
    panel = docker().panel
    panel.choose_filter("soft_glow")
    found["cases"] = {}
    docker().desk.bake()
    found["buttons"] = [one.isEnabled() for one in (panel.run, panel.preview, panel.paint, panel.cancel)]
    for call in ("run", "preview", "run_again", "paint_mask", "toggle_result"):
        found["cases"][f"no picture: {call}"] = [*(yield from perform(getattr(docker(), call))), True]
    document = None
    for case in CASES:
        if document is None:
            document = yield from new_picture(*SIZE, SRGB, bytes(4 * SIZE[0] * SIZE[1]))
        else:
            yield from emptied(document)
        panel.set_source(masks.SELECTION)
        photo = yield from added(document, "photo")
        yield from chosen(document, photo)
        yield from selected(document)
        call = (yield from case(document, photo)) or docker().run
        yield from settled(document)
        document.setModified(False)
        before = state(document)
        told = yield from perform(call)
        yield from settled(document)
        found["cases"][case.__name__] = [*told, state(document) == before]
    yield from close(document)


def emptied(document):
    for node in document.topLevelNodes():
        node.setLocked(False)
        node.remove()
    yield from settled(document)


def added(document, name, kind="paintlayer", parent=None):
    group = kind == "grouplayer"
    node = document.createGroupLayer(name) if group else document.createNode(name, kind)
    if kind == "paintlayer":
        node.setPixelData(b"\x40\x50\x60\xff" * (SIZE[0] * SIZE[1]), 0, 0, *SIZE)
    (parent or document.rootNode()).addChildNode(node, None)
    yield from settled(document)
    return node


def chosen(document, node):
    document.setActiveNode(node)
    yield 0.15


def selected(document, left=10, top=10, width=20, height=12):
    selection = Selection()
    selection.select(left, top, width, height, 255)
    document.setSelection(selection)
    yield from settled(document)


def state(document):
    nodes = [(node.name(), node.locked(), node.visible()) for node in every(document.rootNode())]
    pixels = [
        digest(bytes(node.pixelData(0, 0, *SIZE)))
        for node in every(document.rootNode())
        if node.type() == "paintlayer"
    ]
    selection = document.selection()
    box = selection and [selection.x(), selection.y(), selection.width(), selection.height()]
    notes = sorted(document.annotationTypes())
    return flat(document), tree(document.rootNode()), nodes, pixels, box, notes, document.modified()


def nothing_selected(document, photo):
    document.setSelection(None)
    yield 0.05


def selected_off_the_canvas(document, photo):
    yield from selected(document, 200, 200)


def no_brush_mask(document, photo):
    docker().panel.set_source(masks.PAINTED)
    yield 0.05


def an_empty_brush_mask(document, photo):
    docker().panel.set_source(masks.PAINTED)
    layer = document.createNode(masks.LAYER_NAME, "paintlayer")
    document.rootNode().addChildNode(layer, None)
    yield from chosen(document, photo)


def nothing_below_the_brush_mask(document, photo):
    docker().panel.set_source(masks.PAINTED)
    layer = yield from added(document, masks.LAYER_NAME)
    photo.remove()
    yield from chosen(document, layer)


def no_layer(document, photo):
    photo.remove()
    yield 0.2


def several_layers(document, photo):
    yield from added(document, "second")
    Krita.instance().action("select_all_layers").trigger()
    yield 0.3
    assert len(Krita.instance().activeWindow().activeView().selectedNodes()) == 2


def a_hidden_layer(document, photo):
    photo.setVisible(False)
    document.refreshProjection()
    yield 0.05


def a_locked_layer(document, photo):
    photo.setLocked(True)
    yield 0.05


def a_layer_in_a_hidden_group(document, photo):
    group = yield from added(document, "group", "grouplayer")
    inner = yield from added(document, "inner", parent=group)
    group.setVisible(False)
    document.refreshProjection()
    yield from chosen(document, inner)


def a_layer_in_a_locked_group(document, photo):
    group = yield from added(document, "group", "grouplayer")
    inner = yield from added(document, "inner", parent=group)
    group.setLocked(True)
    yield from chosen(document, inner)


def a_lowest_pass_through_group(document, photo):
    group = yield from added(document, "group", "grouplayer")
    group.setPassThroughMode(True)
    inner = yield from added(document, "inner", parent=group)
    photo.remove()
    yield from settled(document)
    yield from chosen(document, inner)


def a_group(document, photo):
    group = yield from added(document, "group", "grouplayer")
    yield from added(document, "inner", parent=group)
    yield from chosen(document, group)


def a_vector_layer(document, photo):
    yield from chosen(document, (yield from added(document, "shapes", "vectorlayer")))


def a_file_layer(document, photo):
    layer = document.createFileLayer("file", os.environ["SOFTLIGHT_PICTURE"], "None")
    document.rootNode().addChildNode(layer, None)
    yield from settled(document)
    yield from chosen(document, layer)


def a_clone_layer(document, photo):
    layer = document.createCloneLayer("clone", photo)
    document.rootNode().addChildNode(layer, None)
    yield from settled(document)
    yield from chosen(document, layer)


def a_filter_layer(document, photo):
    krita = Krita.instance()
    layer = document.createFilterLayer("filter", krita.filter("invert"), document.selection())
    document.rootNode().addChildNode(layer, None)
    yield from settled(document)
    yield from chosen(document, layer)


def a_filter_mask(document, photo):
    mask = document.createFilterMask("mask", Krita.instance().filter("invert"), photo)
    photo.addChildNode(mask, None)
    yield from settled(document)
    yield from chosen(document, mask)


def a_transparency_mask(document, photo):
    if hasattr(document, "createTransparencyMask"):
        mask = document.createTransparencyMask("mask")
        mask.setPixelData(b"\xff" * (SIZE[0] * SIZE[1]), 0, 0, *SIZE)
        photo.addChildNode(mask, None)
        document.refreshProjection()
        yield from settled(document)
        yield from chosen(document, mask)
    else:
        yield from a_filter_mask(document, photo)


def an_animated_layer(document, photo):
    photo.enableAnimation()
    yield 0.1


def no_group_to_run_again(document, photo):
    yield 0.05
    return docker().run_again


def no_group_to_bake(document, photo):
    yield from a_group(document, photo)
    return docker().desk.bake


def no_group_to_hide(document, photo):
    yield 0.05
    return docker().toggle_result


def a_group_without_its_photo(document, photo):
    told = yield from perform(docker().run)
    assert not told[1], told
    photo.remove()
    yield from settled(document)
    yield from choose(document, "Soft glow")
    return docker().run_again


def a_damaged_record(document, photo):
    told = yield from perform(docker().run)
    assert not told[1], told
    (key,) = [key for key in document.annotationTypes() if key.startswith("softlight-")][-1:]
    document.setAnnotation(key, "", b'{"version": 1, "settings": []}')
    yield from choose(document, "Soft glow")
    return docker().run_again


def a_result_that_shows_nothing(document, photo):
    told = yield from perform(docker().run)
    assert not told[1], told
    (yield from choose(document, "Soft glow")).setVisible(False)
    document.refreshProjection()
    return docker().desk.bake


CASES = (
    nothing_selected,
    selected_off_the_canvas,
    no_brush_mask,
    an_empty_brush_mask,
    nothing_below_the_brush_mask,
    no_layer,
    several_layers,
    a_hidden_layer,
    a_locked_layer,
    a_layer_in_a_hidden_group,
    a_layer_in_a_locked_group,
    a_lowest_pass_through_group,
    a_group,
    a_vector_layer,
    a_file_layer,
    a_clone_layer,
    a_filter_layer,
    a_filter_mask,
    a_transparency_mask,
    an_animated_layer,
    no_group_to_run_again,
    no_group_to_bake,
    no_group_to_hide,
    a_group_without_its_photo,
    a_damaged_record,
    a_result_that_shows_nothing,
)
