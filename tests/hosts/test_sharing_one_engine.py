"""GIMP 3.0 and Krita 5.2 of one user at work at the same time: one engine, and each gets its own result.

Run:   python -m pytest -m hosts tests/hosts/test_sharing_one_engine.py
Needs: what `roots.py` needs; takes about 50 s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import krita_application
import numpy as np
import pytest
from gimp3 import SAMPLES, VERSIONS, Gimp3
from roots import Root
from workplace import Workplace, workplace

from softlight.compositor import composite, quantise
from softlight.encoding import from_unit, to_unit
from softlight.files import read_mask, read_picture
from softlight.filters.registry import load
from softlight.filters.specification import settings_from_arguments
from softlight.picture import Picture
from softlight.runtime import Runtime

pytestmark = pytest.mark.hosts

STARTING = """#!/bin/sh
# An engine that begins when the other host has started one as well, at the latest after 20 s.
echo started >> {folder}/starts
turns=0
while [ "$(wc -l < {folder}/starts)" -lt 2 ] && [ $turns -lt 200 ]; do
    sleep 0.1
    turns=$((turns + 1))
done
exec {folder}/python "$@"
"""


class Shared(NamedTuple):
    """What both hosts found, and what the engine left."""

    gimp: dict[str, Any]
    krita: krita_application.Played
    masks: dict[str, np.ndarray]
    engines: list[int]
    log: str
    starts: int


@pytest.fixture(scope="module")
def shared(trixie: Root) -> Iterator[Shared]:
    with workplace() as place:
        version = VERSIONS["trixie"]
        place.gimp_profile(version)
        place.install_plugins("--gimp")
        krita_application.install(place, "krita_driver")
        start_together(place)
        masks = {}
        for name in ("astronaut.png", "hopper.jpg"):
            (place.pictures / name).write_bytes((SAMPLES / name).read_bytes())
            mask = read_mask(SAMPLES / f"{Path(name).stem}-mask.png", read_picture(SAMPLES / name))
            masks[name] = np.asarray(from_unit(to_unit(mask), np.uint8))
            (place.pictures / f"{name}.mask").write_bytes(masks[name].tobytes())
        with ThreadPoolExecutor(2) as both:
            in_gimp = both.submit(
                Gimp3(trixie, place, version).run,
                "gimp3_shared",
                {
                    "photo": str(place.pictures / "astronaut.png"),
                    "mask": str(place.pictures / "astronaut.png.mask"),
                    "ready": "gimp-is-ready",
                    "awaited": "krita-is-ready",
                },
            )
            in_krita = both.submit(
                krita_application.play,
                trixie,
                place,
                "krita_shared",
                SOFTLIGHT_PICTURE=str(place.pictures / "hopper.jpg"),
                SOFTLIGHT_MASK=str(place.pictures / "hopper.jpg.mask"),
                SOFTLIGHT_READY=str(place.pictures / "krita-is-ready"),
                SOFTLIGHT_AWAITED=str(place.pictures / "gimp-is-ready"),
            )
            gimp, krita = in_gimp.result(), in_krita.result()
        log = (place.home / ".local/state/softlight/log/engine.log").read_text("utf-8")
        starts = len((place.folder / "starts").read_text("utf-8").splitlines())
        yield Shared(gimp, krita, masks, place.processes("softlight.engine"), log, starts)


def start_together(place: Workplace) -> None:
    """Let both plug-ins start an engine by a script that makes sure that both try."""
    script = place.folder / "engine"
    script.write_text(STARTING.format(folder=place.folder), "utf-8")
    script.chmod(0o755)
    for path in place.home.rglob("softlight*/engine.json"):
        settings = json.loads(path.read_text("utf-8"))
        settings["engine"][0] = str(script)
        path.write_text(json.dumps(settings), "utf-8")


def test_both_started_one_and_one_engine_served_both(shared: Shared) -> None:
    assert shared.starts >= 2
    assert len(shared.engines) == 1
    assert shared.log.count(" listening\n") == 1
    for host in ("GIMP 3.0", "Krita 5.2"):
        assert [line for line in shared.log.splitlines() if host in line and "dewrinkle layers" in line]
    assert {int(line.split()[2]) for line in shared.log.splitlines()} == set(shared.engines)


def test_gimp_has_the_result_of_its_own_picture(shared: Shared) -> None:
    width, height = shared.gimp["size"]
    photo, flat = (
        np.fromfile(shared.gimp[name], np.uint8).reshape(height, width, 3) for name in ("photo", "flat")
    )
    assert shared.gimp["layers"]
    agree(photo, flat, shared.masks["astronaut.png"])


def test_krita_has_the_result_of_its_own_picture(shared: Shared) -> None:
    assert shared.krita.found["run"] == ["De-wrinkle is done.", False]
    assert shared.krita.found["layers"]
    width, height = shared.krita.found["size"]
    photo, flat = (
        np.fromfile(shared.krita.out / f"{name}.raw", np.uint8).reshape(height, width, 4)[..., 2::-1]
        for name in ("photo", "flat")
    )
    agree(photo, flat, shared.masks["hopper.jpg"])


def agree(photo: np.ndarray, flat: np.ndarray, mask: np.ndarray) -> None:
    """Hold what a host shows against the reference compositor: at most 2 levels of 255."""
    filter_ = load("dewrinkle")
    settings = settings_from_arguments(filter_.spec, filter_.settings_type, {})
    picture = Picture(np.ascontiguousarray(photo))
    stack = quantise(filter_.run(picture, mask, settings, Runtime()), np.uint8)
    expected = composite(picture, stack).pixels.astype(int)
    assert np.abs(expected - photo).max() > 20
    assert np.abs(expected - flat).max() <= 2
