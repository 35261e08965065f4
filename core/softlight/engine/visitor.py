"""One host's connection, from the handshake to the result, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from softlight.engine.failures import Failure, describe
from softlight.engine.jobs import JobQueue, Ticket, Work
from softlight.engine.lifetime import Lifetime
from softlight.engine.log import log
from softlight.errors import UnknownSettingError
from softlight.progress import Progress
from softlight_bridge import faces, handshake, models, packing
from softlight_bridge.errors import BridgeError, WireError
from softlight_bridge.messages import PROTOCOL, Box, PixelFormat, Preview, Raster, Result
from softlight_bridge.wire import PATIENCE, Line

if TYPE_CHECKING:
    from softlight.engine.studio import Studio

TURN = 0.05
"""Seconds between two looks at the job and at the connection."""
NEWS = 0.3
"""Seconds after which progress is told even if there is none: the host then knows that we live."""
LONGEST_READING = 600.0
"""Seconds that a host may take to read the photo: GIMP may have to render a large stack of layers first."""


class Gone(Exception):
    """The host has hung up, and nobody is there to hear more."""


@dataclass(frozen=True)
class House:
    """What all visitors share."""

    key: bytes
    lifetime: Lifetime
    queue: JobQueue
    studio: Callable[[], Studio]
    """Returns the one studio; called in the thread of the jobs only."""


def serve(line: Line, house: House) -> None:
    """Do what a host asks for over a new connection; no fault of this host's reaches the others."""
    try:
        client = handshake.receive(line, house.key)
    except BridgeError as error:
        log.warning("%s", error)
        return
    host = client.host or "a host"
    if client.protocol != PROTOCOL:
        log.warning("%s speaks the protocol %d, not %d", host, client.protocol, PROTOCOL)
        if client.protocol > PROTOCOL:
            house.lifetime.retire("a newer plug-in came by")
        return
    try:
        _answer(line, house, client)
        # The host hangs up when it has read all; Windows would drop what it has not.
        line.poll(PATIENCE)
    except Gone:
        log.info("%s has left", host)
    except WireError as error:
        log.warning("%s: %s", host, error)


def _answer(line: Line, house: House, client: handshake.Hello) -> None:
    if not line.poll(PATIENCE):
        raise Gone
    header = line.receive_header()
    kind = header.get("type")
    if kind == "end":
        house.lifetime.retire("asked to end")
        line.send({"type": "ending"})
    elif isinstance(kind, str) and kind in ANSWERS:
        try:
            packed = ANSWERS[kind](line, header, house, client.host or "a host")
        except (WireError, Gone):
            raise
        except Exception as error:
            packed = packing.pack_error(*_refusal(error, house, client))
        line.send(*packed)
    else:
        raise WireError("A message was of an unknown kind.")


def _refusal(error: Exception, house: House, client: handshake.Hello) -> Failure:
    """Return why there is no answer; what we do not know may come from another version."""
    failure, ours = describe(error), handshake.greeting()
    if isinstance(error, UnknownSettingError) and client.version != ours.version:
        failure = failure._replace(sentence=handshake.different(client, ours))
        house.lifetime.retire("a plug-in of another version came by")
    return failure


def _job(line: Line, header: dict[str, Any], house: House, host: str) -> packing.Packed:
    """Do a job and return the answer to it."""
    # Imported here: the first connection must not wait for numpy.
    from softlight.engine.studio import prepare

    started = time.monotonic()
    job, size = packing.unpack_job(line, header)
    request = prepare(job)
    # Asked for at once and not when the job's turn comes: the host means the photo as it is now.
    line.send(*packing.pack_need(request.box))
    pixels = _pixels(line, request.box, job.format)

    def work(progress: Progress) -> Result | Preview:
        studio = house.studio()
        if size is None:
            return studio.result(request, pixels, progress)
        return studio.preview(request, pixels, size, progress)

    ticket = _queued(line, house, work)
    log.info(
        "%s: %s %s of %d x %d %s %s in %.2f s",
        host, job.filter, "layers" if size is None else "preview",
        request.box.width, request.box.height, *job.format, time.monotonic() - started,
    )  # fmt: skip
    if ticket.failure is not None:
        return packing.pack_error(*ticket.failure)
    return packing.pack_result(ticket.value) if size is None else packing.pack_preview(ticket.value)


def _faces(line: Line, header: dict[str, Any], house: House, host: str) -> packing.Packed:
    """Look for the faces of a photo and return the answer."""
    from softlight.engine.faces import whole

    started = time.monotonic()
    request = faces.unpack_request(line, header)
    box = whole(request.picture_size)
    line.send(*packing.pack_need(box))
    pixels = _pixels(line, box, request.format)
    ticket = _queued(line, house, lambda progress: house.studio().faces(request, pixels, progress))
    log.info(
        "%s: faces of %d x %d %s %s in %.2f s",
        host, *request.picture_size, *request.format, time.monotonic() - started,
    )  # fmt: skip
    if ticket.failure is not None:
        return packing.pack_error(*ticket.failure)
    return faces.pack_faces(ticket.value)


def _models(line: Line, header: dict[str, Any], house: House, host: str) -> packing.Packed:
    """Do what shall be done with models, beside the jobs, and return the answer to it."""
    # Imported here: the first connection must not wait for it.
    from softlight.engine.models import act

    started = time.monotonic()
    action = models.unpack_action(header)
    ticket = Ticket(lambda progress: act(action, progress))
    threading.Thread(target=ticket.run, name="models", daemon=True).start()
    try:
        _watch(line, ticket)
    finally:
        ticket.cancel()
    log.info("%s: models %s in %.2f s", host, action.action, time.monotonic() - started)
    if ticket.failure is not None:
        return packing.pack_error(*ticket.failure)
    return models.pack_list(ticket.value)


ANSWERS: dict[str, Callable[[Line, dict[str, Any], House, str], packing.Packed]] = {
    "job": _job,
    "faces": _faces,
    "models": _models,
}
"""What each kind of question is answered by."""


def _pixels(line: Line, box: Box, form: PixelFormat) -> Raster:
    if not line.poll(LONGEST_READING):
        raise Gone
    header = line.receive_header()
    if header.get("type") != "pixels":
        raise WireError("A message was not the one that was due.")
    return packing.unpack_pixels(line, header, box, form)


def _queued(line: Line, house: House, work: Work) -> Ticket:
    """Return the finished ticket of what was done when its turn came."""
    ticket = house.queue.submit(work)
    try:
        _watch(line, ticket)
    finally:
        house.queue.withdraw(ticket)
    return ticket


def _watch(line: Line, ticket: Ticket) -> None:
    """Tell the host how far its job is until it is done; a host that leaves, leaves its job."""
    told, when = (-1.0, ""), 0.0
    while not ticket.wait(TURN):
        # All that a host may do now is hang up.
        if line.poll(0):
            raise Gone
        now = time.monotonic()
        if ticket.news != told or now - when > NEWS:
            told, when = ticket.news, now
            line.send(*packing.pack_progress(*told))
