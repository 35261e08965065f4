"""``softlight faces PHOTO``: which faces a photo shows, for people, for scripts, and drawn into it."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from softlight.cli.console import Console
from softlight.cli.targets import check_flat, check_place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softlight.faces.analysis import AnalysedFace

DECIMALS = 2
"""Of coordinates in px: finer than any network is."""


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    SoftlightError
        When the photo cannot be read, a model does not run, or the overlay cannot be written.
    """
    if options.overlay is not None:
        check_flat(options.overlay)
        check_place(options.overlay, (options.photo,))
    started = time.monotonic()
    console.progress(0.0, "reading the photo")

    from softlight.faces.analysis import find
    from softlight.files import read_picture, write_picture
    from softlight.runtime import Runtime

    picture = read_picture(options.photo)
    runtime = Runtime(options.provider)
    console.part(0.05, 0.9)
    faces = find(picture, runtime, console.progress)
    notes = list(runtime.notes)
    if not faces:
        notes.append("No face was found in this photo.")
    data: dict[str, Any] = {"faces": [describe(face) for face in faces]}
    lines = list(spoken(faces))
    if options.overlay is not None:
        from softlight.faces.overlay import overlay
        from softlight.picture import Picture

        console.part(0.9, 1.0)
        console.progress(0.0, f"writing {options.overlay.name}")
        write_picture(options.overlay, Picture(overlay(picture, faces)))
        data["overlay"] = str(options.overlay)
        lines.append(str(options.overlay))
    data["seconds"] = round(time.monotonic() - started, 3)
    console.result(data, lines, notes)
    return 0


def describe(face: AnalysedFace) -> dict[str, Any]:
    """Return what machines are told about a face; all lengths in px of the upright photo."""
    from softlight.faces.regions import outlines

    return {
        "box": [round(float(side), DECIMALS) for side in face.face.box],
        "score": round(float(face.face.score), 4),
        "points": face.points.round(DECIMALS).tolist(),
        "landmarks": face.landmarks.points.round(DECIMALS).tolist(),
        "regions": {
            name: [part.round(DECIMALS).tolist() for part in parts]
            for name, parts in outlines(face.landmarks).items()
        },
    }


def spoken(faces: Iterable[AnalysedFace]) -> Iterable[str]:
    """Yield a line for people about each face, from left to right."""
    for number, face in enumerate(faces, 1):
        left, top, right, bottom = (round(side) for side in face.face.box)
        yield (
            f"{number}: {right - left} x {bottom - top} px at {left}, {top}; "
            f"{face.interocular:.0f} px between the eyes; score {face.face.score:.2f}"
        )
