"""Which web addresses a model may come from."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_safe_url(url: str) -> bool:
    """Return whether `url` is https, or http to this very machine, where nobody is in between."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # both are parsed only now
    except ValueError:
        return False
    if not host or not url.isprintable() or " " in url or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
