"""``softlight NAME PHOTO [--mask MASK] [--view MAP] -o OUT``, for every filter there is."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softlight.cli.console import Console
from softlight.cli.options import UsageError, filter_arguments
from softlight.cli.targets import check_flat, check_place
from softlight.filters.registry import load, specification
from softlight.filters.specification import settings_from_arguments

if TYPE_CHECKING:
    from softlight.layers import LayerStack


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    SoftlightError
        When the settings, a picture, the mask or a model do not allow it.
    """
    spec = specification(options.filter)
    # Checked before numpy is loaded, so that a mistyped value is refused at once.
    arguments = spec.complete(filter_arguments(options, spec))
    out, view = _targets(options)
    started = time.monotonic()
    console.progress(0.0, "starting")

    from softlight.display import displayed, seen_over
    from softlight.files import check_target, read_mask, read_picture, write_picture, write_stack
    from softlight.picture import Picture
    from softlight.runtime import Runtime

    chosen = load(spec.name)
    settings: Any = settings_from_arguments(spec, chosen.settings_type, arguments)
    console.progress(0.02, "reading the pictures")
    picture = read_picture(options.photo)
    if out is not None:
        check_target(out, picture)
    mask = None if options.mask is None else read_mask(options.mask, picture)
    runtime = Runtime(options.provider)
    data: dict[str, Any] = {}
    stack = seen = None
    if out is not None:
        console.part(0.05, 0.95 if view is None else 0.6)
        stack = chosen.run(picture, mask, settings, runtime, console.progress)
    if view is not None and chosen.view is not None:
        console.part(0.05 if out is None else 0.6, 0.95)
        seen = chosen.view(picture, mask, settings, runtime, console.progress)
    notes = runtime.notes if stack is None else stack.notes
    # Nothing is written before all is known.
    console.part(0.95, 1.0)
    if view is not None and seen is not None:
        console.progress(0.0, f"writing {view.name}")
        write_picture(view, Picture(seen_over(displayed(picture), seen)))
        data["view"] = str(view)
    if out is not None and stack is not None:
        console.progress(0.5, f"writing {out.name}")
        notes = (*notes, *write_stack(out, picture, stack))
        data = {"output": str(out), **data, **describe(stack)}
    lines = [str(target) for target in (out, view) if target is not None]
    console.result({**data, "seconds": round(time.monotonic() - started, 3)}, lines, notes)
    return 0


def _targets(options: argparse.Namespace) -> tuple[Path | None, Path | None]:
    """Return where the result and the view go, one of them at least, and check both places."""
    out, view = options.out, vars(options).get("view")
    sources = tuple(path for path in (options.photo, options.mask) if path is not None)
    if view is not None:
        check_flat(view)
        check_place(view, sources)
    if out is not None:
        check_place(out, sources)
    if out is None and view is None:
        if "view" in options:
            raise UsageError("The result needs a name; give one with -o or --view.")
        raise UsageError("The result needs a name; give one with -o.")
    if out is not None and view is not None and os.path.realpath(out) == os.path.realpath(view):
        raise UsageError("The result and the view have the same name; give two.")
    return out, view


def describe(stack: LayerStack) -> dict[str, Any]:
    """Return what machines are told about a layer stack."""
    layers = [
        {
            "name": layer.name,
            "blend": layer.blend.value,
            "opacity": layer.opacity,
            "offset": list(layer.offset),
            "size": [layer.pixels.shape[1], layer.pixels.shape[0]],
        }
        for layer in stack.layers
    ]
    return {"group": stack.name, "layers": layers, "settings": dict(stack.settings)}
