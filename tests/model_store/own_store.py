"""A store with the test's models in its catalogue, and a server on this machine that has their files."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from softlight_models.library import Library
from softlight_models.places import Places
from softlight_models.store import Store


def places(folder: Path) -> Places:
    return Places(
        models=folder / "models of Zoë",
        config=folder / "config",
        cache=folder / "cache",
        policies=(folder / "site" / "policy.toml", folder / "etc" / "policy.toml"),
    )


def store(folder: Path) -> Store:
    return Store(places(folder))


def write_entry(
    where: Places,
    model: str,
    content: bytes,
    *,
    contract: str = "face-restoration-512",
    role: str = "face-restoration",
    preference: int = 10,
    limit: str = "none",
    spdx: str = "MIT",
    terms: str = "Free for any use.",
    url: str | None = "https://models.example/model.onnx",
    pinned: bool = True,
) -> None:
    """Put an entry of one file, ``model.onnx``, into the user's own folder."""
    lines = [
        f'role = "{role}"\ncontract = "{contract}"\ntitle = "{model.title()}"\nuse_when = "You test."',
        f'vendor = "Nobody"\npreference = {preference}\norigin = "made here"\n[licence]\nspdx = "{spdx}"',
        f'limit = "{limit}"\nterms = "{terms}"\n[[files]]\nnetwork = "model"\nname = "model.onnx"',
    ]
    if pinned:
        lines.append(f'size = {len(content)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"')
    if url is not None:
        lines.append(f'[[files.sources]]\nurl = "{url}"')
    where.own_entries.mkdir(parents=True, exist_ok=True)
    (where.own_entries / f"{model}.toml").write_text("\n".join(lines), encoding="utf-8")


def put(shelf: Store, model: str, content: bytes) -> Path:
    """Install `content` as the file of `model`, as an import would; return where it lies."""
    from softlight_models.library import InstalledFile

    path = shelf.library.folder(model) / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    file = InstalledFile("model.onnx", len(content), hashlib.sha256(content).hexdigest())
    assert shelf.library.add(shelf.entry(model), [file])
    return path


def again(shelf: Store) -> Store:
    """The same store as another process would see it."""
    other = Store(shelf.places)
    assert isinstance(other.library, Library)
    return other


@dataclass
class Served:
    """A server and what it was asked for."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    half: threading.Event | None = None
    """While it is not set, only the first half of a file is sent."""


@contextmanager
def served(files: Mapping[str, bytes]) -> Iterator[Served]:
    """Serve `files` by their paths; anything else is not found."""
    tell = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tell.asked.append(self.path)
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            middle = len(content or b"") // 2
            with contextlib.suppress(ConnectionError):
                self.wfile.write((content or b"")[:middle])
                if tell.half is not None:
                    tell.half.wait(60)
                self.wfile.write((content or b"")[middle:])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    tell.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield tell
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
