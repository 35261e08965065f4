"""``softlight degrade PHOTO -o OUT``: a photo as bad as wanted, for trials and tests, the same for a seed."""

from __future__ import annotations

import argparse

from softlight.cli.console import Console
from softlight.cli.targets import check_flat, check_place


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    SoftlightError
        When the photo cannot be read or the result cannot be written.
    """
    check_flat(options.out)
    check_place(options.out, (options.photo,))
    console.progress(0.0, "reading the photo")

    from dataclasses import replace

    import numpy as np

    from softlight.degradation.photos import degrade
    from softlight.degradation.steps import level
    from softlight.encoding import from_unit, from_working, to_working
    from softlight.files import check_target, read_picture, write_picture

    picture = read_picture(options.photo)
    check_target(options.out, picture)
    console.progress(0.2, "degrading")
    steps = level(options.level, options.face_size)
    if steps:
        seen = to_working(picture.pixels, picture.encoding.transfer).clip(0, 1)
        bad = degrade(seen, steps, np.random.default_rng(options.seed))
        values = from_working(bad, picture.encoding.transfer, picture.colour_channels)
        pixels = picture.pixels.copy()
        pixels[..., : picture.colour_channels] = from_unit(values, pixels.dtype)
        picture = replace(picture, pixels=pixels)
    console.progress(0.9, f"writing {options.out.name}")
    write_picture(options.out, picture)
    told = [str(step) for step in steps]
    console.result({"output": str(options.out), "seed": options.seed, "steps": told}, [str(options.out)], [])
    return 0
