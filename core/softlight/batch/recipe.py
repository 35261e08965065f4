"""A recipe: which filters are run on every picture, with which settings, and what comes out.

It is a TOML file::

    output = ".ora"          # layers; or flat: .png, .tif, .jpg or .webp

    [[step]]
    filter = "dewrinkle"
    strength = 0.8

    [[step]]
    filter = "edit"
    smile = 0.3
    faces = "1"

    [pictures."bride.tif"]   # a picture of which other faces are meant
    faces = "2"

Settings have the names of the filters' options, with ``_`` for ``-``; what is left out has its default.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import softlight
from softlight.errors import SettingsError
from softlight.filters.registry import specification
from softlight.filters.specification import FilterSpec

OUTPUTS = (".ora", ".png", ".tif", ".jpg", ".webp")
_KEYS = {"output", "step", "pictures"}


@dataclass(frozen=True)
class Step:
    """One filter of a recipe."""

    filter: str
    settings: Mapping[str, Any]
    """Every parameter of the filter, checked."""


@dataclass(frozen=True)
class Recipe:
    """What is done to each picture."""

    steps: tuple[Step, ...]
    output: str
    """Suffix of the results: one of `OUTPUTS`."""
    faces: Mapping[str, str] = field(default_factory=dict)
    """Of single pictures, by their path from the folder (with ``/``): which faces are worked on instead."""

    def steps_for(self, picture: str) -> tuple[Step, ...]:
        """Return the steps for a picture, by its path from the folder."""
        chosen = self.faces.get(picture)
        if chosen is None:
            return self.steps
        return tuple(
            Step(step.filter, {**step.settings, "faces": chosen}) if "faces" in step.settings else step
            for step in self.steps
        )

    def digest(self, picture: str) -> str:
        """Return what tells apart all that would give a picture another result."""
        steps = [[step.filter, dict(step.settings)] for step in self.steps_for(picture)]
        told = json.dumps([softlight.__version__, self.output, steps], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises
    ------
    SettingsError
        When it cannot be read, is no TOML, or says something that there is not.
    """
    try:
        with open(path, "rb") as file:
            told = tomllib.load(file)
    except OSError as error:
        raise SettingsError(
            f"The recipe '{path}' cannot be read ({error.strerror}); check its name."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The recipe '{path}' is not TOML: {error}.") from error
    try:
        return recipe_from(told)
    except SettingsError as error:
        raise SettingsError(f"In the recipe '{path.name}': {error}") from error


def recipe_from(told: Mapping[str, Any]) -> Recipe:
    """Return the recipe that a TOML file's contents mean.

    Raises
    ------
    SettingsError
        When there is no step, or anything that is not known.
    """
    unknown = sorted(set(told) - _KEYS)
    if unknown:
        raise SettingsError(f"'{unknown[0]}' means nothing in a recipe; there are output, step and pictures.")
    output = told.get("output", ".ora")
    if output not in OUTPUTS:
        raise SettingsError(f"The output {output!r} is none of {', '.join(OUTPUTS)}.")
    steps = told.get("step", [])
    if not isinstance(steps, list) or not steps or not all(isinstance(one, dict) for one in steps):
        raise SettingsError('It has no step; write [[step]] and below it filter = "…".')
    pictures = told.get("pictures", {})
    if not isinstance(pictures, dict):
        raise SettingsError('Pictures are tables, such as [pictures."bride.tif"].')
    return Recipe(
        tuple(_step(one) for one in steps),
        output,
        {name.replace("\\", "/"): _faces(name, one) for name, one in pictures.items()},
    )


def _step(told: Mapping[str, Any]) -> Step:
    name = told.get("filter")
    if not isinstance(name, str):
        raise SettingsError('A step has no filter; write filter = "dewrinkle" or another.')
    spec = specification(name.replace("-", "_"))
    given = {key: _value(spec, key, value) for key, value in told.items() if key != "filter"}
    if spec.brush == "needed":
        raise SettingsError(f"{spec.label} needs a brush, and a recipe has none; leave the step out.")
    return Step(spec.name, spec.complete(given))


def _value(spec: FilterSpec, name: str, value: Any) -> Any:
    """Return a value as the specification takes it: TOML's whole numbers are numbers."""
    numbers = {one.name for one in spec.parameters if one.kind == "number"}
    if name in numbers and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _faces(name: str, told: Any) -> str:
    if not isinstance(told, dict) or set(told) != {"faces"} or not isinstance(told["faces"], str):
        raise SettingsError(f"Of the picture '{name}' only its faces can be told, such as faces = \"2\".")
    return str(told["faces"])
