"""From what is selected in GIMP to an engine's job, and from its result to layers."""

from __future__ import annotations

from typing import Any, NamedTuple

from gi.repository import Gimp

from softlight_bridge.client import Engine, Progress
from softlight_bridge.messages import Box, Job, Raster, Result
from softlight_bridge.specifications import Filter
from softlight_gimp import brush_mask, inserting, marking, masking, places, reading, records, results
from softlight_gimp.encoding import encoding_of
from softlight_gimp.masks import Mask
from softlight_gimp.refusals import NothingMarked, Refusal

BLENDS = ("normal", "soft-light")


class Task(NamedTuple):
    """What the user asks for; nothing has been read yet, so that the picture may still change."""

    image: Gimp.Image
    drawables: tuple[Gimp.Drawable, ...]
    filter: Filter
    settings: dict[str, Any]
    input: str
    mask: str
    """One of the sources of `masking`."""
    replaced: Gimp.GroupLayer | None = None
    """An earlier result that the new one takes the place of."""

    def place(self) -> places.Place:
        """Return where the result goes now."""
        if self.replaced is None:
            return places.find_place(self.image, list(self.drawables))
        above = places.above(self.image, self.replaced)
        layers = places.siblings(self.image, above.parent)[above.position + 1 :]
        visible = [layer for layer in layers if layer.get_visible()]
        return above._replace(position=above.position + 1, photo=visible[0] if visible else None)


class Prepared(NamedTuple):
    """A job for the engine, and how it gets the pixels."""

    job: Job
    photo: reading.Photo
    record: records.Record
    """Without the settings that the engine found."""


def prepare(task: Task) -> Prepared:
    """Read what the engine is told first: all but the photo's pixels.

    Raises
    ------
    Refusal
        When the picture is not in a state to be worked on.
    """
    _check_there(task)
    place = task.place()
    size = task.image.get_width(), task.image.get_height()
    mask = _mask(task, size)
    below = reading.photo_at(place, task.input)

    def read(box: Box) -> Raster:
        # The engine asks later, and an engine that has to start first, seconds later.
        _check_there(task)
        return below.read(box)

    photo = below._replace(read=read)
    encoding = encoding_of(task.image)
    job = Job(
        filter=task.filter.name,
        settings=task.settings,
        picture_size=size,
        format=photo.format,
        transfer="perceptual",
        icc=encoding.icc(),
        mask=None if mask is None else mask.raster,
        mask_origin=(0, 0) if mask is None else mask.origin,
        layer_format=encoding.wire(alpha=True),
        mask_depth=encoding.mask_depth,
        blends=BLENDS,
    )
    settings = {**task.settings, "filter": task.filter.name}
    return Prepared(job, photo, records.Record(settings, task.input, size, mask))


def check(task: Task) -> None:
    """Refuse what no setting of the dialog could make work.

    Raises
    ------
    Refusal
        As `prepare`; not for a missing mask where the filter can work on whole faces instead.
    """
    try:
        prepare(task)
    except NothingMarked:
        if task.filter.brush == "needed":
            raise


def _check_there(task: Task) -> None:
    """Refuse when what the task is about is gone: beside an open dialog the user goes on working in GIMP."""
    if not task.image.is_valid():
        raise Refusal("The picture was closed meanwhile; open it again, then run the filter there.")
    items = (task.replaced,) if task.replaced is not None else task.drawables
    if not all(item.is_valid() for item in items):
        raise Refusal("The layer was removed meanwhile; select the photo's layer, then run again.")


def _mask(task: Task, size: tuple[int, int]) -> Mask | None:
    if task.replaced is None or task.mask != masking.AUTOMATIC:
        needed = task.filter.brush == "needed"
        return masking.read_mask(task.image, list(task.drawables), task.mask, needed=needed)
    record = results.read(task.replaced)
    if record.mask is None:
        return None
    if record.picture_size != size:
        raise Refusal(
            "The picture has another size than when this group was made, so that its mask does not fit; "
            "run it again with a selection or a brush mask."
        )
    return record.mask


def finish(task: Task, prepared: Prepared, result: Result) -> tuple[Gimp.GroupLayer | None, Result]:
    """Insert a result, and return its group and what there is to say.

    There is no group when the result has no layers; an earlier result then stays as it is.
    """
    if not result.layers:
        return None, result
    _check_there(task)
    mark = marking.prepare(task.image, result.source_type)
    group = inserting.insert(
        task.place(),
        result,
        prepared.record._replace(settings=result.settings),
        replaced=task.replaced,
        used_masks=() if prepared.record.mask is None else _used_masks(task),
        mark=mark,
    )
    return group, result._replace(notes=(*result.notes, *mark.notes()))


def _used_masks(task: Task) -> list[Gimp.Layer]:
    painted = brush_mask.brush_masks(task.image.get_layers())
    used = [layer for layer in painted if layer in task.drawables]
    return used or [layer for layer in painted if layer.get_visible()]


def run(task: Task, engine: Engine, progress: Progress) -> tuple[Gimp.GroupLayer | None, Result]:
    """Run a filter to its end in this thread, and insert the result.

    Returns
    -------
    The group, or None when there was nothing to change, and the result with its notes.

    Raises
    ------
    Refusal, BridgeError
        The image is then as it was.
    """
    prepared = prepare(task)
    result = engine.run(prepared.job, prepared.photo.read, progress)
    return finish(task, prepared, result)
