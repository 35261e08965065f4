"""Settings, choices and wrong arguments."""

from __future__ import annotations

import json
import sys

import pytest

from tests.core.cli.models.home import Home

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders and terminals as Linux has them")


def test_settings_are_checked(home: Home) -> None:
    for wrong in (("offline", "maybe"), ("offline",), ("colour", "on"), ("mirrors",), ("mirrors", "x")):
        home.refused("settings", *wrong, status=2)
    home.refused("settings", "mirrors", "http://evil.example/=https://b.example/")
    mirror = "https://a.example/=https://b.example/a/"
    assert f"mirrors         {mirror}\n" in home.done("settings", "mirrors", mirror)
    assert home.told("settings")["settings"]["mirrors"] == [["https://a.example/", "https://b.example/a/"]]
    assert "mirrors         none\n" in home.done("settings", "mirrors", "none")


def test_wrong_arguments_are_one_sentence(home: Home) -> None:
    for arguments in (
        (),
        ("dance",),
        ("download",),
        ("export", "lama"),
        ("choose", "age"),
        ("list", "--rol", "x"),
    ):
        done = home.run(*arguments)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
        done = home.run(*arguments, "--json")
        answer = json.loads(done.stdout)
        assert (done.returncode, answer["status"], answer["exit_code"]) == (2, "failed", 2)
        assert "--help' shows what there is." in answer["error"]


def test_a_role_without_any_model_can_be_chosen_for_all_the_same(home: Home) -> None:
    assert home.done("choose", "age", "auto") == (
        "Age has no model yet; see 'softlight models list --role age'.\n"
    )
    answer = home.told("choose", "age", "auto")
    assert (answer["model"], answer["chosen"]) == (None, False)
