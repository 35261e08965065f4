"""What the buttons and the menu do: run, preview, run again, bake, find faces.

Each is a generator of steps (see `steps`). Nothing is put into the picture before everything is there.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, TypeVar

from krita import Document, View

from softlight_bridge.client import Engine
from softlight_bridge.errors import Cancelled
from softlight_bridge.faces import FaceList, FacesRequest
from softlight_bridge.messages import Box, Job, Preview, Raster, Result
from softlight_krita import baking, layers, memory, profiles, targets
from softlight_krita.encodings import Encoding, encoding_of
from softlight_krita.engine_call import EngineCall
from softlight_krita.masks import Mask, hide_brush_layer, marked
from softlight_krita.nodes import below, identity, is_open, lineage
from softlight_krita.reading import as_raster, read_below, read_layer
from softlight_krita.sentences import CHANGED, CLOSED, NO_PHOTO, UNMARKED, Refused
from softlight_krita.steps import Steps, until_idle

Report = Callable[[float, str], None]
Answer = TypeVar("Answer")


class Request(NamedTuple):
    """What the user asks for."""

    filter: str
    settings: dict[str, Any]
    source: str
    """Where the mask comes from: one of those that `masks` names."""
    whole: bool
    """Whether the filter works on whole faces where there is no mask."""
    alone: bool
    """Whether the filter sees the chosen layer alone, and not all that shows there."""


class Place(NamedTuple):
    """A picture as it was when the work began, and where in it the result goes."""

    document: Document
    encoding: Encoding
    size: tuple[int, int]
    target: str
    alone: bool


class Work:
    """The part of an operation that happens in the engine, and that can be cancelled.

    Parameters
    ----------
    engine : Engine
    report : callable
        Told the share that is done and what happens now.
    """

    def __init__(self, engine: Engine, report: Report) -> None:
        self._engine, self._report = engine, report
        self._call: EngineCall[Any] | None = None
        self._cancelled = False
        self.replaced: tuple[Document, str, str] | None = None
        """Which group's place another node has taken, in the end: the ids of both."""

    def cancel(self) -> None:
        """Stop the operation; its steps then raise `Cancelled`."""
        self._cancelled = True
        if self._call is not None:
            self._call.cancel()

    def join(self, seconds: float) -> None:
        """Give the engine's thread this time to end."""
        if self._call is not None:
            self._call.join(seconds)

    def run(self, document: Document, view: View | None, request: Request) -> Steps[tuple[str, ...]]:
        """Run a filter and add its group; return what the filter has to say."""
        place = _place(document, targets.target(document, view), request.alone)
        mask = marked(document, request.source, request.whole)
        yield  # Reading a mask of 2 megapixels takes 0.1 s, and a profile that is new 0.2 s.
        result = yield from self._result(place, request.filter, request.settings, mask)
        if not result.layers:
            return result.notes
        group = yield from layers.build(document, result, place.encoding)
        yield from self._ready(place)
        layers.add(document, group, place.target)
        _remember(place, group, result, request.settings, mask)
        hide_brush_layer(document)
        return _said(result)

    def preview(
        self, document: Document, view: View | None, request: Request, size: tuple[int, int]
    ) -> Steps[Preview]:
        """Return before and after of what `run` would do."""
        place = _place(document, targets.target(document, view), request.alone)
        mask = marked(document, request.source, request.whole)
        yield
        job = _job(place, request.filter, request.settings, mask)
        return (
            yield from self._answer(place, lambda read, tell: self._engine.preview(job, read, size, tell))
        )

    def run_again(
        self, document: Document, view: View | None, settings: dict[str, Any] | None
    ) -> Steps[tuple[str, ...]]:
        """Replace the chosen group by a new run with its own mask.

        Parameters
        ----------
        document : Document
        view : View or None
        settings : dict or None
            None takes those that the group was made with.
        """
        path = targets.softlight_group(document, view)
        record = memory.recall(document, path[-1])
        under = below(path)
        if record is None or under is None:
            raise Refused(NO_PHOTO.format(name=path[-1].name()))
        asked = record.asked if settings is None else settings
        place = _place(document, identity(under), record.alone)
        mask = _within(record.mask, place.size)
        old = identity(path[-1])
        result = yield from self._result(place, str(record.settings["filter"]), asked, mask)
        if not result.layers:
            return result.notes
        group = yield from layers.build(document, result, place.encoding)
        yield from self._ready(place)
        layers.replace(document, _still(document, old), group)
        self.replaced = document, old, identity(group)
        _remember(place, group, result, asked, mask)
        return _said(result)

    def bake(self, document: Document, view: View | None) -> Steps[tuple[str, ...]]:
        """Replace the chosen group by one normal layer."""
        path = targets.softlight_group(document, view)
        old, place = identity(path[-1]), _place(document, "", False)
        baked = yield from baking.bake(document, path)
        yield from self._ready(place)
        layers.replace(document, _still(document, old), baked)
        self.replaced = document, old, identity(baked)
        return ()

    def faces(self, document: Document, view: View | None, alone: bool, side: int) -> Steps[FaceList]:
        """Return the faces of the photo, below all that filters have made of it.

        Parameters
        ----------
        document : Document
        view : View or None
        alone : bool
            Whether the photo's layer alone is looked at.
        side : int
            Pixels of a thumbnail.
        """
        place = _place(document, identity(targets.photo(document, view)[-1]), alone)
        yield
        taken = place.encoding.stand_in
        request = FacesRequest(place.size, taken.format, profiles.transfer(taken), profiles.icc(taken), side)
        return (yield from self._answer(place, lambda read, tell: self._engine.faces(request, read, tell)))

    def _result(self, place: Place, name: str, settings: dict[str, Any], mask: Mask | None) -> Steps[Result]:
        job = _job(place, name, settings, mask)
        return (yield from self._answer(place, lambda read, tell: self._engine.run(job, read, tell)))

    def _answer(self, place: Place, call: Callable[[Any, Any], Answer]) -> Steps[Answer]:
        """Let the engine work, and give it the pixels that it wants."""
        self._check(place)
        self._call = running = EngineCall(call)
        try:
            while not running.finished:
                box = running.wanted
                if box is not None:
                    running.give((yield from self._pixels(place, box)))
                self._report(*running.progress)
                yield
                if not is_open(place.document):
                    raise Refused(CLOSED)
            return running.result()
        except Exception:
            # Whatever it was is raised again, once the thread has ended: before, Python may not collect
            # garbage, and the next run would meet this one.
            running.cancel()
            while not running.finished:
                yield
            raise
        finally:
            running.close()

    def _pixels(self, place: Place, box: Box) -> Steps[Raster]:
        read = read_layer if place.alone else read_below
        pixels = yield from read(place.document, place.target, box)
        self._check(place)
        return (yield from as_raster(pixels, box, place.encoding))

    def _ready(self, place: Place) -> Steps[None]:
        yield from until_idle(place.document)
        self._check(place)

    def _check(self, place: Place) -> None:
        if self._cancelled:
            raise Cancelled()
        if not is_open(place.document):
            raise Refused(CLOSED)
        if (place.encoding, place.size) != (encoding_of(place.document), _size(place.document)):
            raise Refused(CHANGED)


