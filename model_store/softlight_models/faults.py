"""What can go wrong between here and a source, said for people."""

from __future__ import annotations

import email.utils
import http
import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

LATER = "try again later, it then goes on where it stopped"
BY_HAND = "get the file in another way and import it"


class Fault(Exception):
    """Why one source did not deliver.

    Parameters
    ----------
    cause : str
        A clause that can follow a colon: ``example.org answered 404 (Not Found)``.
    remedy : str
        What the user can do, as a clause that can follow a semicolon.
    passing : bool
        Whether the same request may well succeed in a moment.
    wait : float
        Seconds that the server asks to wait before it.
    """

    def __init__(self, cause: str, remedy: str, *, passing: bool = False, wait: float = 0.0) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
        self.passing = passing
        self.wait = wait


class Changed(Fault):
    """The source cannot go on with what was received so far, but may serve the whole file."""


def joined(faults: Sequence[Fault]) -> Fault:
    """Return one fault that says what each source did, and the remedy that fits all of them."""
    causes = dict.fromkeys(fault.cause for fault in faults)
    remedies = {fault.remedy for fault in faults}
    passing = any(fault.passing for fault in faults)
    if len(remedies) == 1:
        remedy = remedies.pop()
    else:
        remedy = f"{LATER}, or {BY_HAND}" if passing else BY_HAND
    return Fault(", and ".join(causes), remedy, passing=passing)


def host_of(url: str) -> str:
    """Return the host of `url` as it may be shown: no credentials, nothing unprintable."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host:
        return "this computer" if url.startswith("file:") else "an address without a host"
    return "".join(letter if letter.isprintable() else "?" for letter in host)[:100]


def of_status(status: int, retry_after: str | None, url: str) -> Fault:
    """Return the fault that an HTTP status other than success stands for."""
    host = host_of(url)
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = "no status that HTTP knows"
    answered = f"{host} answered {status} ({phrase})"
    if status == 407:
        return _proxy_wants_password()
    if status == 429 or status == 503:
        wait = _seconds(retry_after)
        if wait:
            answered = f"{host} answered {status} ({phrase}) and asks to wait {_duration(wait)}"
        return Fault(answered, LATER, passing=True, wait=wait)
    if status == 408 or 500 <= status < 600:
        return Fault(answered, LATER, passing=True)
    if status in (401, 403, 451):
        return Fault(answered, "get the file with a browser, where you can sign in, and import it")
    if status in (404, 410):
        return Fault(answered, f"it is no longer there, so update Softlight, or {BY_HAND}")
    return Fault(answered, BY_HAND)


def of_error(error: BaseException, url: str, silence: float, proxy: str | None) -> Fault | None:
    """Return the fault behind an exception of `requests` or of what lies below it; None for any other.

    Parameters
    ----------
    error : BaseException
    url : str
        The address that was asked.
    silence : float
        After how many seconds without a byte the line counts as dead.
    proxy : str or None
        The proxy that `url` goes through.
    """
    import requests
    import urllib3.exceptions as urllib3

    # All of requests' own are OSErrors; a ValueError is http.client's for an odd chunk, or a wrong address's.
    if not isinstance(error, (OSError, urllib3.HTTPError, http.client.HTTPException, ValueError)):
        return None
    host = host_of(url)
    kinds = list(_chain(error))

    def first(*types: type[BaseException]) -> BaseException | None:
        return next((kind for kind in kinds if isinstance(kind, types)), None)

    certificate = first(ssl.SSLCertVerificationError)
    if certificate is not None:
        return _of_certificate(certificate, host)
    if first(urllib3.ProxyError, requests.exceptions.ProxyError):
        if any("407" in str(kind) for kind in kinds):
            return _proxy_wants_password()
        return Fault(
            f"the proxy {host_of(proxy or '')} that this computer is set to use could not be reached",
            "check the proxy settings",
        )
    if first(ssl.SSLError, urllib3.SSLError, requests.exceptions.SSLError):
        return Fault(
            f"no secure connection to {host} could be made",
            "check whether a proxy, a firewall or a virus scanner is in the way, or " + BY_HAND,
        )
    if first(socket.gaierror, urllib3.NameResolutionError):
        return Fault(f"the host {host} could not be found", "check the connection to the internet")
    if first(urllib3.NewConnectionError, ConnectionRefusedError):
        return Fault(f"{host} could not be reached", "check the connection to the internet", passing=True)
    if first(requests.exceptions.ConnectTimeout, urllib3.ConnectTimeoutError):
        return Fault(f"{host} could not be reached in time", LATER, passing=True)
    if first(urllib3.ReadTimeoutError, requests.exceptions.Timeout, TimeoutError):
        return silent(host, silence)
    if first(urllib3.DecodeError) or type(error) is ValueError:  # http.client's, for a chunk without a length
        return Fault(f"{host} sent something damaged", LATER, passing=True)
    wrong = requests.exceptions
    if first(
        wrong.InvalidURL, wrong.MissingSchema, wrong.InvalidSchema, urllib3.LocationValueError, UnicodeError
    ):
        return Fault(f"its address at {host} is not valid", f"correct the catalogue entry, or {BY_HAND}")
    # RemoteDisconnected is a BadStatusLine too: nothing came at all.
    strange = first(http.client.BadStatusLine, http.client.UnknownProtocol, http.client.LineTooLong)
    if strange is not None and not isinstance(strange, ConnectionError):
        # Passing: a status line that was cut looks like that too.
        return Fault(f"{host} answered something that is not HTTP", BY_HAND, passing=True)
    if first(ConnectionError, requests.exceptions.ConnectionError, urllib3.HTTPError):
        return broken_off(host)
    return Fault(f"{host} cannot be asked ({type(error).__name__})", BY_HAND)


def silent(host: str, seconds: float) -> Fault:
    """The fault of a source that sends nothing."""
    return Fault(f"{host} sent nothing for {_duration(seconds)}", LATER, passing=True)


def too_slow(host: str, slowest: int) -> Fault:
    """The fault of a source that drips."""
    return Fault(f"{host} sent less than {slowest} bytes a second", LATER, passing=True)


def broken_off(host: str) -> Fault:
    """The fault of a source that ends before the file does."""
    return Fault(f"{host} broke the connection off", LATER, passing=True)


def _proxy_wants_password() -> Fault:
    return Fault(
        "the proxy asks for a user name and a password",
        "put them into the proxy settings (https_proxy=http://name:password@proxy:port)",
    )


def _of_certificate(error: BaseException, host: str) -> Fault:
    # The numbers are OpenSSL's X509_V_ERR_*; Windows and macOS give their own text and no number.
    code = getattr(error, "verify_code", None)
    message = str(getattr(error, "verify_message", "") or "").lower()
    if code in (9, 10) or "expired" in message:
        return Fault(
            f"the certificate of {host} is out of date",
            "check this computer's date and time, or try again when the host has renewed it",
        )
    if code in (62, 64) or "match" in message:
        return Fault(
            f"the certificate that answered for {host} belongs to another host",
            "check whether a proxy or a login page of the network is in the way",
        )
    return Fault(
        f"the certificate of {host} comes from an authority that this computer does not trust",
        "if your network inspects connections, add its certificate to the system's",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """All exceptions inside `error`: requests and urllib3 carry the cause as argument, reason or context."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        waiting.extend(item for item in inner if isinstance(item, BaseException))


def _seconds(retry_after: str | None) -> float:
    """What Retry-After asks for: seconds, or a date; 0 if nothing sensible."""
    text = (retry_after or "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        when = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{round(seconds / 60)} min" if seconds < 7200 else f"{round(seconds / 3600)} h"
