"""Which filters there are, and what the hosts are told of them."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from softlight.errors import SettingsError
from softlight.filters import registry
from softlight.filters.dewrinkle.settings import SPEC
from softlight.filters.listing import listing
from softlight_bridge.specifications import read_filters

CARRIED = Path(__file__).parents[3] / "plugins" / "bridge" / "softlight_bridge"


def test_dewrinkle_is_found_by_its_folder() -> None:
    assert SPEC in registry.specifications()
    assert registry.specification("dewrinkle") is SPEC


@pytest.mark.parametrize("spec", registry.specifications(), ids=lambda spec: spec.name)
def test_every_filter_can_be_loaded_and_its_settings_have_the_defaults_it_declares(spec: object) -> None:
    assert isinstance(spec, registry.FilterSpec)
    loaded = registry.load(spec.name)
    assert loaded.spec is spec
    fields = [field.name for field in dataclasses.fields(loaded.settings_type)]
    assert fields == [parameter.name for parameter in spec.parameters]


@pytest.mark.parametrize("name", ["", "skin", "../dewrinkle", "dewrinkle.settings", "specification"])
def test_an_unknown_filter_gets_a_sentence(name: str) -> None:
    with pytest.raises(SettingsError, match=f"There is no filter '{name}'; there is dewrinkle"):
        registry.load(name)


def test_a_view_needs_a_label() -> None:
    loaded = registry.load("dewrinkle")
    with pytest.raises(ValueError, match="a view and its label"):
        dataclasses.replace(loaded, view=None)


def test_the_specifications_are_read_without_numpy() -> None:
    program = (
        "import sys\n"
        "from softlight.filters.listing import listing\n"
        "assert listing()\n"
        "assert not {'numpy', 'cv2', 'onnxruntime'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_copy_that_the_plug_ins_carry_is_up_to_date() -> None:
    """Else: `python -m softlight.filters.listing > plugins/bridge/softlight_bridge/filters.json`."""
    assert (CARRIED / "filters.json").read_bytes() == listing()


def test_the_bridge_reads_what_the_core_says(tmp_path: Path) -> None:
    (tmp_path / "filters.json").write_bytes(listing())
    read = read_filters(str(tmp_path))
    for ours, theirs in zip(registry.specifications(), read, strict=True):
        plain = dataclasses.asdict(ours)
        assert (theirs.name, theirs.label, theirs.help, theirs.view) == (
            plain["name"], plain["label"], plain["help"], plain["view"],
        )  # fmt: skip
        for a, b in zip(ours.parameters, theirs.parameters, strict=True):
            said = {**b._asdict(), "choices": tuple(choice._asdict() for choice in b.choices)}
            assert said == dataclasses.asdict(a)


def test_the_listing_is_json_of_this_version() -> None:
    assert json.loads(listing())["version"] == registry.softlight.__version__
