"""``softlight batch FOLDER --recipe RECIPE.toml --out DIR``: many pictures by one recipe."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softlight.cli.console import Console
from softlight.cli.stopping import Stopped
from softlight.cli.targets import make_folder
from softlight_bridge.translation import _, ngettext, shown

if TYPE_CHECKING:
    from softlight.batch.running import Account

REPORT = "softlight-batch.txt"
SOME_FAILED = 8
STOPPED = "Stopped; what was done is kept, and the same command goes on with what is left."


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit status: 8 when a picture has no result.

    Raises
    ------
    SoftlightError
        When the recipe or the folders do not allow it.
    """
    from softlight.batch.recipe import read_recipe
    from softlight.batch.worklist import worklist

    recipe = read_recipe(options.recipe)
    jobs = worklist(options.folder, options.out, recipe.output)
    make_folder(options.out)
    started = time.monotonic()
    console.progress(0.0, "starting")

    from softlight.batch.running import one_by_one, run_batch
    from softlight.runtime import Runtime

    if options.scheduler is None:
        each = one_by_one(options.out, recipe, Runtime(options.provider), console.progress)
    else:
        from softlight.batch.spread import spread

        each = spread(options.scheduler, options.out, recipe, options.provider, console.progress)
    try:
        account = run_batch(jobs, options.out, recipe, each)
    except Stopped as stopped:
        return console.fail(STOPPED, stopped.exit_code)
    lines = report(account, time.monotonic() - started)
    _write(options.out / REPORT, lines)
    console.result(_told(account), lines)
    return SOME_FAILED if account.failed else 0


def report(account: Account, seconds: float) -> list[str]:
    """Return what people are told at the end: how many, what failed, what is to be known."""
    counts = len(account.made), len(account.kept), len(account.failed)
    lines = [
        _("{made} done in {seconds} s, {kept} were done before, {failed} failed.").format(
            made=counts[0], seconds=round(seconds), kept=counts[1], failed=counts[2]
        )
    ]
    lines += [f"{one.picture}: {shown(one.problem or '')}" for one in account.failed]
    noted: dict[str, list[str]] = {}
    for one in (*account.kept, *account.made):
        for note in one.notes:
            noted.setdefault(note, []).append(one.picture)
    for note, pictures in noted.items():
        count = len(pictures)
        where = (
            pictures[0]
            if count == 1
            else ngettext("{count} picture", "{count} pictures", count).format(count=count)
        )
        lines.append(f"{where}: {shown(note)}")
    return lines


def _write(path: Path, lines: list[str]) -> None:
    from softlight.files.atomic import replacing

    with replacing(path) as file:
        file.write(("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))


def _told(account: Account) -> dict[str, Any]:
    pictures = [
        {
            "picture": one.picture,
            "output": one.output or None,
            "error": one.problem or None,
            "notes": list(one.notes),
            "seconds": one.seconds,
        }
        for one in (*account.kept, *account.made, *account.failed)
    ]
    counts = {"kept": len(account.kept), "made": len(account.made), "failed": len(account.failed)}
    return {**counts, "pictures": pictures}
