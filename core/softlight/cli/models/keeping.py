"""``softlight models verify``, ``remove``, ``choose``, ``prune`` and ``settings``."""

from __future__ import annotations

import argparse

from softlight.cli.console import Console
from softlight.cli.models.getting import named, told
from softlight.errors import ModelError, SettingsError
from softlight_bridge import model_words
from softlight_bridge.translation import shown
from softlight_models.settings import OPTIONS
from softlight_models.store import Store

SWITCH = {"on": True, "off": False}


def verify(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Hash installed models; the exit status is that of a model's failure when one is wrong."""
    verdicts = store.verify(options.models or None, told(console))
    good = all(verdict.good for verdict in verdicts)
    lines = [
        f"{'ok ' if verdict.good else 'BAD'} {verdict.model}: {shown(verdict.sentence)}"
        for verdict in verdicts
    ]
    console.result(
        {
            "good": good,
            "models": [
                {"model": verdict.model, "good": verdict.good, "text": verdict.sentence}
                for verdict in verdicts
            ],
        },
        lines or ["No model is installed beside those that Softlight brings along."],
    )
    return 0 if good else ModelError.exit_code


def remove(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Delete installed models."""
    models = named(options.models, "stays with it")
    for model in models:
        store.entry(model)  # before the first one goes
    states = {state.id: state for state in store.overview()}
    lines = []
    for model in models:
        store.remove(model)
        state = states[model]
        there = state.installed or state.size_on_disk
        lines.append(f"{state.title} was removed." if there else f"{state.title} was not installed.")
    console.result({"removed": models}, lines)
    return 0


def choose(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Set which model a role uses."""
    store.choose(options.role, None if options.model == "auto" else options.model)
    active = next((state for state in store.overview() if state.role == options.role and state.active), None)
    role = model_words.role(options.role)
    if active is None:  # a role without an embedded model, and none is installed
        line = f"{role} has no model yet; see 'softlight models list --role {options.role}'."
    else:
        line = f"{role} uses {active.title} from now on."
    console.result(
        {
            "role": options.role,
            "model": None if active is None else active.id,
            "chosen": active is not None and active.chosen,
        },
        [line],
        store.notes(options.role),
    )
    return 0


def prune(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Delete what no model needs."""
    deleted = [str(path) for path in store.prune(options.unknown)]
    kept = list(store.unknown())
    notes = [
        f"The catalogue does not know {', '.join(kept)}, which may be somebody else's and stayed; "
        "'softlight models prune --unknown' deletes such models."
    ]
    data = {"deleted": deleted, "unknown": kept}
    console.result(data, deleted or ["There was nothing to delete."], notes if kept else [])
    return 0


def settings(options: argparse.Namespace, console: Console, store: Store) -> int:
    """Show the settings, after changing one if that was asked for."""
    if options.name is not None:
        store.set_option(options.name, _value(options.name, options.values))
    now = store.settings()
    data = {
        "non-commercial": now.non_commercial,
        "offline": now.offline,
        "mirrors": [list(pair) for pair in now.mirrors],
        "choices": now.choices,
    }
    lines = [
        f"non-commercial  {'on' if now.non_commercial else 'off'}",
        f"offline         {'on' if now.offline else 'off'}",
        *(f"mirrors         {old}={new}" for old, new in now.mirrors),
        *([] if now.mirrors else ["mirrors         none"]),
        *(f"chosen          {model} for {role}" for role, model in now.choices.items()),
        f"Models          {store.places.models}",
        f"Your entries    {store.places.own_entries}",
        f"Settings        {store.places.settings}",
    ]
    console.result({"settings": data, "folder": str(store.places.models)}, lines)
    return 0


def _value(name: str, values: list[str]) -> object:
    """Return the value of an option as the store takes it."""
    if name not in OPTIONS:
        raise SettingsError(f'There is no setting "{name}"; there are {", ".join(OPTIONS)}.')
    if name != "mirrors":
        if len(values) != 1 or values[0] not in SWITCH:
            raise SettingsError(f"The setting {name} is switched on or off; say which.")
        return SWITCH[values[0]]
    pairs = tuple(value.partition("=")[::2] for value in values if values != ["none"])
    if not values or any(not old or not new for old, new in pairs):
        raise SettingsError("A mirror is written ADDRESS=MIRROR; give one or more, or none.")
    return pairs
