"""What a filter says about itself: its name and its parameters, declared once.

The command line's options, GIMP's dialog and Krita's docker are all generated from a `FilterSpec`. This
module is pure Python: the command line reads it before numpy is loaded, and the hosts carry it as data.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, TypeVar

from softlight.errors import UnknownSettingError

Kind = Literal["number", "choice", "flag", "faces"]
Brush = Literal["needed", "optional"]
Value = float | str | bool | None

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FACES = re.compile(r"[1-9][0-9]{0,3}(,[1-9][0-9]{0,3})*")
ALL_FACES = "all"
_Settings = TypeVar("_Settings")


@dataclass(frozen=True)
class Choice:
    """One of the values that a parameter of kind "choice" takes."""

    value: str
    """What scripts write and what is stored."""
    label: str
    """What people read."""


@dataclass(frozen=True)
class Parameter:
    """One setting of a filter, described for every place that shows it.

    Parameters
    ----------
    name : str
        Name of the setting: lower-case words joined by underscores.
    kind : {"number", "choice", "flag", "faces"}
        "faces" chooses among the faces of the photo: ``"all"``, or their numbers from left to right, counted
        from 1, such as ``"1,3"``.
    label : str
        A few words, for a dialog.
    help : str
        One sentence or two in plain language.
    default : float, str, bool or None
        `None`, for a number only, means that the filter finds the value itself.
    minimum, maximum : float
        Inclusive range; numbers only, and required there.
    unit : str
        Unit of a number, such as ``"px"``; empty for a plain ratio.
    choices : tuple of Choice
        For kind "choice" only.
    group : str
        Heading under which dialogs show it together with its neighbours of the same group; empty for none.
    switch : bool
        For a number from 0 on that does nothing at 0: dialogs show a check box beside the slider, and 0 is
        what is sent when it is not ticked.
    whole_faces : bool
        Whether it counts on whole faces alone, as the kind "faces" must: dialogs hide it beside a mask.

    Raises
    ------
    ValueError
        When the description contradicts itself, which is a mistake of the filter's author.
    """

    name: str
    kind: Kind
    label: str
    help: str
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    group: str = ""
    switch: bool = False
    whole_faces: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a parameter name")
        ranged = self.minimum is not None and self.maximum is not None
        if ranged != (self.kind == "number"):
            raise ValueError(f"{self.name}: numbers, and only they, have a minimum and a maximum")
        if bool(self.choices) != (self.kind == "choice"):
            raise ValueError(f"{self.name}: choices go with the kind 'choice', and only with it")
        if self.switch and self.minimum != 0:
            raise ValueError(f"{self.name}: only a number that begins at 0 can be switched off")
        if self.kind == "faces" and not self.whole_faces:
            raise ValueError(f"{self.name}: faces are chosen among where no brush says where to work")
        try:
            self.check(self.default)
        except UnknownSettingError as error:
            raise ValueError(f"the default of {self.name} is not a value of it: {error}") from error

    @property
    def optional(self) -> bool:
        """Whether `None` is a value: the filter then finds the number itself."""
        return self.kind == "number" and self.default is None

    def check(self, value: object) -> Value:
        """Return `value` as this parameter's own type.

        Raises
        ------
        UnknownSettingError
            When the value is of another kind or out of range.
        """
        if value is None and self.optional:
            return None
        if self.kind == "flag":
            return self._check_flag(value)
        if self.kind == "choice":
            return self._check_choice(value)
        if self.kind == "faces":
            return self._check_faces(value)
        return self._check_number(value)

    def _check_flag(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise UnknownSettingError(f"The setting '{self.name}' is either on or off, not {value!r}.")
        return value

    def _check_choice(self, value: object) -> str:
        known = [choice.value for choice in self.choices]
        if not isinstance(value, str) or value not in known:
            raise UnknownSettingError(f"The setting '{self.name}' takes {_either(known)}, not {value!r}.")
        return str(value)

    def _check_faces(self, value: object) -> str:
        numbers = value.replace(" ", "") if isinstance(value, str) else ""
        if numbers == ALL_FACES:
            return ALL_FACES
        if not _FACES.fullmatch(numbers):
            raise UnknownSettingError(
                f"The setting '{self.name}' takes '{ALL_FACES}', or the numbers of faces from left to right, "
                f"such as '1,3', not {value!r}."
            )
        return ",".join(map(str, sorted(set(face_numbers(numbers)))))

    def _check_number(self, value: object) -> float:
        low, high = self.minimum or 0.0, self.maximum or 0.0
        # The comparison also refuses NaN and the infinities.
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        most = f"{high:g} {self.unit}".rstrip()
        raise UnknownSettingError(
            f"The setting '{self.name}' takes a number from {low:g} to {most}, not {value!r}."
        )


def face_numbers(value: str) -> tuple[int, ...]:
    """Return the numbers in a checked value of the kind "faces" that is not ``"all"``."""
    return tuple(int(number) for number in value.split(","))


@dataclass(frozen=True)
class FilterSpec:
    """A filter's name and all its parameters.

    Parameters
    ----------
    name : str
        Lower-case words joined by underscores; the name of its folder, and of its command with hyphens.
    label : str
        What menus show.
    help : str
        One sentence on what it does for the picture.
    parameters : tuple of Parameter
        In the order in which dialogs show them.
    view : str, optional
        Label of what the filter can show of its inner sight, such as a map of wrinkles.
    brush : {"needed", "optional"}
        Whether the filter can do without a mask: it then works on whole faces, which it finds itself.
    """

    name: str
    label: str
    help: str
    parameters: tuple[Parameter, ...]
    view: str | None = None
    brush: Brush = "needed"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a filter name")
        names = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two parameters have the same name")

    def complete(self, arguments: Mapping[str, object]) -> dict[str, Value]:
        """Return a checked value for every parameter: from `arguments`, or the default.

        Raises
        ------
        UnknownSettingError
            When an argument is unknown, of another kind, or out of range.
        """
        known = [parameter.name for parameter in self.parameters]
        for name in arguments:
            if name not in known:
                raise UnknownSettingError(f"{self.label} has no setting '{name}'; it has {', '.join(known)}.")
        return {p.name: p.check(arguments.get(p.name, p.default)) for p in self.parameters}


def settings_from_arguments(
    spec: FilterSpec, settings_type: type[_Settings], arguments: Mapping[str, object]
) -> _Settings:
    """Build a filter's settings from plain values, as a command line, a file or a host gives them.

    Parameters
    ----------
    spec : FilterSpec
    settings_type : type
        The filter's frozen dataclass of settings: one field per parameter, with the same defaults. A choice
        whose field defaults to a member of an `enum.Enum` becomes a member of that enumeration.
    arguments : mapping of str to object
        Missing ones take the parameter's default.

    Raises
    ------
    UnknownSettingError
        When an argument is unknown, of another kind, or out of range.
    """
    values: dict[str, Any] = dict(spec.complete(arguments))
    for setting in dataclasses.fields(settings_type):  # type: ignore[arg-type]
        if isinstance(setting.default, Enum):
            values[setting.name] = type(setting.default)(values[setting.name])
    return settings_type(**values)


def arguments_from_settings(settings: object) -> dict[str, Value]:
    """Return the plain, JSON-compatible values of a filter's settings; the inverse of the above."""
    values: dict[str, Value] = {}
    for setting in dataclasses.fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, setting.name)
        values[setting.name] = value.value if isinstance(value, Enum) else value
    return values


def _either(words: list[str]) -> str:
    return " or ".join(f"'{word}'" for word in words)
