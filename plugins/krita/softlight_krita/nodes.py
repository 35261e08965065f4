"""Finding one's way in a document's layers.

Krita hands out a new wrapper at every call: nodes are told apart by their unique id, which also survives
saving and cloning a document.
"""

from __future__ import annotations

from typing import Iterator

from krita import Document, GroupLayer, Node

from softlight_krita.qt import sip


def released(nodes: list[Node]) -> list[Node]:
    """Take over the nodes of a list that Krita has returned, so that they go with their last reference.

    Otherwise they stay until Krita quits (5.1 to 6.0), and with them all pixels of layers and of whole
    documents that are gone.
    """
    for node in nodes:
        if not sip.ispyowned(node):
            sip.transferback(node)
    return nodes


def children(node: Node) -> list[Node]:
    """The nodes directly below `node`, the lowest first."""
    return released(node.childNodes())


def identity(node: Node) -> str:
    """Return the unique id of a node: "{8-4-4-4-12}"."""
    return str(node.uniqueId().toString())


def is_open(document: Document) -> bool:
    """Whether the document has not been closed since."""
    return document.rootNode() is not None


def idle(document: Document) -> bool:
    """Whether no stroke and no update of the picture is under way; never waits."""
    if document.tryBarrierLock():
        document.unlock()
        return True
    return False


def lineage(document: Document, wanted: str) -> tuple[Node, ...]:
    """Return the node of this id behind all its parents, the root first; empty when there is none."""
    root = document.rootNode()
    if root is None:
        return ()
    return _search((root,), wanted)


def _search(path: tuple[Node, ...], wanted: str) -> tuple[Node, ...]:
    for child in children(path[-1]):
        if identity(child) == wanted:
            return (*path, child)
        found = _search((*path, child), wanted)
        if found:
            return found
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Every node below `node`, the lowest first, parents before their children."""
    for child in children(node):
        yield child
        yield from walk(child)


def neighbours(path: tuple[Node, ...]) -> tuple[list[Node], list[Node]]:
    """The siblings below and above the last node of a `lineage`, each the lowest first."""
    siblings = children(path[-2])
    place = [identity(node) for node in siblings].index(identity(path[-1]))
    return siblings[:place], siblings[place + 1 :]


def isolates(node: Node) -> bool:
    """Whether a group blends its layers among themselves before they meet what is below."""
    return not (isinstance(node, GroupLayer) and node.passThroughMode())


def below(path: tuple[Node, ...]) -> Node | None:
    """The sibling directly below the last node of a `lineage` that is a layer."""
    lower = [node for node in neighbours(path)[0] if is_layer(node)]
    return lower[-1] if lower else None


def is_layer(node: Node) -> bool:
    """Whether it is a layer and not a mask."""
    return node.type().endswith("layer")
