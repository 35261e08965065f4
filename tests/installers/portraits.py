"""De-wrinkle on a portrait in a user's GIMP and Krita, through the engine that was installed for them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from gimp3 import SAMPLES, Gimp3
from krita_application import add, play

from softlight.files.masks import read_mask
from softlight.files.reading import read_picture
from tests.installers.newcomer import USER, Newcomer


def in_gimp(user: Newcomer, xcf: str) -> tuple[dict[str, Any], list[str]]:
    """Return what GIMP had then, and the command of the engine that ran."""
    photo, mask = (user.place.pictures / name for name in ("hopper.jpg", "hopper-mask.png"))
    for path in (photo, mask):
        shutil.copy(SAMPLES / path.name, path)
    told = Gimp3(user.root, user.place, "3.0").run(
        "gimp3_portrait", {"photo": str(photo), "mask": str(mask), "xcf": xcf}
    )
    process = user.place.engine_process()
    assert process is not None, "no engine ran"
    return told, Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")


def in_krita(user: Newcomer) -> list[dict[str, Any]]:
    """Return the layers that Krita had then."""
    picture = Path(shutil.copy(SAMPLES / "hopper.jpg", user.place.pictures / "hopper ü.jpg"))
    mask = user.place.folder / "mask.raw"
    mask.write_bytes(read_mask(SAMPLES / "hopper-mask.png", read_picture(picture)).tobytes())
    add(user.place, "krita_driver")
    played = play(
        user.root,
        user.place,
        "krita_portrait",
        lambda out: os.chown(out, USER, USER),
        SOFTLIGHT_PICTURE=str(picture),
        SOFTLIGHT_MASK=str(mask),
    )
    layers: list[dict[str, Any]] = played.found["layers"]
    return layers
