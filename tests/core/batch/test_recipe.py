"""Recipes: what they say, and what they may not say."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from softlight.batch.recipe import read_recipe, recipe_from
from softlight.errors import SettingsError

WHOLE = """
output = ".tif"
[[step]]
filter = "dewrinkle"
strength = 1
[[step]]
filter = "edit"
smile = 0.25
faces = "1"
[pictures."weddings/bride.tif"]
faces = "2,3"
"""


def test_every_setting_is_there() -> None:
    recipe = recipe_from(tomllib.loads(WHOLE))
    assert recipe.output == ".tif"
    assert [step.filter for step in recipe.steps] == ["dewrinkle", "edit"]
    assert recipe.steps[0].settings["strength"] == 1.0
    assert recipe.steps[1].settings["smile"] == 0.25 and recipe.steps[1].settings["brows"] == 0.0


def test_a_picture_may_mean_other_faces() -> None:
    recipe = recipe_from(tomllib.loads(WHOLE))
    assert [step.settings["faces"] for step in recipe.steps_for("a.tif")] == ["all", "1"]
    assert [step.settings["faces"] for step in recipe.steps_for("weddings/bride.tif")] == ["2,3", "2,3"]
    assert recipe.digest("a.tif") == recipe.digest("b.tif") != recipe.digest("weddings/bride.tif")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "It has no step"),
        ("[[step]]\nstrength = 1", "A step has no filter"),
        ('[[step]]\nfilter = "sharpen"', "There is no filter 'sharpen'"),
        ('[[step]]\nfilter = "edit"\nsmile = 2', "takes a number from -1 to 1"),
        ('[[step]]\nfilter = "edit"\nsmiles = 1', "smiles"),
        ('[[step]]\nfilter = "edit"\nsmile = true', "takes a number"),
        ('output = ".psd"\n[[step]]\nfilter = "edit"', "none of .ora"),
        ('colour = 1\n[[step]]\nfilter = "edit"', "'colour' means nothing in a recipe"),
        ('[[step]]\nfilter = "edit"\n[pictures."a.png"]\nsmile = 1', "only its faces can be told"),
        ("[[step", "is not TOML"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_recipe(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "my recipe.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="my recipe.toml") as told:
        read_recipe(path)
    assert sentence in str(told.value) and "\n" not in str(told.value)


def test_a_recipe_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_recipe(tmp_path / "no.toml")
