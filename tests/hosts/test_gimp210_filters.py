"""A filter that is added to the core alone appears in GIMP 2.10, with its parameters, and runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import find_gimp210
from gimp210 import Gimp210, extend
from workplace import workplace

from tests.extra_filter import LABEL

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


@pytest.fixture(scope="module")
def gimp() -> Iterator[Gimp210]:
    with workplace() as place:
        host = find_gimp210(place)
        extend(host)
        yield host


@pytest.fixture(scope="module")
def told(gimp: Gimp210) -> dict[str, Any]:
    found, log = gimp.run("gimp210_scenes", "extra_filter")
    assert "Traceback" not in log
    return {**found, "log": log}


def test_its_parameters_are_arguments(told: dict[str, Any]) -> None:
    assert told["arguments"] == [
        *("run-mode", "image", "drawable"),
        *("amount", "radius", "tint", "only-dark", "input", "mask"),
    ], "GIMP's own spelling"


def test_its_result_is_a_group_like_any_other(gimp: Gimp210, told: dict[str, Any]) -> None:
    group, photo = told["tree"]
    assert (group["name"], group["mode"], photo["name"]) == (LABEL, "pass-through", "Background")
    expected = {"filter": "soft_glow", "amount": 0.5, "radius": 5.0, "tint": "warm", "only_dark": True}
    assert expected.items() <= group["record"]["settings"].items()
    before, after = gimp.pixels(told["before"]), gimp.pixels(told["after"])
    lighter = after.astype(int).sum(axis=2) - before.astype(int).sum(axis=2)
    # A quarter of 0.5 (1 + 0.8 + 0.5) is the most, in mid-grey; rounding takes a level of each channel.
    assert 30 < lighter.max() <= 255 * 0.5 * 2.3 / 4 + 3 and lighter.min() >= -3


def test_all_left_to_the_filter(told: dict[str, Any]) -> None:
    assert told["automatic"]["amount"] == 0.25 and told["automatic"]["tint"] == "neutral"


def test_it_needs_a_mask_and_says_how(told: dict[str, Any]) -> None:
    assert told["without a mask"] == "execution error"
    assert (
        "Say first where to work: select the place (Quick Mask works too), or take Filters > Softlight > New "
        "brush mask and paint over it." in told["log"]
    )
