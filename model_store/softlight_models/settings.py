"""What the user decided about models."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from softlight_models import json_files
from softlight_models.errors import ModelStoreError
from softlight_models.schema import SchemaError, Table, reason
from softlight_models.urls import is_safe_url

OPTIONS = ("non-commercial", "offline", "mirrors")
"""The settings that have a name; choices are set role by role."""


@dataclass(frozen=True)
class StoreSettings:
    """The settings of one user."""

    non_commercial: bool = False
    """Whether models may be used whose licence forbids commercial use."""
    offline: bool = False
    """Whether every connection is forbidden."""
    mirrors: tuple[tuple[str, str], ...] = ()
    """Beginnings of addresses, and what to put in their place; the first that fits is tried first."""
    choices: dict[str, str] = field(default_factory=dict)
    """The model that the user chose for a role."""


def read_settings(path: Path) -> StoreSettings:
    """Return the settings in `path`, the defaults if there are none.

    Raises
    ------
    ModelStoreError
        If they cannot be read: guessing could make a connection that the user forbade.
    """
    try:
        table = json_files.read_table(path)
        return StoreSettings() if table is None else _settings(table)
    except (OSError, ValueError) as error:
        raise ModelStoreError(
            f"The settings {path} cannot be read ({reason(error)}); correct or delete the file."
        ) from None


def write_settings(path: Path, settings: StoreSettings) -> None:
    """Write `settings`; raises `ModelStoreError` and leaves the old ones."""
    content = {
        "non-commercial": settings.non_commercial,
        "offline": settings.offline,
        "mirrors": [list(pair) for pair in settings.mirrors],
        "choices": settings.choices,
    }
    json_files.write(path, content)


def with_option(settings: StoreSettings, name: str, value: object) -> StoreSettings:
    """Return `settings` with one option changed.

    Raises
    ------
    ModelStoreError
        If there is no such option or it cannot have this value.
    """
    if name not in OPTIONS:
        raise ModelStoreError(f'There is no setting "{name}"; there are {", ".join(OPTIONS)}.')
    if isinstance(value, tuple):
        value = [list(pair) if isinstance(pair, tuple) else pair for pair in value]
    try:
        changed = _settings(Table({name: value}))
    except SchemaError as error:
        raise ModelStoreError(f"The setting cannot be made ({error}); give it another value.") from None
    attribute = name.replace("-", "_")
    return replace(settings, **{attribute: getattr(changed, attribute)})


def mirrors(table: Table) -> tuple[tuple[str, str], ...]:
    """Take the mirrors of a settings or policy file."""
    pairs = table.pairs("mirrors")
    for old, new in pairs:
        if not is_safe_url(old) or not is_safe_url(new):
            raise SchemaError(f"{table.key('mirrors')} has an address that is not https")
    return pairs


def _settings(table: Table) -> StoreSettings:
    """Return what is in `table`; what a later version of Softlight put there too is left aside."""
    choices = table.table("choices") if "choices" in table else Table({})
    return StoreSettings(
        non_commercial=table.flag("non-commercial", False),
        offline=table.flag("offline", False),
        mirrors=mirrors(table),
        choices={role: choices.text(role) for role in choices},
    )
