"""A studio says what its machines may use; what it wrote wrongly forbids everything."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from softlight_models.catalogue import read_catalogue
from softlight_models.places import user_places
from softlight_models.policy import Policy, read_policies

ALL = read_catalogue()


def policy(folder: Path, text: str) -> Policy:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    (read,) = read_policies([path])
    return read


def allowed(read: Policy) -> set[str]:
    return {entry.id for entry in ALL.entries if not read.why_forbidden(entry)}


def test_without_a_file_there_is_no_policy(tmp_path: Path) -> None:
    assert read_policies([tmp_path / "policy.toml", tmp_path / "none" / "policy.toml"]) == ()


def test_an_empty_policy_allows_everything(tmp_path: Path) -> None:
    read = policy(tmp_path, "")
    assert allowed(read) == {entry.id for entry in ALL.entries}
    assert (read.offline, read.allow_import, read.mirrors) == (False, True, ())


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ('forbid-models = ["codeformer*"]', {"codeformer", "codeformer-0.1", "codeformer-fp16"}),
        ('forbid-models = ["LAMA"]', {"lama"}),
        ('forbid-licences = ["gpl-*"]', {e.id for e in ALL.entries if e.licence.spdx.startswith("GPL-")}),
        ('forbid-licences = ["LicenseRef-*"]', {e.id for e in ALL.entries if "Ref" in e.licence.spdx}),
        (
            'forbid-limits = ["non-commercial", "copyleft"]',
            {e.id for e in ALL.entries if e.licence.limit in ("non-commercial", "copyleft")},
        ),
        (
            'allow-models = ["lama", "gfpgan-*"]',
            {e.id for e in ALL.entries if e.id != "lama" and not e.id.startswith("gfpgan-")},
        ),
        ("allow-models = []", {e.id for e in ALL.entries}),
    ],
)  # fmt: skip
def test_what_it_forbids(tmp_path: Path, text: str, gone: set[str]) -> None:
    read = policy(tmp_path, text)
    assert gone
    assert allowed(read) == {entry.id for entry in ALL.entries} - gone
    why = read.why_forbidden(next(entry for entry in ALL.entries if entry.id in gone))
    assert why.endswith(
        f"is forbidden by the studio's policy {read.path}; ask those who look after your machines."
    )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("forbid-models = ", "Invalid value"),
        ('forbid-models = "lama"', "forbid-models is not a list of texts"),
        ('forbid-model = ["lama"]', "forbid-model is not a key that is known here"),
        ('forbid-limits = ["noncommercial"]', 'forbid-limits has "noncommercial"'),
        ('offline = "yes"', "offline is not true or false"),
        (
            'mirrors = [["https://a.example/", "http://b.example/"]]',
            "mirrors has an address that is not https",
        ),
        ("\udcff", "can't decode"),
    ],
)
def test_one_that_cannot_be_read_forbids_everything(tmp_path: Path, text: str, cause: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    (read,) = read_policies([path])
    assert allowed(read) == set()
    assert (read.offline, read.allow_import) == (True, False)
    assert cause in read.why_forbidden(ALL.entries[0])
    assert str(path) in read.why_forbidden(ALL.entries[0])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_one_that_may_not_be_read_forbids_everything(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("", encoding="utf-8")
    path.chmod(0)
    (read,) = read_policies([path])
    assert allowed(read) == set()


def test_a_folder_in_its_place_forbids_everything(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").mkdir()
    (read,) = read_policies([tmp_path / "policy.toml"])
    assert allowed(read) == set()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have one place")
def test_a_desktop_with_folders_of_its_own_does_not_hide_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_DIRS", "/etc/xdg/xdg-ubuntu:/srv/mine")
    assert user_places().policies == (
        Path("/etc/xdg/xdg-ubuntu/softlight/policy.toml"),
        Path("/srv/mine/softlight/policy.toml"),
        Path("/etc/xdg/softlight/policy.toml"),
    )


def test_the_models_folder_can_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTLIGHT_MODELS", str(tmp_path / "large disk"))
    assert user_places().models == tmp_path / "large disk"
    monkeypatch.setenv("SOFTLIGHT_MODELS", "")
    assert user_places().models.parts[-2:] == ("softlight", "models")
