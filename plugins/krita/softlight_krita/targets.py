"""Which layer the result goes on, and what cannot be worked on."""

from __future__ import annotations

from krita import Document, Node, View

from softlight_krita import memory
from softlight_krita.masks import is_brush_layer
from softlight_krita.nodes import below, identity, is_layer, isolates, lineage, neighbours, released
from softlight_krita.sentences import CHOOSE, NO_GROUP, NO_PHOTO, NOTHING_BELOW, SEVERAL, Refused

KINDS = {
    "grouplayer": "a group",
    "filelayer": "a file layer",
    "filterlayer": "a filter layer",
    "filllayer": "a fill layer",
    "clonelayer": "a clone layer",
    "vectorlayer": "a vector layer",
    "transparencymask": "a transparency mask",
    "filtermask": "a filter mask",
    "transformmask": "a transform mask",
    "selectionmask": "a selection mask",
    "colorizemask": "a colorize mask",
}


def target(document: Document, view: View | None) -> str:
    """Return the id of the layer that the result goes directly above.

    It is the chosen layer; below a brush mask, the layer under that; in a group that Softlight made, the
    group.

    Raises
    ------
    Refused
        When it is none that can be retouched.
    """
    path = chosen(document, view)
    if is_brush_layer(path[-1]):
        under = below(path)
        if under is None:
            raise Refused(NOTHING_BELOW)
        path = (*path[:-1], under)
    group = memory.group_of(document, path)
    if group is not None:
        path = path[: path.index(group) + 1]
    elif path[-1].type() != "paintlayer":
        kind = KINDS.get(path[-1].type(), "no layer of pixels")
        raise Refused(f"'{path[-1].name()}' is {kind}; choose the photo's own layer in the Layers docker.")
    _check(path)
    return identity(path[-1])


def chosen(document: Document, view: View | None) -> tuple[Node, ...]:
    """Return the chosen layer behind its parents.

    Raises
    ------
    Refused
        When none or several are chosen.
    """
    if view is not None and len(released(view.selectedNodes())) > 1:
        raise Refused(SEVERAL)
    active = document.activeNode()
    if active is None:
        raise Refused(CHOOSE)
    path = lineage(document, identity(active))
    if not path:
        raise Refused(CHOOSE)
    return path


def photo(document: Document, view: View | None) -> tuple[Node, ...]:
    """Return the layer that is retouched, behind its parents: the `target`, below all groups of ours there.

    Raises
    ------
    Refused
        As `target`, or when a group lies on nothing.
    """
    path = lineage(document, target(document, view))
    while memory.recall(document, path[-1]) is not None:
        under = below(path)
        if under is None:
            raise Refused(NO_PHOTO.format(name=path[-1].name()))
        path = (*path[:-1], under)
    return path


def softlight_group(document: Document, view: View | None) -> tuple[Node, ...]:
    """Return the chosen group that Softlight made, or the one directly above the chosen layer.

    Raises
    ------
    Refused
        When there is none.
    """
    path = chosen(document, view)
    group = memory.group_of(document, path)
    if group is not None:
        return path[: path.index(group) + 1]
    for node in neighbours(path)[1]:
        beside = (*path[:-1], node)
        if memory.group_of(document, beside) is not None:
            return beside
        if is_layer(node) and not is_brush_layer(node):
            break
    raise Refused(NO_GROUP)


def _check(path: tuple[Node, ...]) -> None:
    for node in path[1:]:
        if not node.visible():
            raise Refused(f"'{node.name()}' is hidden; show it in the Layers docker first.")
        if node.locked():
            raise Refused(f"'{node.name()}' is locked; unlock it in the Layers docker first.")
    for depth in range(1, len(path) - 1):
        group = path[depth]
        lowest = below(path[: depth + 1]) is None
        # Krita 5.1 to 6.0 then show nothing at all, whatever the second layer is.
        if lowest and not isolates(group) and isolates(path[depth - 1]):
            raise Refused(
                f"Krita shows nothing of the pass-through group '{group.name()}' once it holds a second "
                "layer, as no layer lies below it; put an empty layer below it, or turn pass through off."
            )
    if path[-1].animated():
        raise Refused(f"'{path[-1].name()}' is animated; copy the frame to a still layer, and choose that.")
