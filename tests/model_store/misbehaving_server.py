"""A web server that does what it is told, wrong things above all, and remembers what it sent.

A behaviour is a function of a `Line`: one connection with one request. A server is given a list of them: the
first request gets the first, and the last one stays.
"""

from __future__ import annotations

import contextlib
import email.utils
import gzip
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass
class Line:
    """One connection: what was asked, and what was sent so far."""

    socket: socket.socket
    content: bytes
    """What the server has at every address."""
    path: str
    headers: Mapping[str, str]
    """What was asked, in lower case."""
    body_sent: int = 0
    """Bytes of the file that went out."""
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when the server ends: who stalls may leave."""
    counting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def start(self) -> int | None:
        """From which byte on the file is asked for; None without a Range header."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(match[1]) if match else None

    def head(self, status: int, **headers: str | int) -> None:
        """Send the status line and headers; ``content_length=3`` becomes ``Content-Length: 3``."""
        self.socket.sendall(rendered(status, headers))

    def body(self, content: bytes) -> None:
        """Send bytes of the file."""
        with self.counting:  # The client may have them, and ask for the count, before they are counted.
            self.socket.sendall(content)
            self.body_sent += len(content)

    def reset(self) -> None:
        """Break the connection off with RST, as a router that forgot it does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def stall(self) -> None:
        """Say nothing more, and keep the connection."""
        self.gone.wait(30)


Behaviour = Callable[[Line], None]


def rendered(status: int, headers: Mapping[str, str | int]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "?"
    lines = [f"HTTP/1.1 {status} {phrase}", "Connection: close"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer(line: Line, **more: str | int) -> bytes:
    """Send the head of an honest answer, and return the bytes that should follow."""
    size = len(line.content)
    if line.start is None:
        line.head(200, **{"content_length": size, "etag": '"one"', **more})
        return line.content
    if line.start >= size:
        line.head(416, content_range=f"bytes */{size}", content_length=0)
        return b""
    line.head(
        206,
        **{
            "content_length": size - line.start,
            "content_range": f"bytes {line.start}-{size - 1}/{size}",
            "etag": '"one"',
            **more,
        },
    )
    return line.content[line.start :]


def honest(line: Line) -> None:
    line.body(answer(line))


def cut_in_head(count: int) -> Behaviour:
    """Close after so many bytes of the status line and headers."""

    def behave(line: Line) -> None:
        line.socket.sendall(rendered(200, {"content_length": len(line.content)})[:count])

    return behave


def cut_after(count: int) -> Behaviour:
    """Close in good manner after so many bytes of the file."""

    def behave(line: Line) -> None:
        line.body(answer(line)[:count])

    return behave


def reset_after(count: int) -> Behaviour:
    def behave(line: Line) -> None:
        line.body(answer(line)[:count])
        time.sleep(0.05)  # RST overtakes what is still on its way.
        line.reset()

    return behave


def stall_after(count: int | None) -> Behaviour:
    """Stall after so many bytes of the file; None: before the answer."""

    def behave(line: Line) -> None:
        if count is not None:
            line.body(answer(line)[:count])
        line.stall()

    return behave


def drip(count: int, pause: float) -> Behaviour:
    """Send so many bytes, then one more every `pause` seconds."""

    def behave(line: Line) -> None:
        rest = answer(line)
        line.body(rest[:count])
        for at in range(count, len(rest)):
            if line.gone.wait(pause):
                return
            line.body(rest[at : at + 1])

    return behave


def status(number: int, **headers: str | int) -> Behaviour:
    def behave(line: Line) -> None:
        line.head(number, **{"content_length": 5, **headers})
        line.socket.sendall(b"sorry")

    return behave


def unavailable_for(seconds: float) -> Behaviour:
    """Ask to come back at a date that lies so far behind the answer."""

    def behave(line: Line) -> None:
        status(503, retry_after=email.utils.formatdate(time.time() + seconds, usegmt=True))(line)

    return behave


def redirect(to: str, number: int = 302) -> Behaviour:
    return status(number, location=to)


def other_content(content: bytes, **more: str | int) -> Behaviour:
    """Serve `content` in place of the file, correctly otherwise."""

    def behave(line: Line) -> None:
        line.content = content
        line.body(answer(line, **more))

    return behave


def says_length(length: int) -> Behaviour:
    """Announce another length than the one that is sent."""

    def behave(line: Line) -> None:
        line.head(200, content_length=length)
        line.body(line.content)

    return behave


def ignores_range(line: Line) -> None:
    line.head(200, content_length=len(line.content))
    line.body(line.content)


def sends_another_range(line: Line) -> None:
    """206, but from ten bytes further on than asked."""
    start = (line.start or 0) + 10
    size = len(line.content)
    line.head(206, content_range=f"bytes {start}-{size - 1}/{size}", content_length=size - start)
    line.body(line.content[start:])


def refuses_range(line: Line) -> None:
    """416 to every Range, though there is more of the file."""
    if line.start is None:
        line.body(answer(line))
    else:
        line.head(416, content_length=0)


def small_ranges(size: int) -> Behaviour:
    """Never more than `size` bytes in an answer, as some caches do."""

    def behave(line: Line) -> None:
        start, whole = line.start or 0, len(line.content)
        end = min(start + size, whole)
        line.head(206, content_range=f"bytes {start}-{end - 1}/{whole}", content_length=end - start)
        line.body(line.content[start:end])

    return behave


def compressed(line: Line) -> None:
    """gzip, though nobody asked for it."""
    packed = gzip.compress(line.content)
    line.head(200, content_encoding="gzip", content_length=len(packed))
    line.body(packed)


BOMB = gzip.compress(bytes(16 << 20), 1)


def gzip_bomb(line: Line) -> None:
    line.head(200, content_encoding="gzip", content_length=len(BOMB))
    line.body(BOMB)


def chunked(line: Line, end: int | None = None) -> None:
    """No length, but chunks; cut without a last chunk after `end` bytes."""
    line.head(200, transfer_encoding="chunked")
    for at in range(0, len(line.content[:end]), 1000):
        piece = line.content[:end][at : at + 1000]
        line.socket.sendall(f"{len(piece):x}\r\n".encode())
        line.body(piece)
        line.socket.sendall(b"\r\n")
    if end is None:
        line.socket.sendall(b"0\r\n\r\n")


def garbled_chunks(line: Line) -> None:
    """A chunk, and then something that is not the length of the next."""
    line.head(200, transfer_encoding="chunked")
    line.socket.sendall(b"3e8\r\n")
    line.body(line.content[:1000])
    line.socket.sendall(b"\r\nno length\r\n")


def without_length(line: Line) -> None:
    """The end of the connection is the end of the file, as in HTTP/1.0."""
    line.head(200)
    line.body(line.content)


def endless(line: Line) -> None:
    """Without a length, and on and on."""
    line.head(200)
    with contextlib.suppress(OSError):
        while not line.gone.is_set():
            line.body(bytes(1 << 16))


def no_http(line: Line) -> None:
    line.socket.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


class MisbehavingServer:
    """Listens on the loopback; each connection gets the next behaviour of the script.

    Attributes
    ----------
    lines : list of Line
        All requests so far, in their order.
    """

    def __init__(self, content: bytes, script: Sequence[Behaviour], context: ssl.SSLContext | None) -> None:
        self.content = content
        self.script = list(script)
        self.lines: list[Line] = []
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._gone = threading.Event()
        self._guard = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def url(self, path: str = "/model.onnx", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._context else 'http'}://{host}:{self.port}{path}"

    @property
    def sent(self) -> int:
        """Bytes of the file that went out, in all answers."""
        total = 0
        for line in self.lines:
            with line.counting:
                total += line.body_sent
        return total

    def close(self) -> None:
        self._gone.set()
        # close() alone leaves the thread in accept(), and the port with it.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                request = received_head(connection)
                if not request:
                    return
                first, *rest = request.decode("latin-1").split("\r\n")
                headers = dict(re.split(r":\s*", text, maxsplit=1) for text in rest if ":" in text)
                lower = {name.lower(): value for name, value in headers.items()}
                line = Line(connection, self.content, first.split(" ")[1], lower, gone=self._gone)
                with self._guard:
                    self.lines.append(line)
                    behave = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                behave(line)
                # A close with unread input would be a reset; and what was sent must arrive.
                with contextlib.suppress(OSError, ValueError):
                    connection.shutdown(socket.SHUT_WR)


def received_head(connection: socket.socket) -> bytes:
    """Read a request up to the empty line; empty if the other side hangs up before."""
    request = b""
    while b"\r\n\r\n" not in request:
        more = connection.recv(4096)
        if more.startswith(b"\x16\x03"):  # TLS where none is spoken: web servers answer in plain text.
            connection.sendall(rendered(400, {"content_length": 0}))
            return b""
        if not more:
            return b""
        request += more
    return request


@contextlib.contextmanager
def serving(
    content: bytes, *script: Behaviour, context: ssl.SSLContext | None = None
) -> Iterator[MisbehavingServer]:
    """A server with this script for as long as the block runs; honest without one."""
    server = MisbehavingServer(content, script or (honest,), context)
    try:
        yield server
    finally:
        server.close()
