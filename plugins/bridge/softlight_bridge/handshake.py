"""How the two sides of a new connection find out that they may and can talk to each other.

First the key, in both directions, by the challenges of `multiprocessing.connection`, which Pythons of all
versions answer each other (HMAC of MD5 before 3.12, of SHA-256 since). Then one message each way with
protocol and version. All of it has one deadline, since each step alone could wait for ever.
"""

from __future__ import annotations

import os
import re
from multiprocessing import AuthenticationError
from multiprocessing.connection import answer_challenge, deliver_challenge
from typing import Any, NamedTuple

import softlight_bridge
from softlight_bridge import places
from softlight_bridge.errors import BridgeError, WireError
from softlight_bridge.messages import PROTOCOL
from softlight_bridge.peers import same_user
from softlight_bridge.wire import Line

DEADLINE = 5.0
"""Seconds for a whole handshake, which takes 2 ms."""


class Hello(NamedTuple):
    """How a side introduces itself."""

    protocol: int
    version: str
    host: str
    """"GIMP 3.0.4"; empty from the engine."""


class Refused(BridgeError):
    """The other side has another key, is another user, or speaks another protocol."""


class OtherProtocol(Refused):
    """The other side speaks another protocol, and has our key."""


class Unanswered(BridgeError):
    """The other side hung up, or did not finish the handshake in time."""


class Late(Unanswered):
    """The engine is there and did not finish the handshake in time."""


def greet(line: Line, key: bytes, host: str) -> Hello:
    """Do the client's side and return what the engine said of itself.

    Raises
    ------
    Refused
    OtherProtocol
    Late
    Unanswered
    """
    with line.deadline(DEADLINE):
        try:
            # The engine challenges first, as multiprocessing's Listener does.
            answer_challenge(line.connection, key)
            deliver_challenge(line.connection, key)
        except AuthenticationError:
            raise Refused(
                f"Softlight's engine does not accept the key '{places.key_path()}'; end the "
                "engine or remove the key, and try again."
            ) from None
        except _LOST as error:
            raise _no_answer(line) from error
        try:
            line.send(_introduction("hello", host))
            engine = _introduced(line.receive_header(), "welcome")
        except WireError as error:
            raise _no_answer(line) from error
    if line.aborted:  # just as the answer came
        raise _no_answer(line)
    if engine.protocol != PROTOCOL:
        raise OtherProtocol(different(greeting(host), engine))
    return engine


def receive(line: Line, key: bytes) -> Hello:
    """Do the engine's side and return what the client said of itself, whatever protocol it speaks.

    The client hears our protocol in any case, so that it can tell its user what to update.

    Raises
    ------
    Refused
        When the peer has not our key or is another user.
    Unanswered
    """
    if os.name == "posix" and not same_user(line.connection.fileno()):
        raise Refused("A process of another user was refused.")
    with line.deadline(DEADLINE):
        try:
            deliver_challenge(line.connection, key)
            answer_challenge(line.connection, key)
        except AuthenticationError:
            raise Refused("A process with another key was refused.") from None
        except _LOST as error:
            raise Unanswered("A connection did not finish its handshake.") from error
        try:
            client = _introduced(line.receive_header(), "hello")
            line.send(_introduction("welcome", ""))
        except WireError as error:
            raise Unanswered("A connection did not finish its handshake.") from error
    return client


def different(client: Hello, engine: Hello) -> str:
    """Return the sentence for a plug-in and an engine that do not understand each other."""
    host = (client.host or "the host").split(" ")[0]
    if (client.protocol, _numbers(client.version)) < (engine.protocol, _numbers(engine.version)):
        return (
            f"This plug-in (Softlight {client.version}) is older than the engine that runs "
            f"(Softlight {engine.version}); run 'softlight plugins install' and restart {host}."
        )
    # The engine ends by itself once it has met a newer protocol and has no work left.
    return (
        f"This plug-in (Softlight {client.version}) is newer than the engine that runs (Softlight "
        f"{engine.version}); update Softlight's engine, and if you just did, try again in a few seconds."
    )


def greeting(host: str = "") -> Hello:
    """Return how we introduce ourselves."""
    return Hello(PROTOCOL, softlight_bridge.__version__, host)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


_LOST = (EOFError, OSError, RuntimeError, AssertionError, ValueError, TypeError)


def _no_answer(line: Line) -> Unanswered:
    if line.aborted:
        return Late(
            f"Softlight's engine runs but did not answer within {DEADLINE:.0f} seconds; end the process and "
            f"try again. Its log is '{places.log_path()}'."
        )
    return Unanswered(f"Softlight's engine hung up; try again. Its log is '{places.log_path()}'.")


def _introduction(kind: str, host: str) -> dict[str, Any]:
    return {"type": kind, "protocol": PROTOCOL, "version": softlight_bridge.__version__, "host": host}


def _introduced(header: dict[str, Any], kind: str) -> Hello:
    protocol, version, host = header.get("protocol"), header.get("version"), header.get("host")
    whole = isinstance(protocol, int) and isinstance(version, str) and isinstance(host, str)
    if header.get("type") != kind or not whole or len(version) > 40 or len(host) > 80:  # type: ignore[arg-type]
        raise WireError("The other side did not introduce itself.")
    assert isinstance(protocol, int) and isinstance(version, str) and isinstance(host, str)
    return Hello(protocol, version, "".join(c for c in host if c.isprintable()))
