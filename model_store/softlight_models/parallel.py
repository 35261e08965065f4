"""Several downloads at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from softlight_models.download import Wanted, download, missing
from softlight_models.errors import ModelStoreError
from softlight_models.network import NetworkRules
from softlight_models.progress import Progress, silent
from softlight_models.space import require
from softlight_models.transfer import BLINK


class _Stopped(Exception):
    """The caller does not want any of them any more."""


@dataclass
class _Tally:
    """How far each file is; written by the workers, read by the caller's thread."""

    done: list[int]
    text: str = ""


def download_all(
    jobs: Sequence[tuple[Wanted, Path]],
    *,
    network: NetworkRules | None = None,
    progress: Progress = silent,
    at_once: int = 3,
) -> None:
    """Download each file of `jobs` to its target, `at_once` of them at a time.

    Parameters
    ----------
    jobs : sequence of (Wanted, Path)
    network : NetworkRules, optional
    progress : Progress
        Called from the caller's own thread with the bytes of all files together.
    at_once : int
        Three keep a home line busy; more only make servers impatient.

    Raises
    ------
    ModelStoreError
        The sentence of the first file that failed. The other files are finished all the same.
    """
    if not jobs:
        return
    if not (network and network.offline):
        require(jobs[0][1].parent, sum(missing(wanted, target) for wanted, target in jobs), "This download")
    whole = sum(wanted.size or 0 for wanted, _ in jobs)
    new_folders = {target.parent for _, target in jobs if not target.parent.exists()}
    tally = _Tally([0] * len(jobs))
    stop = threading.Event()

    def work(number: int) -> None:
        def hear(done: int, total: int, text: str) -> None:
            if stop.is_set():
                raise _Stopped
            tally.done[number] = done
            tally.text = text

        wanted, target = jobs[number]
        hear(0, 0, tally.text)
        download(wanted, target, network=network, progress=hear)

    with ThreadPoolExecutor(at_once, "softlight download") as pool:
        working: set[Future[None]] = {pool.submit(work, number) for number in range(len(jobs))}
        failed: list[ModelStoreError] = []
        try:
            while working:
                finished, working = wait(working, BLINK, FIRST_COMPLETED)
                for future in finished:
                    try:
                        future.result()
                    except ModelStoreError as error:
                        failed.append(error)
                progress(sum(tally.done), whole, tally.text)
        except BaseException:
            stop.set()  # Each worker leaves at its next report, within a blink.
            raise
        finally:
            wait(working)
            for folder in new_folders:
                with contextlib.suppress(OSError):
                    folder.rmdir()  # Only an empty one goes.
    if failed:
        raise failed[0]
