"""Messages as header and blobs, and back: the one place that knows how each is spelt on the wire.

A `pack_…` gives what `Line.send` takes. An `unpack_…` checks the header completely, sizes before all, and
only then receives the blobs; what does not fit raises `WireError`.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from softlight_bridge import checking
from softlight_bridge.errors import BridgeError, EngineError
from softlight_bridge.messages import (
    DEPTHS,
    Box,
    Bytes,
    Job,
    PixelFormat,
    Preview,
    Raster,
    Result,
    ResultLayer,
)
from softlight_bridge.source_types import is_term
from softlight_bridge.wire import Line

Packed = Tuple[Dict[str, Any], List[Bytes]]

BLENDS = ("normal", "soft-light")
LARGEST_PROFILE = 64000000
"""Bytes of an ICC profile; those of printers with fine tables have a few million."""
MOST_LAYERS = 100


def pack_job(job: Job, preview_size: tuple[int, int] | None) -> Packed:
    """A job, and for which size of screen a preview of it is wanted (None: the layers)."""
    header = {
        "type": "job",
        "filter": job.filter,
        "settings": job.settings,
        "picture_size": pack_size(*job.picture_size),
        "format": job.format._asdict(),
        "transfer": job.transfer,
        "profile": 0 if job.icc is None else len(job.icc),
        "mask": None if job.mask is None else pack_raster(job.mask),
        "mask_origin": {"left": job.mask_origin[0], "top": job.mask_origin[1]},
        "layer_format": job.layer_format._asdict(),
        "mask_depth": job.mask_depth,
        "blends": list(job.blends),
        "preview": None if preview_size is None else pack_size(*preview_size),
    }
    return header, [b"" if job.icc is None else job.icc] + ([] if job.mask is None else [job.mask.data])


def unpack_job(line: Line, header: dict[str, Any]) -> tuple[Job, tuple[int, int] | None]:
    """The inverse of `pack_job`."""
    width, height = checking.sides(header, "picture_size")
    origin = checking.part(header, "mask_origin")
    left = checking.whole(origin, "left", 0, width - 1)
    top = checking.whole(origin, "top", 0, height - 1)
    mask = None if header.get("mask") is None else Described(header, "mask")
    if mask is not None and mask.format.channels != "Y":
        raise checking.garbled("mask")
    if mask is not None and (left + mask.width > width or top + mask.height > height):
        raise checking.garbled("mask")
    layer_format = checking.pixel_format(header, "layer_format")
    if layer_format.channels not in ("YA", "RGBA", "BGRA"):
        raise checking.garbled("layer_format")
    form = checking.pixel_format(header, "format")
    if layer_format.channels == "YA" and form.channels not in ("Y", "YA"):
        raise checking.garbled("layer_format")
    if header.get("mask_depth") is not None:
        checking.one_of(header, "mask_depth", tuple(DEPTHS))
    blends = checking.sentences(header, "blends", 2)
    if "normal" not in blends or not set(blends) <= set(BLENDS):
        raise checking.garbled("blends")
    preview = None if header.get("preview") is None else checking.size(checking.part(header, "preview"))
    # All is checked before the first blob is received.
    name, settings = checking.text(header, "filter"), checking.plain(header, "settings")
    transfer = checking.one_of(header, "transfer", ("perceptual", "linear"))
    job = Job(
        filter=name,
        settings=settings,
        picture_size=(width, height),
        format=form,
        transfer=transfer,
        icc=unpack_profile(line, header),
        mask=None if mask is None else mask.receive(line),
        mask_origin=(left, top),
        layer_format=layer_format,
        mask_depth=header.get("mask_depth"),
        blends=blends,
    )
    return job, preview


def pack_need(box: Box) -> Packed:
    """The engine's question for this part of the photo."""
    return {"type": "need", "box": box._asdict()}, []


def unpack_need(header: dict[str, Any], picture_size: tuple[int, int]) -> Box:
    """The inverse of `pack_need`; the box lies inside the picture."""
    return inside(checking.box(header, "box"), picture_size)


def pack_pixels(pixels: Raster) -> Packed:
    """The answer to `pack_need`."""
    return {"type": "pixels", "pixels": pack_raster(pixels)}, [pixels.data]


def unpack_pixels(line: Line, header: dict[str, Any], expected: Box, form: PixelFormat) -> Raster:
    """The inverse of `pack_pixels`; it is exactly what was asked for."""
    pixels = Described(header, "pixels")
    if (pixels.width, pixels.height, pixels.format) != (expected.width, expected.height, form):
        raise checking.garbled("pixels")
    return pixels.receive(line)


def pack_progress(done: float, text: str) -> Packed:
    """How far the job is."""
    return {"type": "progress", "done": done, "text": text}, []


def unpack_progress(header: dict[str, Any]) -> tuple[float, str]:
    """The inverse of `pack_progress`."""
    return checking.number(header, "done", 0, 1), checking.text(header, "text", 500)


def pack_error(kind: str, sentence: str, models: tuple[str, ...] = ()) -> Packed:
    """Why there is no result."""
    return {"type": "error", "kind": kind, "sentence": sentence, "models": list(models)}, []


def unpack_error(header: dict[str, Any]) -> EngineError:
    """The inverse of `pack_error`."""
    sentence, kind = checking.text(header, "sentence", 4000), checking.text(header, "kind")
    return EngineError(sentence, kind, checking.sentences(header, "models", 1000))


