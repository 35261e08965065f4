"""A picture from GIMP 2.10 goes on in GIMP 3.0: same layers, same looks, and Re-run with what 2.10 stored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from conftest import find_gimp210, find_root
from gimp3 import gimp3
from workplace import workplace

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, Any]]:
    """What both told about one portrait, with GIMP 2.10's flat picture as `flat 2.10`."""
    with workplace() as place:
        old = find_gimp210(place)
        portrait, _ = old.run("gimp210_scenes", "portrait")
        flat = old.pixels(portrait["flat_100"])[..., :3]
        with gimp3(find_root("trixie")) as new:
            (saved,) = place.pictures.glob("*.xcf")
            shutil.copy(saved, new.place.pictures)
            found = new.run("gimp3_from_210", {"xcf": str(new.place.pictures / saved.name)})
            width, height = found["size"]
            for name in ("flat", "flat again"):
                found[name] = np.fromfile(found[name], np.uint8).reshape(height, width, 3)
            yield {**found, "flat 2.10": flat}


def difference(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def test_it_looks_the_same(told: dict[str, Any]) -> None:
    assert difference(told["flat"], told["flat 2.10"]) <= 1


def test_re_run_replaces_the_group_by_its_like(told: dict[str, Any]) -> None:
    assert len(told["again"]) == len(told["tree"]) == 2
    assert told["again"][0]["name"] == told["tree"][0]["name"]
    assert len(told["again"][0]["children"]) == len(told["tree"][0]["children"])
    assert difference(told["flat again"], told["flat"]) <= 2
    assert told["photo unchanged"]
