"""Which filters there are: every folder beside this file that declares a `SPEC`. Nothing else lists them.

Importing this module and asking for the specifications loads no numpy; a filter's own code comes with `load`.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import softlight.filters
from softlight.errors import UnknownSettingError
from softlight.filters.specification import FilterSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from softlight.layers import LayerStack

    Mask = NDArray[Any] | None
    Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Filter:
    """What a filter does, for everybody who runs it: `FILTER` in its module ``filter``.

    A caller settles the settings, asks for the area, and may then run the filter on that part of the
    picture only: the layers are bit for bit those of the whole picture, less the part's offset. Where
    `FilterSpec.brush` is "optional", the mask may be `None`: the filter then works on whole faces, sees the
    whole picture, and is not asked for an area.

    Parameters
    ----------
    spec : FilterSpec
    settings_type : type
        The frozen dataclass of its settings.
    settle : callable
        ``(mask, settings, (width, height)) -> settings``: decides what the settings leave to the filter and
        what depends on the whole picture's size. The mask may be any part of the picture's that holds all
        that was painted. Settings that are settled stay as they are.
    area : callable
        ``(mask, settled settings) -> (left, top, right, bottom)``: the pixels that the filter must see,
        counted from the mask's left upper pixel; it may reach beyond the mask and the picture, and the caller
        clips it to the picture.
    run : callable
        ``(picture, mask, settings, runtime, progress) -> LayerStack``.
    view : callable, optional
        ``(picture, mask, settings, runtime, progress) -> ndarray``: what the filter sees under the
        label `FilterSpec.view`, as float32 of shape (height, width), 0..1.
    """

    spec: FilterSpec
    settings_type: type
    settle: Callable[[Mask, Any, tuple[int, int]], Any]
    area: Callable[[NDArray[Any], Any], Box]
    run: Callable[..., LayerStack]
    view: Callable[..., NDArray[np.float32]] | None = None

    def __post_init__(self) -> None:
        if (self.view is None) != (self.spec.view is None):
            raise ValueError(f"{self.spec.name}: a view and its label go together")


def specifications() -> tuple[FilterSpec, ...]:
    """Return what every filter says about itself, in the order of their labels.

    Raises
    ------
    ValueError
        When a folder has another name than the filter in it, which is a mistake of the filter's author.
    """
    found = []
    for module in pkgutil.iter_modules(softlight.filters.__path__):
        settings = f"softlight.filters.{module.name}.settings"
        if not module.ispkg or importlib.util.find_spec(settings) is None:
            continue
        spec: FilterSpec = importlib.import_module(settings).SPEC
        if spec.name != module.name:
            raise ValueError(f"the folder of the filter {spec.name!r} is called {module.name!r}")
        found.append(spec)
    return tuple(sorted(found, key=lambda spec: spec.label))


def specification(name: str) -> FilterSpec:
    """Return the specification of one filter.

    Raises
    ------
    UnknownSettingError
        When there is no such filter.
    """
    known = {spec.name: spec for spec in specifications()}
    if name not in known:
        raise UnknownSettingError(f"There is no filter '{name}'; there is {', '.join(known)}.")
    return known[name]


def load(name: str) -> Filter:
    """Return a filter ready to run; this imports numpy and all it needs.

    Raises
    ------
    UnknownSettingError
        When there is no such filter.
    """
    # Looked up first: a name from outside never becomes the name of a module.
    spec = specification(name)
    loaded: Filter = importlib.import_module(f"softlight.filters.{spec.name}.filter").FILTER
    return loaded