def _place(document: Document, target: str, alone: bool) -> Place:
    return Place(document, encoding_of(document), _size(document), target, alone)


def _size(document: Document) -> tuple[int, int]:
    return document.width(), document.height()


def _job(place: Place, name: str, settings: dict[str, Any], mask: Mask | None) -> Job:
    taken = place.encoding.stand_in
    return Job(
        filter=name,
        settings=settings,
        picture_size=place.size,
        format=taken.format,
        transfer=profiles.transfer(taken),
        icc=profiles.icc(taken),
        mask=None if mask is None else mask.raster,
        mask_origin=(0, 0) if mask is None else mask.origin,
        layer_format=taken.format,
        mask_depth="u8" if layers.has_masks(place.document) else None,
        blends=("normal", "soft-light") if place.encoding.understood else ("normal",),
    )


def _remember(place: Place, group: Any, result: Result, asked: dict[str, Any], mask: Mask | None) -> None:
    record = memory.Record(result.settings, asked, mask, place.alone, memory.layer_sizes(group))
    memory.remember(place.document, group, record)


def _said(result: Result) -> tuple[str, ...]:
    """What the user is told of layers that are in the picture."""
    return result.notes if result.source_type is None else (*result.notes, UNMARKED)


def _within(mask: Mask | None, size: tuple[int, int]) -> Mask | None:
    """The mask, if it still lies inside the picture."""
    if mask is None:
        return None
    right, bottom = mask.origin[0] + mask.raster.width, mask.origin[1] + mask.raster.height
    if right > size[0] or bottom > size[1]:
        raise Refused("The picture is smaller than when the group was made; run the filter anew.")
    return mask


def _still(document: Document, group: str) -> tuple[Any, ...]:
    path = lineage(document, group)
    if not path:
        raise Refused("The group is gone, so the new result was dropped.")
    return path
