"""The engine's door: accepting hosts, each in a thread of its own, from start to end."""

from __future__ import annotations

import functools
import os
import signal
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import TYPE_CHECKING, Any

import softlight
from softlight.engine import memory
from softlight.engine.jobs import JobQueue
from softlight.engine.lifetime import Closed, Lifetime, logged_out
from softlight.engine.lock import Lock
from softlight.engine.log import log
from softlight.engine.settings import EngineSettings
from softlight.engine.visitor import House, serve
from softlight_bridge import places, private_files
from softlight_bridge.errors import BridgeError
from softlight_bridge.listening import listen
from softlight_bridge.messages import PROTOCOL
from softlight_bridge.private_files import State
from softlight_bridge.wire import Line

if TYPE_CHECKING:
    from softlight.engine.studio import Studio

MOST_VISITORS = 32
"""Connections at a time, most of them hosts that wait for their turn; more are hung up on and try again."""


def run_engine(settings: EngineSettings, lock: Lock) -> None:
    """Be the engine until it is over, and tidy up.

    Parameters
    ----------
    settings : EngineSettings
    lock : Lock
        Taken by this process.

    Raises
    ------
    BridgeError
        When the key, the socket or the state file cannot be made.
    """
    key = private_files.new_key()
    listener = listen()
    files = [places.key_path(), places.state_path()]
    if os.name == "posix":
        files.append(listener.address)
    try:
        private_files.write_state(State(listener.address, os.getpid(), PROTOCOL, softlight.__version__))
        studio = _studio_of(settings)
        queue = JobQueue(warm_up=studio)
        logout = logged_out(lambda: _in_place(lock, files))

        def over() -> str:
            return "a cancelled job does not stop" if queue.stuck else logout()

        lifetime = Lifetime(settings.idle_minutes * 60, over)
        _obey_signals(lifetime)
        house = House(key, lifetime, queue, studio)
        threading.Thread(target=_accept, args=(listener, house), name="door", daemon=True).start()
        log.info("listening")
        log.info("ends: %s", lifetime.wait())
    finally:
        _tidy(listener, lock)


def _studio_of(settings: EngineSettings) -> Callable[[], Studio]:
    @functools.cache
    def studio() -> Studio:
        # numpy, OpenCV and onnxruntime: half a second, while the first host still sends its picture.
        from softlight.engine.studio import Studio

        return Studio(settings.provider)

    return studio


def _accept(listener: Any, house: House) -> None:
    places_left = threading.BoundedSemaphore(MOST_VISITORS)

    def visit(line: Line) -> None:
        try:
            # From before the handshake on, so that no host is welcomed by an engine that is ending.
            with house.lifetime.visit():
                serve(line, house)
        except Closed:
            pass  # The host is hung up on, and starts another.
        except Exception:
            log.exception("a connection met a defect")
        finally:
            line.close()
            places_left.release()
            memory.give_back()

    while True:
        try:
            line = Line(listener.accept())
        except Exception as error:
            # Too many open files, or a peer that left before it was let in.
            log.warning("a connection was not accepted: %s", error)
            threading.Event().wait(0.2)
            continue
        if not places_left.acquire(blocking=False):
            log.warning("too many connections")
            line.close()
            continue
        threading.Thread(target=visit, args=(line,), name="visitor", daemon=True).start()


def _obey_signals(lifetime: Lifetime) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        lifetime.end(f"told to by signal {number}")

    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        # Only the main thread may; a test may run the engine in another.
        if number is not None and threading.current_thread() is threading.main_thread():
            signal.signal(number, end)


def _in_place(lock: Lock, files: Iterable[str]) -> bool:
    """Whether clients still find this engine; if not, it must make room for one that they find."""
    return lock.in_place() and all(map(os.path.exists, files))


def _tidy(listener: Any, lock: Lock) -> None:
    """Remove what points to this engine, unless the folder is gone or has become another engine's."""
    if not lock.in_place():
        return
    try:
        for path in (places.state_path(), places.key_path()):
            if os.path.exists(path):
                os.unlink(path)
        listener.close()
    except (OSError, BridgeError) as error:
        log.warning("could not tidy up: %s", error)
