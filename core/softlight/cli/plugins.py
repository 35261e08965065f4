"""``softlight plugins install|uninstall|status|pack``."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from softlight.cli.console import Console
from softlight.cli.options import UsageError
from softlight.errors import PluginError
from softlight.plugins import gimp, krita, sandboxes
from softlight.plugins.archives import pack
from softlight.plugins.hosts import Host, Kind
from softlight.plugins.installing import (
    install,
    installed,
    remove_config,
    uninstall,
    write_config,
)
from softlight.plugins.machine import Machine, this_machine
from softlight.plugins.status import problems, strays
from softlight_bridge import client
from softlight_bridge.errors import BridgeError
from softlight_bridge.translation import _, shown

OPENED_BY = {
    "gimp": "Filters > Softlight",
    "gimp210": "Filters > Softlight",
    "krita": "Settings > Dockers > Softlight",
}
"""Where each plug-in is found; in ASCII, for old Windows consoles."""


@dataclass(frozen=True)
class Outcome:
    """What was done with one host, and what keeps Softlight from appearing there."""

    host: Host
    done: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    PluginError
        When there is no host to install into or to look at, or for sudo, whose home folder is root's.
    """
    kinds = [kind for kind in ("gimp", "krita") if getattr(options, kind)] or ["gimp", "krita"]
    if options.action == "pack":
        return _pack(kinds, options.out or Path(), console)
    if options.out is not None:
        raise UsageError("The option --out goes with 'softlight plugins pack' alone.")
    machine = this_machine()
    if machine.variables.get("SUDO_USER", "root") != "root":
        raise PluginError("Plug-ins go into your own folders and not into root's; run it without sudo.")
    named = options.krita and options.action == "install"
    hosts = find(machine, kinds, assume_krita=named)
    if not hosts and options.action != "uninstall":
        if options.action == "install":
            write_config(machine)  # for a plug-in in a host that we do not find, which came as a file
        raise PluginError(_nothing_found(kinds))
    act = ACTIONS[options.action]
    outcomes = [act(host, machine) for host in hosts]
    more = _afterwards(options.action, machine, outcomes)
    if options.action == "install" and any(outcome.done for outcome in outcomes):
        outcomes = [forgiven(outcome) for outcome in outcomes]
    if not hosts:
        more = (*more, f"{_none(kinds)} was found for this user, so there was nothing to take out.")
    works = not any(outcome.problems for outcome in outcomes)
    data = {"works": works, "hosts": [described(outcome) for outcome in outcomes], "done": list(more)}
    console.result(data, [line for outcome in outcomes for line in lines(outcome)] + list(more))
    return 0 if works else PluginError.exit_code


def _pack(kinds: Sequence[str], folder: Path, console: Console) -> int:
    """Write the plug-ins as zip files."""
    wanted: list[Kind] = ["krita"] if "krita" in kinds else []
    wanted += ["gimp", "gimp210"] if "gimp" in kinds else []
    done = pack(wanted, folder)
    console.result({"done": list(done)}, done)
    return 0


def find(machine: Machine, kinds: Sequence[str], assume_krita: bool = False) -> tuple[Host, ...]:
    """Return the hosts of these kinds. Of two that share a folder the one outside a sandbox counts."""
    found: list[Host] = []
    for kind in kinds:
        sandboxed = sandboxes.find(machine, kind)
        plain = gimp.find(machine) if kind == "gimp" else krita.find(machine, assume_krita and not sandboxed)
        shared = {host.target for host in sandboxed}
        # A folder that a Flatpak shares says nothing about a program outside of it.
        plain = tuple(host for host in plain if host.program or host.target not in shared)
        taken = {host.target for host in plain}
        found += [*plain, *(host for host in sandboxed if host.target not in taken)]
    return tuple(found)


def put(host: Host, machine: Machine) -> Outcome:
    """Install into a host, and look whether it would appear."""
    try:
        done = install(host, machine)
    except PluginError as error:
        return Outcome(host, problems=(str(error),))
    after = look(host, machine)
    name = host.label.split(" ")[0]
    opened = f"Open it with {OPENED_BY[host.kind]}; a {name} that is running must be started anew."
    return Outcome(host, done, after.problems, (*after.notes, opened))


def take(host: Host, machine: Machine) -> Outcome:
    """Uninstall from a host."""
    try:
        return Outcome(host, uninstall(host) or ("Softlight was not installed here.",), notes=strays(host))
    except PluginError as error:
        return Outcome(host, problems=(str(error),))


def look(host: Host, machine: Machine) -> Outcome:
    """Find out whether Softlight would appear in a host."""
    found, elsewhere = problems(host, machine), strays(host)
    if found:
        return Outcome(host, problems=found)
    return Outcome(host, (f"Softlight is in '{host.target}', and its engine starts.",), notes=elsewhere)


def forgiven(outcome: Outcome) -> Outcome:
    """An installation has not failed over a host that can take no plug-in, where there was another."""
    if outcome.host.obstacle is None:
        return outcome
    return replace(outcome, problems=(), notes=outcome.problems)


ACTIONS: dict[str, Callable[[Host, Machine], Outcome]] = {"install": put, "uninstall": take, "status": look}


def lines(outcome: Outcome) -> list[str]:
    """Return what people read about a host: its name, and below it one line per thing."""
    problems = (_("Problem: {sentence}").format(sentence=shown(text)) for text in outcome.problems)
    said = [*map(shown, outcome.done), *problems, *map(shown, outcome.notes)]
    return [outcome.host.label, *(f"  {text}" for text in said)]


def described(outcome: Outcome) -> dict[str, Any]:
    """Return what machines are told about a host."""
    host = outcome.host
    return {
        "host": host.label,
        "kind": host.kind,
        "version": ".".join(map(str, host.version)),
        "program": str(host.program) if host.program else None,
        "folder": str(host.target),
        "done": list(outcome.done),
        "problems": list(outcome.problems),
        "notes": list(outcome.notes),
    }


def _afterwards(action: str, machine: Machine, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """What concerns no single host: the engine's place in the user's settings, and a running engine."""
    if action == "status":
        return ()
    more: tuple[str, ...] = ()
    if action == "install" and any(not outcome.problems for outcome in outcomes):
        write_config(machine)
    elif action == "uninstall" and not any(map(_remains, find(machine, ("gimp", "krita")))):
        more = remove_config(machine)
    # A warm engine of an older version would refuse the new plug-in.
    with contextlib.suppress(BridgeError):
        if client.end_engine():
            more += ("The engine that was running has been asked to end.",)
    return more


def _remains(host: Host) -> bool:
    """Whether a plug-in of ours, which needs the engine's place, is still in a host."""
    try:
        return installed(host.target) is not None
    except OSError:
        return True


def _none(kinds: Sequence[str]) -> str:
    if len(kinds) > 1:
        return "No GIMP and no Krita"
    return "No GIMP" if "gimp" in kinds else "No Krita"


def _nothing_found(kinds: Sequence[str]) -> str:
    if "krita" in kinds:
        return (
            f"{_none(kinds)} was found for this user; start it once, then run 'softlight plugins install', "
            "or with --krita for an AppImage of Krita that was never started."
        )
    return f"{_none(kinds)} was found for this user; start it once, then run 'softlight plugins install'."