def pack_result(result: Result) -> Packed:
    """The layers."""
    blobs: list[Bytes] = []
    layers = []
    for layer in result.layers:
        described: dict[str, Any] = {
            "name": layer.name,
            "blend": layer.blend,
            "opacity": layer.opacity,
            "box": layer.box._asdict(),
            "pixels": pack_raster(layer.pixels),
            "mask": None if layer.mask is None else pack_raster(layer.mask),
        }
        layers.append(described)
        blobs.append(layer.pixels.data)
        if layer.mask is not None:
            blobs.append(layer.mask.data)
    header = {
        "type": "result",
        "group": result.group,
        "layers": layers,
        "settings": result.settings,
        "notes": list(result.notes),
        "source_type": result.source_type,
    }
    return header, blobs


def unpack_result(line: Line, header: dict[str, Any], job: Job) -> Result:
    """The inverse of `pack_result`; the layers are of the kind and in the picture that the job asked for."""
    described = [_DescribedLayer(one, job) for one in checking.items(header, "layers", MOST_LAYERS)]
    group = checking.text(header, "group")
    settings = checking.part(header, "settings")
    notes = checking.sentences(header, "notes", 100)
    source_type = None if header.get("source_type") is None else checking.text(header, "source_type")
    if source_type is not None and not is_term(source_type):
        raise checking.garbled("source_type")
    return Result(group, tuple(layer.receive(line) for layer in described), settings, notes, source_type)


def pack_preview(preview: Preview) -> Packed:
    """Before and after."""
    header = {
        "type": "preview",
        "before": pack_raster(preview.before),
        "after": pack_raster(preview.after),
        "view": None if preview.view is None else pack_raster(preview.view),
        "view_label": preview.view_label,
        "box": preview.box._asdict(),
    }
    rasters = [preview.before, preview.after] + ([] if preview.view is None else [preview.view])
    return header, [raster.data for raster in rasters]


def unpack_preview(line: Line, header: dict[str, Any], job: Job, size: tuple[int, int]) -> Preview:
    """The inverse of `pack_preview`; the pictures are RGB and no larger than asked for."""
    label, box = checking.text(header, "view_label"), inside(checking.box(header, "box"), job.picture_size)
    names = ["before", "after"] + ([] if header.get("view") is None else ["view"])
    described = [Described(header, name) for name in names]
    for one in described:
        fits = one.width <= size[0] and one.height <= size[1]
        if one.format != PixelFormat("RGB", "u8") or not fits or one.size != described[0].size:
            raise checking.garbled("preview")
    before, after, *view = [one.receive(line) for one in described]
    return Preview(before, after, view[0] if view else None, label, box)


class Described:
    """A raster whose header was checked and whose pixels have not come yet."""

    def __init__(self, header: dict[str, Any], name: str) -> None:
        found = checking.part(header, name)
        self.size = self.width, self.height = checking.size(found)
        self.format = checking.pixel_format(found, "format")

    def receive(self, line: Line) -> Raster:
        data = line.receive_blob(self.width * self.height * self.format.pixel_bytes)
        return Raster(self.width, self.height, self.format, data)


class _DescribedLayer:
    """A layer of which the same holds."""

    def __init__(self, header: Any, job: Job) -> None:
        if not isinstance(header, dict):
            raise checking.garbled("layers")
        self.name = checking.text(header, "name")
        self.blend = checking.one_of(header, "blend", job.blends)
        self.opacity = checking.number(header, "opacity", 0, 1)
        self.box = inside(checking.box(header, "box"), job.picture_size)
        self.pixels = Described(header, "pixels")
        self.mask = None if job.mask_depth is None else Described(header, "mask")
        fits = (
            self.pixels.size == (self.box.width, self.box.height) and self.pixels.format == job.layer_format
        )
        if self.mask is not None and job.mask_depth is not None:
            fits = fits and self.mask.size == self.pixels.size
            fits = fits and self.mask.format == PixelFormat("Y", job.mask_depth)
        if not fits:
            raise checking.garbled("layers")

    def receive(self, line: Line) -> ResultLayer:
        pixels = self.pixels.receive(line)
        mask = None if self.mask is None else self.mask.receive(line)
        return ResultLayer(self.name, self.blend, self.opacity, self.box, pixels, mask)


def unpack_profile(line: Line, header: dict[str, Any]) -> bytes | None:
    """Receive the ICC profile of a header that was checked otherwise; the first blob of its message."""
    profile = checking.whole(header, "profile", 0, LARGEST_PROFILE)
    return bytes(line.receive_blob(profile)) if profile else None


def inside(box: Box, picture_size: tuple[int, int]) -> Box:
    """Return a box that lies inside the picture."""
    if box.left + box.width > picture_size[0] or box.top + box.height > picture_size[1]:
        raise checking.garbled("box")
    return box


def pack_size(width: int, height: int) -> dict[str, int]:
    """The header of a size."""
    return {"width": width, "height": height}


def pack_raster(raster: Raster) -> dict[str, Any]:
    """The header of a raster; one whose data has another length is a defect of the caller's."""
    if raster.width * raster.height > checking.LARGEST_RASTER:
        raise BridgeError(
            f"The painted region is larger than {checking.LARGEST_RASTER // 1000000} megapixels, "
            "which is more than Softlight takes at once; work on a part of it."
        )
    expected = raster.width * raster.height * raster.format.pixel_bytes
    if memoryview(raster.data).nbytes != expected:
        raise ValueError(
            "a raster of {} x {} {} {} has {} bytes, not {}".format(
                raster.width, raster.height, *raster.format, expected, memoryview(raster.data).nbytes
            )
        )
    return {"width": raster.width, "height": raster.height, "format": raster.format._asdict()}
