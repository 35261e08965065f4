"""What GIMP 2.10 gets to register."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from softlight.filters.listing import listing
from softlight_gimp210.refusals import Refusal
from tests.gimp210.fake_gimpfu import constants
from tests.gimp210.imported import FAKES, plugin

MODELS = "python-fu-softlight-models"
FIXED = {"python-fu-softlight-rerun", "python-fu-softlight-new-brush-mask", MODELS}


@pytest.fixture
def registered(tmp_path: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """All procedures by name, with a filter that nobody knows among them."""
    contents = json.loads(listing())
    unknown = {**contents["filters"][0], "name": "soft_glow", "label": "Soft glow", "parameters": []}
    (tmp_path / "filters.json").write_text(json.dumps({"filters": [*contents["filters"], unknown]}))
    plugin.register_all(str(tmp_path))
    yield {call["proc_name"]: call for call in FAKES.registered}
    FAKES.registered.clear()


def test_every_filter_is_registered(registered: dict[str, dict[str, Any]]) -> None:
    filters = {entry["name"] for entry in json.loads(listing())["filters"]} | {"soft_glow"}
    assert set(registered) == FIXED | {f"python-fu-softlight-{name.replace('_', '-')}" for name in filters}
    assert registered["python-fu-softlight-soft-glow"]["label"] == "Soft glow (8 bit)..."


def test_all_are_in_one_menu_and_not_for_indexed_pictures(registered: dict[str, dict[str, Any]]) -> None:
    for name, call in registered.items():
        assert call["menu"] == "<Image>/Filters/Softlight"
        # Models are no picture's, and can be seen without one.
        assert call["imagetypes"] == ("" if name == MODELS else "RGB*, GRAY*")


def test_what_computes_says_that_it_has_8_bits(registered: dict[str, dict[str, Any]]) -> None:
    for name, call in registered.items():
        assert ("8 bit" in call["label"]) == (name not in ("python-fu-softlight-new-brush-mask", MODELS))
        assert ("8 bits per channel" in call["help"]) == (name not in FIXED)


def test_gimp_takes_every_name(registered: dict[str, dict[str, Any]]) -> None:
    """It wants canonical procedure names, and gimpfu arguments without anything but letters and digits."""
    kinds = set(constants().values())
    for name, call in registered.items():
        assert re.fullmatch(r"[a-z0-9-]+", name)
        for kind, argument, *_ in call["params"] + call["results"]:
            assert kind in kinds and re.fullmatch(r"\w[\w-]*", argument)
        names = [argument for _, argument, *_ in call["params"]]
        assert names[:2] == ([] if name == MODELS else ["image", "drawable"])
        assert len(set(names)) == len(names)


def test_whole_faces_are_offered_where_a_filter_can_do_without_a_mask(
    registered: dict[str, dict[str, Any]],
) -> None:
    for entry in json.loads(listing())["filters"]:
        call = registered["python-fu-softlight-" + entry["name"].replace("_", "-")]
        (offered,) = [one[4] for one in call["params"] if one[1] == "mask"]
        assert ("Whole faces" in offered) == (entry["brush"] == "optional")
        # Scripts give the number, so that what there was keeps its own.
        assert offered[1:3] == ("Selection", "Brush mask") and "group" in offered[3]


def test_only_those_with_a_dialog_end_with_dots(registered: dict[str, dict[str, Any]]) -> None:
    for name, call in registered.items():
        assert call["label"].endswith("...") == (len(call["params"]) > 2 or name == MODELS)


def test_without_a_list_of_filters_nothing_is_registered(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        plugin.register_all(str(tmp_path))
    assert FAKES.registered == []
