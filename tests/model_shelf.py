"""A model server on loopback, and catalogue entries of a user that name it.

with shelf() as server:
    url = server.put("tiny.onnx", content)
    write_entry(config / "softlight" / "models.d", "tiny", url, content)
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CHUNK = 1 << 15
ENTRY = """\
role = "{role}"
contract = "{contract}"
title = "{title}"
use_when = "A test runs."
vendor = "Tests"
year = 2026
preference = 50
origin = "made for this test"
[licence]
spdx = "{spdx}"
limit = "{limit}"
terms = "{terms}"
url = "https://example.org/licence"
[[files]]
network = "model"
name = "{name}"
{pins}
"""
SOURCE = """\
[[files.sources]]
url = "{url}"
"""


@dataclass
class Shelf:
    """What is served, how fast, and what was asked for."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    pace: float = 0.0
    """Bytes a second; 0 is as fast as it goes."""
    hold: int | None = None
    """After so many bytes of an answer nothing more comes, until it is None again."""
    ranges: list[str] = field(default_factory=list)
    """The header Range of each request; empty where there was none."""
    sent: int = 0
    """Bytes of all answers."""

    def put(self, name: str, content: bytes) -> str:
        """Serve a file, and return its URL."""
        self.files[f"/{name}"] = content
        return f"{self.address}/{name}"


@contextlib.contextmanager
def shelf() -> Iterator[Shelf]:
    """Serve files until the end."""
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            found.ranges.append(wanted)
            content = found.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()[:16]}"')
            if wanted:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            with contextlib.suppress(OSError):  # the client has gone
                self._give(memoryview(content)[start:])

        def _give(self, content: memoryview) -> None:
            for at in range(0, len(content), CHUNK):
                while found.hold is not None and at >= found.hold and not done.is_set():
                    time.sleep(0.05)
                part = content[at : at + CHUNK]
                self.wfile.write(part)
                found.sent += len(part)
                if found.pace:
                    time.sleep(len(part) / found.pace)

        def log_message(self, format: str, *values: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Shelf(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        done.set()
        server.shutdown()
        server.server_close()


def write_entry(
    folder: Path,
    model: str,
    url: str | None,
    content: bytes | None,
    *,
    title: str = "Tiny inpainting",
    role: str = "skin-inpainting",
    contract: str = "skin-inpainting",
    limit: str = "none",
    spdx: str = "CC0-1.0",
) -> None:
    """Write an entry of a user's own; without a content nobody knows its checksum."""
    folder.mkdir(parents=True, exist_ok=True)
    pins = ""
    if content is not None:
        pins = f'size = {len(content)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    text = ENTRY.format(
        role=role, contract=contract, title=title, spdx=spdx, limit=limit, name=f"{model}.onnx",
        terms="For tests only." if limit == "non-commercial" else "Free for any use.", pins=pins,
    )  # fmt: skip
    (folder / f"{model}.toml").write_text(text + (SOURCE.format(url=url) if url else ""), "utf-8")
