"""What is confirmed, accepted or allowed first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from softlight_models.entry import CatalogueEntry
from softlight_models.errors import NotAccepted, NotConfirmed
from softlight_models.library import Library
from tests.model_store.importing.conftest import Tell
from tests.model_store.models_in_hand import entry, network
from tests.model_store.taking import CATALOGUE, GFPGAN, LAMA, MIGAN, everything, installed, put, refused, take


def test_an_unknown_checksum_is_confirmed_first(shelf: Library, place: Path, tell: Tell) -> None:
    path = put(place, "model.onnx", GFPGAN)  # known by its CRC-32
    with pytest.raises(NotConfirmed, match="Nobody knows the checksum of Gfpgan") as caught:
        take(shelf, path)
    assert caught.value.models == ("gfpgan",)
    assert everything(shelf) == {}
    tell(
        "a file whose checksum nobody knows",
        caught.value,
        "nothing was installed; it is once the user confirms",
    )
    (done,) = take(shelf, path, confirmed=True)
    assert done.installed and installed(shelf, 2) == GFPGAN


def test_confirming_does_not_help_a_file_with_another_crc(shelf: Library, place: Path, tell: Tell) -> None:
    path = put(place, "gfpgan.onnx", network("face-restoration-512", note="tampered"))
    assert "no model that the catalogue knows" in refused(shelf, path, confirmed=True)
    sentence = refused(shelf, path, confirmed=True, model="gfpgan")
    assert "its CRC-32 differs" in sentence
    fault = "such a file whose published CRC-32 is another"
    tell(fault, sentence, "nothing was installed")
    sized = replace(CATALOGUE[2], files=(replace(CATALOGUE[2].files[0], size=7, crc32=None),))
    assert "its size differs" in refused(shelf, path, confirmed=True, entries=[sized], model="gfpgan")


def test_a_confirmed_file_must_fit_its_contract(shelf: Library, place: Path) -> None:
    foreign = entry("foreign", {"foreign.onnx": LAMA}, contract_name="face-restoration-512", pinned=False)
    path = put(place, "foreign.onnx", LAMA)
    assert "does not fit its contract face-restoration-512" in refused(
        shelf, path, entries=[foreign], confirmed=True
    )
    page = b"<!doctype html><title>Sign in</title>"
    path = put(place, "foreign.onnx", page)
    page_entry = entry("foreign", {"foreign.onnx": page}, contract_name="face-restoration-512", pinned=False)
    assert "is not an ONNX model but a web page" in refused(shelf, path, entries=[page_entry], confirmed=True)


def test_unknown_checksums_in_a_folder_are_not_asked_for(shelf: Library, place: Path) -> None:
    put(place, "gfpgan.onnx", GFPGAN)
    put(place, "lama.onnx", LAMA)
    assert [each.model for each in take(shelf, place)] == ["lama"]
    assert [each.model for each in take(shelf, place, confirmed=True)] == ["gfpgan", "lama"]


def test_terms_are_asked_for_together_and_before_anything_is_copied(shelf: Library, place: Path) -> None:
    put(place, "lama.onnx", LAMA)
    put(place, "migan.onnx", MIGAN)

    def accept(entries: Sequence[CatalogueEntry]) -> None:
        models = tuple(each.id for each in entries)
        raise NotAccepted(f"The licences of {models} were not accepted; do.", models)

    with pytest.raises(NotAccepted) as caught:
        take(shelf, place, accept=accept)
    assert caught.value.models == ("lama", "migan")
    assert everything(shelf) == {}


def test_what_is_forbidden_is_left_out_of_a_folder_and_refused_when_named(
    shelf: Library, place: Path
) -> None:
    path = put(place, "lama.onnx", LAMA)
    put(place, "migan.onnx", MIGAN)

    def why_not(entry: CatalogueEntry) -> str:
        return "Lama is forbidden; ask." if entry.id == "lama" else ""

    assert refused(shelf, path, why_not=why_not) == "Lama is forbidden; ask."
    done = take(shelf, place, why_not=why_not)
    assert [(each.model, each.installed, each.sentence) for each in done][1:] == [
        ("lama", False, "Lama is forbidden; ask.")
    ]
    assert set(everything(shelf)) == {"migan/migan.onnx", "migan/installed.json"}
    assert "forbidden" in refused(shelf, place, why_not=lambda entry: "All are forbidden; ask.")
