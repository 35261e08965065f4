"""From a change of a face to its layer, block by block."""

from __future__ import annotations

from softlight.filters import boxes
from softlight.filters.composite import Composite
from softlight.filters.edit.change import Change
from softlight.filters.edit.settings import EditSettings
from softlight.filters.face_scope import Scope
from softlight.filters.result import ResultLayers
from softlight.layers import BlendMode, Layer

BLOCK = 1024
"""Px of a block of a face that is finished at once."""


def finished(
    scope: Scope, change: Change, below: Composite, settings: EditSettings, name: str
) -> tuple[Layer, ...]:
    """Return the layer of one attribute; none where nothing changes.

    Parameters
    ----------
    scope : Scope
    change : Change
    below : Composite
        What lies below the layer.
    settings : EditSettings
    name : str
        Of the layer.
    """
    picture = scope.picture
    box = change.box(picture).within(scope.area)
    if box.empty:
        return ()
    result = ResultLayers(picture, name, box.edges, BlendMode.NORMAL)
    for block in boxes.cut(box, BLOCK):
        if not scope.painted(block):
            continue
        around = boxes.grown(block, change.margin).within(boxes.whole_of(picture))
        after, done = change.made(below.seen(around), block, around)
        result.add_working(block, after, scope.weights(block) * done)
    return result.layers(settings.strength)
