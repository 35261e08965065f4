"""``softlight NAME PHOTO --mask MASK -o OUT``, for every filter there is."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from softlight.cli.console import Console
from softlight.cli.options import filter_arguments
from softlight.cli.targets import check_place
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
    check_place(options.out, (options.photo, options.mask))
    started = time.monotonic()
    console.progress(0.0, "starting")

    from softlight.files import check_target, read_mask, read_picture, write_stack
    from softlight.runtime import Runtime

    chosen = load(spec.name)
    settings: Any = settings_from_arguments(spec, chosen.settings_type, arguments)
    console.progress(0.02, "reading the pictures")
    picture = read_picture(options.photo)
    check_target(options.out, picture)
    mask = read_mask(options.mask, picture)
    runtime = Runtime(options.provider)
    console.part(0.05, 0.95)
    stack = chosen.run(picture, mask, settings, runtime, console.progress)
    console.part(0.95, 1.0)
    console.progress(0.0, f"writing {options.out.name}")
    notes = (*stack.notes, *write_stack(options.out, picture, stack))

    seconds = time.monotonic() - started
    data = {"output": str(options.out), "seconds": round(seconds, 3), **describe(stack)}
    console.result(data, [str(options.out)], notes)
    return 0


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
