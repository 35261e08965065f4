"""Softlight's own entries hold together, and the user's own join them without doing harm."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from softlight_models.bundled import SHIPPED_ROLES, BundledModels
from softlight_models.catalogue import OURS, Catalogue, read_catalogue, with_own
from softlight_models.contracts import CONTRACTS
from softlight_models.entry import CatalogueEntry, HttpsSource
from softlight_models.errors import ModelStoreError
from softlight_models.store import Store
from tests.model_store.own_store import places, put, write_entry

ALL = read_catalogue()
CONVERTED = {"face-mesh-478-tflite", "face-mesh-468-tflite"}
"""Contracts of files that people convert themselves; nobody publishes them."""


def test_every_file_in_the_folder_is_an_entry() -> None:
    assert len(ALL.entries) == len(list(OURS.iterdir())) > 40


def test_every_contract_can_be_filled() -> None:
    ours = {BundledModels().entry(role).contract.name for role in SHIPPED_ROLES}
    filled = {entry.contract for entry in ALL.entries} | ours | CONVERTED
    assert {contract.name for contract in CONTRACTS} == filled


def test_no_file_is_listed_twice() -> None:
    hashes = Counter(file.sha256 for entry in ALL.entries for file in entry.files if file.sha256)
    assert {sha256 for sha256, number in hashes.items() if number > 1} == set()
    assert len({entry.title for entry in ALL.entries}) == len(ALL.entries)


def test_the_best_of_a_role_is_never_for_non_commercial_use_only() -> None:
    for role in {entry.role for entry in ALL.entries}:
        assert ALL.of_role(role)[0].licence.limit != "non-commercial", role


def test_entries_come_by_role_and_falling_preference() -> None:
    ranks = [(entry.role, -entry.preference) for entry in ALL.entries]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks), "two models of a role are preferred alike"


@pytest.mark.parametrize("entry", ALL.entries, ids=lambda entry: entry.id)
def test_an_entry_speaks_to_people(entry: CatalogueEntry) -> None:
    for sentence in (entry.use_when, entry.licence.terms, entry.origin):
        assert sentence.endswith(".")
    assert entry.use_when[0].isupper()
    if entry.licence.limit == "non-commercial":
        assert entry.licence.spdx.startswith("LicenseRef-")
        assert "on-commercial" in entry.licence.terms or "commercial use needs" in entry.licence.terms


@pytest.mark.parametrize("entry", ALL.entries, ids=lambda entry: entry.id)
def test_what_can_be_downloaded_has_a_source_and_the_rest_says_that_nobody_knows(
    entry: CatalogueEntry,
) -> None:
    if entry.pinned:
        assert all(file.sources for file in entry.files)
    else:
        assert "no SHA-256 is known" in entry.origin or "nobody publishes a hash" in entry.origin
    for file in entry.files:
        for source in file.sources:
            if isinstance(source, HttpsSource):
                assert source.url.startswith("https://")


def test_a_wheel_is_among_the_sources() -> None:
    (file,) = ALL.entry("centerface").files
    assert [type(source).__name__ for source in file.sources] == ["WheelSource"]


def test_an_unknown_model_is_one_sentence() -> None:
    with pytest.raises(ModelStoreError, match='There is no model "gfpgan-9"; "softlight models list" names'):
        ALL.entry("gfpgan-9")


def test_a_user_adds_entries(tmp_path: Path) -> None:
    where = places(tmp_path)
    write_entry(where, "my-own", b"weights", preference=99)
    joined = with_own(ALL, where.own_entries)
    assert joined.of_role("face-restoration")[0].id == "my-own"
    assert len(joined.entries) == len(ALL.entries) + 1
    assert joined.problems == ()


def test_a_wrong_entry_of_the_user_takes_no_other_with_it(tmp_path: Path) -> None:
    where = places(tmp_path)
    write_entry(where, "good", b"weights")
    write_entry(where, "lama", b"weights")
    (where.own_entries / "broken.toml").write_text("role = ", encoding="utf-8")
    joined = with_own(ALL, where.own_entries)
    assert joined.entry("good").title == "Good"
    assert joined.entry("lama").title == "LaMa"
    broken, taken = joined.problems
    assert "broken.toml cannot be used" in broken
    assert "lama.toml has the name of one of Softlight's own; rename the file." in taken


def test_no_folder_of_the_users_own_is_needed(tmp_path: Path) -> None:
    assert with_own(ALL, tmp_path / "none") is ALL
    assert with_own(Catalogue(()), tmp_path / "none").entries == ()


def test_an_entry_cannot_pass_for_an_embedded_model(tmp_path: Path) -> None:
    where = places(tmp_path)
    write_entry(where, "softlight-skin-inpainting", b"weights")
    joined = with_own(ALL, where.own_entries)
    assert "softlight-skin-inpainting" not in {entry.id for entry in joined.entries}
    (problem,) = joined.problems
    assert "has the name of one of Softlight's own; rename the file." in problem


def test_an_entry_is_read_or_told_whatever_the_case_of_its_ending(tmp_path: Path) -> None:
    where = places(tmp_path)
    write_entry(where, "good", b"weights")
    (where.own_entries / "good.toml").rename(where.own_entries / "good.TOML")
    assert with_own(ALL, where.own_entries).entry("good").title == "Good"
    write_entry(where, "good", b"other weights")
    if len(list(where.own_entries.iterdir())) == 2:  # a system that tells them apart
        joined = with_own(ALL, where.own_entries)
        assert [entry.id for entry in joined.entries].count("good") == 1
        (problem,) = joined.problems
        assert problem.endswith("has the name of another one; rename the file.")


@pytest.mark.parametrize("kind", ["file", "dead link", "dead link above", "loop"])
def test_entries_on_a_drive_that_is_away_are_told_and_their_models_are_not_pruned(
    tmp_path: Path, kind: str
) -> None:
    where = places(tmp_path)
    write_entry(where, "good", b"weights")
    path = put(Store(where), "good", b"weights")
    place = where.config if kind == "dead link above" else where.own_entries
    away = place.rename(tmp_path / "away")
    if kind == "file":
        where.own_entries.write_text("", encoding="utf-8")
    else:
        place.symlink_to(place if kind == "loop" else tmp_path / "drive")
    (note,) = Store(where).notes()
    assert "Your entries in" in note and note.endswith("; check that folder and the drive that it is on.")
    assert Store(where).prune(unknown=True) == ()
    place.unlink()
    away.rename(place)
    assert path.exists() and Store(where).best("face-restoration") is not None
