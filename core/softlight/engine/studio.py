"""Doing a job: which pixels the filter needs, running it, and what the host gets of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.compositor import composite
from softlight.display import fitting, for_display, seen_over, shrink
from softlight.engine import faces
from softlight.engine.closeup import around_change, cut_out
from softlight.engine.host_layers import host_layers
from softlight.engine.pixels import to_array, to_raster
from softlight.errors import MaskError
from softlight.filters.registry import Filter, load
from softlight.filters.specification import settings_from_arguments
from softlight.layers import LayerStack
from softlight.picture import ColourEncoding, Picture, Transfer
from softlight.progress import Progress, part
from softlight.runtime import Runtime
from softlight.runtime.providers import Provider
from softlight_bridge.checking import LARGEST_RASTER
from softlight_bridge.faces import FaceList, FacesRequest
from softlight_bridge.messages import Box, Job, Preview, Raster, Result

LARGEST_KEPT = 256_000_000
"""Bytes of a finished stack that is kept for the next job: 20 megapixels of 16-bit RGB with mask."""


@dataclass(frozen=True, eq=False)
class Request:
    """A job of which everything but the photo's pixels has come."""

    job: Job
    filter: Filter
    settings: Any
    """The filter's own, settled."""
    mask: NDArray[Any] | None
    """Of the size of `box`; None: no brush, and the box is the whole photo."""
    box: Box
    """Which part of the photo the filter must see."""


def prepare(job: Job) -> Request:
    """Return what the filter needs of the photo.

    Raises
    ------
    SettingsError
        When a setting is unknown or out of its range, or there is no such filter.
    MaskError
        When nothing is painted, or so much that it exceeds what is taken at once.
    PictureError
        When there is no brush and the whole photo is more than that.
    """
    wanted = load(job.filter)
    settings: Any = settings_from_arguments(wanted.spec, wanted.settings_type, job.settings)
    if job.mask is None:
        if wanted.spec.brush == "needed":
            raise MaskError(f"{wanted.spec.label} works where a brush painted; paint a mask first.")
        box = faces.whole(job.picture_size)
        return Request(job, wanted, wanted.settle(None, settings, job.picture_size), None, box)
    painted = to_array(job.mask)[..., 0]
    settings = wanted.settle(painted, settings, job.picture_size)
    box = _clipped(wanted.area(painted, settings), job)
    return Request(job, wanted, settings, _moved(painted, job, box), box)


class Studio:
    """Runs filters on one warm runtime, and remembers the last result.

    Parameters
    ----------
    provider : {"auto", "directml", "cuda", "cpu"}
    """

    def __init__(self, provider: Provider) -> None:
        self._provider: Provider = provider
        self._runtime: Runtime | None = None
        self._kept: tuple[bytes, LayerStack] | None = None

    @property
    def runtime(self) -> Runtime:
        """The runtime, made at the first use."""
        if self._runtime is None:
            self._runtime = Runtime(self._provider)
        return self._runtime

    def result(self, request: Request, pixels: Raster, progress: Progress) -> Result:
        """Run the filter and return its layers as the host wants them.

        Raises
        ------
        SoftlightError
            From the filter.
        """
        picture, stack = self._run(request, pixels, progress)
        return host_layers(picture, stack, request.job, request.box)

    def preview(
        self, request: Request, pixels: Raster, largest: tuple[int, int], progress: Progress
    ) -> Preview:
        """Run the filter and return before, after and its view, at most of size `largest`.

        It shows what was painted and what has changed, with something around it.

        Raises
        ------
        SoftlightError
            From the filter.
        """
        spec = request.filter.spec
        ran = 0.7 if request.filter.view else 1.0
        picture, stack = self._run(request, pixels, part(progress, 0.0, ran))
        box = request.box
        shown = around_change(picture, stack, request.mask)
        part_before, part_stack = cut_out(picture, stack, shown)
        size = fitting(shown.width, shown.height, largest)
        before = for_display(part_before, size)
        after = for_display(composite(part_before, part_stack), size)
        view = None
        if request.filter.view is not None:
            rest = part(progress, ran, 1.0)
            seen = request.filter.view(picture, request.mask, request.settings, self.runtime, rest)
            seen = seen[shown.top : shown.top + shown.height, shown.left : shown.left + shown.width]
            view = to_raster(seen_over(before, shrink(seen, size)), "RGB")
        where = shown._replace(left=box.left + shown.left, top=box.top + shown.top)
        label = spec.view or ""
        return Preview(to_raster(before, "RGB"), to_raster(after, "RGB"), view, label, where)

    def faces(self, request: FacesRequest, pixels: Raster, progress: Progress) -> FaceList:
        """Return the faces of a photo; a job on it does not look for them again.

        Raises
        ------
        SoftlightError
            From the models.
        """
        return faces.answer(request, pixels, self.runtime, progress)

    def _run(self, request: Request, pixels: Raster, progress: Progress) -> tuple[Picture, LayerStack]:
        job = request.job
        picture = Picture(to_array(pixels), ColourEncoding(Transfer(job.transfer), job.icc))
        digest = _digest(request, pixels, self.runtime.fingerprint())
        if self._kept is not None and self._kept[0] == digest:
            progress(1.0, "Done")
            return picture, self._kept[1]
        self._kept = None
        stack = request.filter.run(picture, request.mask, request.settings, self.runtime, progress)
        if sum(layer.pixels.nbytes + layer.mask.nbytes for layer in stack.layers) <= LARGEST_KEPT:
            self._kept = digest, stack
        return picture, stack


def _clipped(area: tuple[int, int, int, int], job: Job) -> Box:
    (x, y), (width, height) = job.mask_origin, job.picture_size
    left, top = max(0, x + area[0]), max(0, y + area[1])
    right, bottom = min(width, x + area[2]), min(height, y + area[3])
    if (right - left) * (bottom - top) > LARGEST_RASTER:
        raise MaskError(
            f"The painted region needs more than {LARGEST_RASTER // 1_000_000} megapixels of the photo, "
            "which is more than Softlight takes at once; paint a smaller part."
        )
    return Box(int(left), int(top), int(right - left), int(bottom - top))


def _moved(painted: NDArray[Any], job: Job, box: Box) -> NDArray[Any]:
    """The mask at the place and size of `box`."""
    mask = np.zeros((box.height, box.width), painted.dtype)
    x, y = job.mask_origin[0] - box.left, job.mask_origin[1] - box.top
    height, width = painted.shape
    left, top, right, bottom = max(0, x), max(0, y), min(box.width, x + width), min(box.height, y + height)
    mask[top:bottom, left:right] = painted[top - y : bottom - y, left - x : right - x]
    return mask


def _digest(request: Request, pixels: Raster, models: str) -> bytes:
    """A fingerprint of all that decides what the filter returns; `models` is the runtime's."""
    job = request.job
    told = (
        job.filter,
        request.settings,
        pixels.format,
        job.transfer,
        request.box,
        None if request.mask is None else request.mask.dtype,
        models,
    )
    digest = hashlib.blake2b(repr(told).encode("utf-8"))
    digest.update(job.icc or b"")
    if request.mask is not None:
        digest.update(np.ascontiguousarray(request.mask).data)
    digest.update(pixels.data)
    return digest.digest()
