"""A role uses the user's choice, else the best one that may be used, else the embedded model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from softlight_models.bundled import SHIPPED_ROLES
from softlight_models.errors import ModelStoreError
from softlight_models.store import Store
from tests.model_store.own_store import again, put, store, write_entry

ROLE = "face-restoration"


@pytest.fixture
def shelf(tmp_path: Path) -> Store:
    made = store(tmp_path)
    for model, preference in (("good", 900), ("better", 910), ("best", 920)):
        write_entry(made.places, model, model.encode(), preference=preference)
    return made


def used(shelf: Store, role: str = ROLE) -> str | None:
    model = shelf.best(role)
    seen = [state.id for state in shelf.overview() if state.role == role and state.active]
    assert seen == ([model.entry.id] if model else [f"softlight-{role}"] if role in SHIPPED_ROLES else [])
    return model.entry.id if model else None


def test_nothing_is_installed(shelf: Store) -> None:
    assert used(shelf) is None
    assert used(shelf, "skin-inpainting") is None
    assert used(shelf, "age") is None, "nothing of this role is embedded either"
    assert shelf.notes() == ()


def test_the_best_installed_one_is_used(shelf: Store) -> None:
    put(shelf, "good", b"good")
    assert used(shelf) == "good"
    put(shelf, "better", b"better")
    assert used(shelf) == "better"
    assert shelf.notes() == ()


def test_the_users_choice_goes_before_the_best(shelf: Store) -> None:
    put(shelf, "good", b"good")
    put(shelf, "better", b"better")
    shelf.choose(ROLE, "good")
    assert used(again(shelf)) == "good"
    shelf.choose(ROLE, None)
    assert used(again(shelf)) == "better"


def test_the_embedded_model_can_be_chosen_although_a_better_one_is_installed(shelf: Store) -> None:
    write_entry(shelf.places, "filler", b"x", contract="skin-inpainting", role="skin-inpainting")
    put(shelf, "filler", b"x")
    assert used(shelf, "skin-inpainting") == "filler"
    shelf.choose("skin-inpainting", "softlight-skin-inpainting")
    assert used(shelf, "skin-inpainting") is None
    assert [state.id for state in shelf.overview() if state.chosen] == ["softlight-skin-inpainting"]


def test_a_caller_may_pass_over_models(shelf: Store) -> None:
    put(shelf, "good", b"good")
    put(shelf, "better", b"better")
    found = shelf.best(ROLE, without=["better"])
    assert found is not None and found.entry.id == "good"
    assert shelf.best(ROLE, without=["better", "good"]) is None


@pytest.mark.parametrize(
    ("role", "model", "cause"),
    [
        (ROLE, "good", "Good is not installed; download or import it first."),
        (ROLE, "gfpgan-9", 'There is no model "gfpgan-9"'),
        ("parsing", "better", "Better is a model for face-restoration, not for parsing"),
        ("hats", None, 'There is no role "hats"; there are age, '),
        ("age", "softlight-age", "There is no model"),
    ],
)
def test_what_cannot_be_used_cannot_be_chosen(shelf: Store, role: str, model: str | None, cause: str) -> None:
    put(shelf, "better", b"better")
    with pytest.raises(ModelStoreError) as raised:
        shelf.choose(role, model)
    assert cause in str(raised.value)
    assert shelf.settings().choices == {}


def test_a_tampered_choice_is_refused_and_the_next_one_is_used(shelf: Store) -> None:
    put(shelf, "good", b"good")
    path = put(shelf, "better", b"better")
    shelf.choose(ROLE, "better")
    chosen = shelf.best(ROLE)
    assert chosen is not None and chosen.open_verified("model") == path
    path.write_bytes(b"bitter")
    assert used(shelf) == "good"
    (note,) = shelf.notes(ROLE)
    assert note == (
        f"The file {path} of Better was changed after it was installed and is not used; "
        "download or import the model again."
    )
    with pytest.raises(ModelStoreError, match="was changed after it was installed"):
        chosen.open_verified("model")
    assert path.read_bytes() == b"bitter", "a failed check deletes nothing"
    (state,) = [state for state in shelf.overview() if state.id == "better"]
    assert (state.state, state.installed, state.chosen, state.active) == ("damaged", True, True, False)
    path.write_bytes(b"better")
    assert used(again(shelf)) == "better"
    assert shelf.notes() == ()


def test_tampering_is_seen_although_length_and_times_are_set_back(shelf: Store) -> None:
    path = put(shelf, "good", b"good")
    assert used(shelf) == "good"
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"gods")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (status.st_mtime_ns, status.st_size)
    if os.name == "nt":
        pytest.skip("Windows does not tell when a file was changed last")
    assert used(again(shelf)) is None


def test_a_file_that_is_gone_is_passed_over(shelf: Store) -> None:
    put(shelf, "best", b"best").unlink()
    put(shelf, "good", b"good")
    assert used(shelf) == "good"
    assert "cannot be read (No such file or directory)" in shelf.notes()[0]


def test_a_choice_that_was_removed_is_no_choice_any_more(shelf: Store) -> None:
    put(shelf, "good", b"good")
    put(shelf, "better", b"better")
    shelf.choose(ROLE, "good")
    shelf.remove("good")
    assert used(shelf) == "better"
    assert shelf.notes() == ()


def test_a_choice_whose_folder_somebody_deleted_says_so(shelf: Store) -> None:
    path = put(shelf, "good", b"good")
    shelf.choose(ROLE, "good")
    path.unlink()
    (path.parent / "installed.json").unlink()
    assert used(shelf) is None
    assert shelf.notes() == (
        "Good is chosen for face-restoration but is not installed; download it or choose another one.",
    )


def test_a_choice_whose_entry_is_gone_says_so(shelf: Store) -> None:
    put(shelf, "good", b"good")
    put(shelf, "better", b"better")
    shelf.choose(ROLE, "good")
    (shelf.places.own_entries / "good.toml").unlink()
    assert used(shelf) == "better"
    assert shelf.notes() == (
        'The model "good" is chosen for face-restoration but is not in the catalogue; choose another one.',
    )


def test_another_process_sees_a_change_at_once(shelf: Store) -> None:
    other = again(shelf)
    assert used(other) is None
    put(shelf, "good", b"good")
    assert used(other) == "good"
    shelf.remove("good")
    assert used(other) is None


def test_a_new_version_in_the_catalogue_is_not_the_old_file(shelf: Store) -> None:
    put(shelf, "good", b"good")
    write_entry(shelf.places, "good", b"good, second edition", preference=900)
    assert used(shelf) is None
    (state,) = [state for state in shelf.overview() if state.id == "good"]
    assert (state.installed, state.state) == (False, "partial")
    assert state.why == "The catalogue has another version of Good than is installed; download it again."


def test_notes_are_of_one_role_or_of_all(shelf: Store) -> None:
    put(shelf, "good", b"good").write_bytes(b"evil")
    (shelf.places.own_entries / "broken.toml").write_text("role = ", encoding="utf-8")
    assert shelf.notes("skin-inpainting") == ()
    assert len(shelf.notes(ROLE)) == 1
    assert len(shelf.notes()) == 2
