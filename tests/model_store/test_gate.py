"""Nobody gets a byte of a model whose terms were not accepted, or that settings or studio forbid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from softlight_models.errors import ModelStoreError, NotAccepted
from softlight_models.store import Store
from tests.model_store.own_store import Served, again, put, served, store, write_entry

CONTENT = b"weights of a network" * 100


@pytest.fixture
def server() -> Iterator[Served]:
    with served({"/model.onnx": CONTENT}) as tell:
        yield tell


@pytest.fixture
def shelf(tmp_path: Path, server: Served) -> Store:
    made = store(tmp_path)
    url = f"{server.address}/model.onnx"
    write_entry(made.places, "free", CONTENT, url=url)
    write_entry(made.places, "research", CONTENT, url=url, limit="non-commercial", spdx="LicenseRef-Research")
    write_entry(made.places, "unknown", CONTENT, url=url, pinned=False)
    write_entry(made.places, "nowhere", CONTENT, url=None)
    return made


def policy(shelf: Store, text: str, number: int = 0) -> Path:
    path = shelf.places.policies[number]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(shelf: Store, server: Served, model: str, accepted: tuple[str, ...]) -> str:
    """The sentence; and no connection was made, and nothing written."""
    with pytest.raises(ModelStoreError) as raised:
        shelf.download([model], accepted)
    assert server.asked == []
    assert not shelf.places.models.exists()
    said = str(raised.value)
    assert said.endswith(".") and "; " in said and "\n" not in said
    return said


def test_terms_are_all_that_must_be_known(shelf: Store) -> None:
    (terms,) = shelf.terms(["research"])
    assert (terms.title, terms.size, terms.licence) == ("Research", len(CONTENT), "LicenseRef-Research")
    assert (terms.limit, terms.terms, terms.accepted) == ("non-commercial", "Free for any use.", False)


def test_nothing_is_fetched_before_the_licence_is_accepted(shelf: Store, server: Served) -> None:
    said = refused(shelf, server, "free", ())
    assert said == "The licence of Free (MIT) was not accepted; read and accept it first."
    refused(shelf, server, "free", ("research",))
    assert not shelf.places.accepted.exists()


def test_all_that_was_not_accepted_is_asked_for_at_once(shelf: Store, server: Served) -> None:
    write_entry(shelf.places, "free-too", CONTENT, url=f"{server.address}/model.onnx")
    with pytest.raises(NotAccepted) as raised:
        shelf.download(["free", "free-too"], ["free"])
    assert raised.value.models == ("free-too",)
    assert server.asked == []
    assert not shelf.places.accepted.exists()


def test_acceptance_is_recorded_before_the_first_byte_and_asked_for_once(shelf: Store) -> None:
    shelf.download(["free"], ["free"])
    record = json.loads(shelf.places.accepted.read_text("utf-8"))["free"]
    assert (record["licence"], record["limit"]) == ("MIT", "none")
    assert record["accepted"].endswith("+00:00")
    assert again(shelf).terms(["free"])[0].accepted
    shelf.remove("free")
    again(shelf).download(["free"])
    assert shelf.best("face-restoration") is not None


def test_acceptance_stands_although_the_download_fails(shelf: Store, server: Served) -> None:
    write_entry(shelf.places, "gone", b"other", url=f"{server.address}/gone.onnx")
    with pytest.raises(ModelStoreError, match="404|not found|Not Found"):
        shelf.download(["gone"], ["gone"])
    assert shelf.terms(["gone"])[0].accepted


def test_changed_terms_are_asked_for_again(shelf: Store, server: Served) -> None:
    shelf.download(["free"], ["free"])
    shelf.remove("free")
    write_entry(shelf.places, "free", CONTENT, url=f"{server.address}/model.onnx", terms="Only on Sundays.")
    assert not shelf.terms(["free"])[0].accepted
    with pytest.raises(NotAccepted):
        shelf.download(["free"])


@pytest.mark.parametrize("content", ["", "[]", '{"free": 1}', '{"free": {"terms": 1}}'])
def test_a_damaged_record_accepts_nothing(shelf: Store, server: Served, content: str) -> None:
    shelf.places.config.mkdir(exist_ok=True)
    shelf.places.accepted.write_text(content, encoding="utf-8")
    said = refused(shelf, server, "free", ("free",))
    assert "delete it and accept the licences again." in said


def test_non_commercial_models_are_off_until_they_are_allowed(shelf: Store, server: Served) -> None:
    said = refused(shelf, server, "research", ("research",))
    assert said == (
        "Research may not be used commercially, and such models are switched off; "
        "allow non-commercial models in the settings if your use is none."
    )
    assert not shelf.places.accepted.exists()
    shelf.set_option("non-commercial", True)
    shelf.download(["research"], ["research"])
    best = shelf.best("face-restoration")
    assert best is not None and best.entry.id == "research"
    shelf.set_option("non-commercial", False)
    assert shelf.best("face-restoration") is None
    assert best.folder.exists(), "switching it off deletes nothing"


def test_offline_forbids_every_connection(shelf: Store, server: Served) -> None:
    shelf.set_option("offline", True)
    said = refused(shelf, server, "free", ("free",))
    assert said == "Softlight is set to offline; switch that off in the settings, or import the file."


def test_an_unknown_hash_is_never_downloaded(shelf: Store, server: Served) -> None:
    assert "The checksum of Unknown is not known" in refused(shelf, server, "unknown", ("unknown",))


def test_what_has_no_source_is_never_downloaded(shelf: Store, server: Served) -> None:
    assert "No source is known for Nowhere" in refused(shelf, server, "nowhere", ("nowhere",))


@pytest.mark.parametrize("number", [0, 1])
def test_the_studio_forbids_a_model(shelf: Store, server: Served, number: int) -> None:
    path = policy(shelf, 'forbid-models = ["free"]', number)
    said = refused(shelf, server, "free", ("free",))
    assert said == f"Free is forbidden by the studio's policy {path}; ask those who look after your machines."


def test_the_users_setting_does_not_lift_the_studios(shelf: Store, server: Served) -> None:
    policy(shelf, 'forbid-limits = ["non-commercial"]')
    shelf.set_option("non-commercial", True)
    assert "forbidden by the studio's policy" in refused(shelf, server, "research", ("research",))


def test_the_studio_forbids_connections_and_imports(shelf: Store, server: Served, tmp_path: Path) -> None:
    policy(shelf, "offline = true\nimport = false")
    assert "forbids connections" in refused(shelf, server, "free", ("free",))
    file = tmp_path / "model.onnx"
    file.write_bytes(CONTENT)
    with pytest.raises(ModelStoreError, match="forbids importing models"):
        shelf.import_files([file], model="free", accepted=["free"])


def test_the_studios_mirror_comes_first(shelf: Store, server: Served) -> None:
    policy(shelf, f'mirrors = [["{server.address}/model", "{server.address}/studio/model"]]')
    shelf.set_option("mirrors", [[f"{server.address}/model", f"{server.address}/mine/model"]])
    shelf.download(["free"], ["free"])
    assert server.asked == ["/studio/model.onnx", "/mine/model.onnx", "/model.onnx"]


def test_a_broken_policy_stops_what_is_installed_too(shelf: Store, server: Served) -> None:
    shelf.download(["free"], ["free"])
    assert shelf.best("face-restoration") is not None
    server.asked.clear()
    policy(shelf, "ofline = true")
    assert shelf.best("face-restoration") is None
    (state,) = [state for state in shelf.overview() if state.id == "free"]
    assert (state.state, state.installed, state.active) == ("forbidden", True, False)
    assert "cannot be read (ofline is not a key that is known here)" in state.why
    embedded = [state for state in shelf.overview() if state.embedded]
    assert embedded and all(state.state == "embedded" and state.active for state in embedded)
    with pytest.raises(ModelStoreError, match="so only embedded models may be used"):
        shelf.export(["free"], shelf.places.config / "bundle.zip")


def test_a_model_that_was_chosen_and_is_forbidden_says_why(shelf: Store) -> None:
    put(shelf, "free", CONTENT)
    shelf.choose("face-restoration", "free")
    policy(shelf, 'forbid-models = ["free"]')
    assert shelf.best("face-restoration") is None
    (note,) = shelf.notes("face-restoration")
    assert "Free is forbidden by the studio's policy" in note
    with pytest.raises(ModelStoreError, match="forbidden by the studio's policy"):
        shelf.choose("face-restoration", "free")
