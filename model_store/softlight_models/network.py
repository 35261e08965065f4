"""How Softlight may use the network, and one request made by these rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from softlight_models.faults import BY_HAND, Fault, host_of

if TYPE_CHECKING:
    import requests

REDIRECTS = 10
"""GitHub and Hugging Face need one or two."""


@dataclass(frozen=True)
class NetworkRules:
    """What connections may be made, and how patient they are."""

    offline: bool = False
    """Whether every connection is forbidden."""
    mirrors: tuple[tuple[str, str], ...] = ()
    """(beginning of an address, what stands there instead); the original is tried after its mirrors."""
    connect_seconds: float = 15.0
    silence_seconds: float = 30.0
    """A line without a byte for so long is dead; krita-ai-diffusion found 30 s right in the field."""
    slowest: int = 1024
    """Bytes a second, over `silence_seconds`; a line below that is dead too."""
    attempts: int = 5
    """How often in a row a source may fail without having sent anything worthwhile."""
    first_pause: float = 1.0
    """Seconds before the second attempt; doubled each time."""
    longest_pause: float = 30.0
    longest_wait: float = 120.0
    """A server that asks for more patience (Retry-After) is left for the next source."""


def addresses(url: str, rules: NetworkRules) -> tuple[str, ...]:
    """Return where `url` is looked for: its mirrors in their order, then itself."""
    mirrored = [
        replacement + url.removeprefix(prefix)
        for prefix, replacement in rules.mirrors
        if prefix and url.startswith(prefix)
    ]
    return tuple(dict.fromkeys([*mirrored, url]))


def new_session() -> requests.Session:
    """Return a session that trusts what the system trusts and takes the system's proxies."""
    import requests
    import requests.adapters
    import truststore

    class SystemTrust(requests.adapters.HTTPAdapter):
        """Certificates are judged by the operating system, where studios and virus scanners add theirs."""

        def _context(self) -> Any:
            import ssl

            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, ssl_context=self._context(), **kwargs)

        def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
            return super().proxy_manager_for(proxy, ssl_context=self._context(), **kwargs)

        def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
            # Without REQUESTS_CA_BUNDLE `verify` is True, and requests would add the list it brings along.
            if verify is True and not cert:
                conn.cert_reqs = "CERT_REQUIRED"
            else:
                super().cert_verify(conn, url, verify, cert)

    class FollowsNothing(requests.Session):
        """Else requests reads the body of a redirect, however long, even when told not to follow it."""

        def get_redirect_target(self, resp: requests.Response) -> None:
            return None

    session = FollowsNothing()
    session.mount("https://", SystemTrust())
    return session


def ask(
    session: requests.Session, url: str, rules: NetworkRules, headers: Mapping[str, str]
) -> requests.Response:
    """Send one GET and return the answer to it, after all redirects, with its body still unread.

    Redirects are followed here, since requests would follow one from https to http.

    Raises
    ------
    Fault
        If the redirects lead nowhere or to an insecure address.
    requests.RequestException
        Whatever the line did.
    """
    if rules.offline:  # The last guard: callers refuse earlier and better.
        raise Fault("connections are switched off", BY_HAND)
    first = url
    for _ in range(REDIRECTS + 1):
        response = session.get(
            url,
            headers={"User-Agent": "Softlight", "Accept-Encoding": "identity", **headers},
            stream=True,
            allow_redirects=False,
            timeout=(rules.connect_seconds, rules.silence_seconds),
        )
        if not response.is_redirect:
            return response
        target = urljoin(url, response.headers["location"])
        response.close()
        if not re.match(r"https?://[^/]", target, re.IGNORECASE):
            raise Fault(f"{host_of(url)} redirects to something that is not a web address", BY_HAND)
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            raise Fault(f"{host_of(url)} redirects to {host_of(target)} without encryption", BY_HAND)
        url = target
    raise Fault(f"{host_of(first)} redirects in a circle", BY_HAND)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the system sets for `url`."""
    import requests.utils

    try:
        return requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    except ValueError:
        return None
