"""Redirects, encryption, proxies, names, and no network at all."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from softlight_models.download import download
from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, QUICK, Outcome, run, wanted
from tests.model_store.fault_table import FaultTable
from tests.model_store.misbehaving_server import Line, honest, serving

pytestmark = pytest.mark.usefixtures("_direct")
SIZE = len(CONTENT)
HALF = SIZE // 2
Note = Callable[[str, Outcome], None]


@pytest.fixture
def note(fault_table: FaultTable) -> Note:
    """Put an outcome into the table."""

    def add(
        fault: str, outcome: Outcome, section: str = "Redirects, encryption, proxies", *hosts: tuple[str, str]
    ) -> None:
        fault_table.add(section, fault, outcome.reads(*hosts), outcome.state)

    return add


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "gfpgan" / "model.onnx"


# Redirects.


def test_redirects_are_followed(target: Path, note: Note) -> None:
    with serving(CONTENT) as last, serving(CONTENT, does.redirect(last.url("/real"))) as first:
        outcome = run(wanted(first.url()), target)
        assert outcome.installed
        assert [line.path for line in last.lines] == ["/real"]


def test_relative_redirect(target: Path) -> None:
    with serving(CONTENT, does.redirect("../other/file", 307), honest) as server:
        assert run(wanted(server.url("/a/b")), target).installed
        assert [line.path for line in server.lines] == ["/a/b", "/other/file"]


def test_a_redirect_keeps_the_range(target: Path) -> None:
    with serving(CONTENT, does.cut_after(HALF), does.redirect("/again"), honest) as server:
        assert run(wanted(server.url()), target).installed
        assert server.sent == SIZE


def test_circle_of_redirects(target: Path, note: Note) -> None:
    with serving(CONTENT, does.redirect("/again")) as server:
        outcome = run(wanted(server.url()), target)
        assert "redirects in a circle" in outcome.sentence
        assert len(server.lines) == 11
    note("redirects in a circle", outcome)


def test_redirect_with_an_endless_body(target: Path) -> None:
    def behave(line: Line) -> None:
        if line.path == "/file":
            honest(line)
        else:
            line.head(302, location="/file")
            while not line.gone.is_set():
                line.socket.sendall(bytes(1 << 16))

    with serving(CONTENT, behave) as server:
        assert run(wanted(server.url()), target).installed


@pytest.mark.parametrize("to", ["file:///etc/passwd", "javascript:alert(1)", "ftp://x/y"])
def test_redirect_to_no_web_address(to: str, target: Path, note: Note) -> None:
    with serving(CONTENT, does.redirect(to)) as server:
        outcome = run(wanted(server.url()), target)
    assert "not a web address" in outcome.sentence
    note("a redirect to file:, javascript: and the like", outcome)


# Encryption.


@dataclass(frozen=True)
class Authority:
    """A certificate authority that this computer trusts, for the time of a test."""

    ca: trustme.CA

    def context(self, *names: str, days: int = 30) -> ssl.SSLContext:
        now = datetime.datetime.now(datetime.UTC)
        issued = self.ca.issue_cert(
            *names,
            not_before=now - datetime.timedelta(days=60),
            not_after=now + datetime.timedelta(days=days),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)
        return context


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return Authority(ca)


def test_certificate_of_the_system_s_own_authority(authority: Authority, target: Path) -> None:
    with serving(CONTENT, does.cut_after(HALF), honest, context=authority.context("localhost")) as server:
        assert run(wanted(server.url(host="localhost")), target).installed
        assert server.sent == SIZE


def test_authority_named_for_requests(
    authority: Authority, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with serving(CONTENT, context=authority.context("localhost")) as server:
        assert run(wanted(server.url(host="localhost")), target).installed


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
def test_cancelled_transfer_leaves_no_thread_behind(
    encrypted: bool, authority: Authority, target: Path
) -> None:
    class Enough(Exception):
        pass

    def cancel(done: int, total: int, text: str) -> None:
        if done == HALF:
            raise Enough

    patient = replace(QUICK, silence_seconds=60)
    context = authority.context("localhost") if encrypted else None
    with serving(CONTENT, does.stall_after(HALF), context=context) as server:
        with pytest.raises(Enough):
            download(wanted(server.url(host="localhost")), target, network=patient, progress=cancel)
        until = time.monotonic() + 60
        while any(thread.name == "softlight download" for thread in threading.enumerate()):
            assert time.monotonic() < until
            time.sleep(0.01)
    with serving(CONTENT) as server:
        assert run(wanted(server.url()), target).installed
        assert server.sent == SIZE - HALF


def test_expired_certificate(authority: Authority, target: Path, note: Note) -> None:
    with serving(CONTENT, context=authority.context("localhost", days=-1)) as server:
        outcome = run(wanted(server.url(host="localhost")), target)
        assert server.sent == 0
    assert "is out of date; check this computer's date and time" in outcome.sentence
    note("an expired certificate", outcome)


def test_certificate_of_a_stranger(authority: Authority, target: Path, note: Note) -> None:
    with serving(CONTENT, context=Authority(trustme.CA()).context("localhost")) as server:
        outcome = run(wanted(server.url(host="localhost")), target)
        assert server.sent == 0
    assert "an authority that this computer does not trust" in outcome.sentence
    note("a certificate from an unknown authority", outcome)


def test_certificate_of_another_host(authority: Authority, target: Path, note: Note) -> None:
    with serving(CONTENT, context=authority.context("elsewhere.example")) as server:
        outcome = run(wanted(server.url(host="localhost")), target)
        assert server.sent == 0
    assert "belongs to another host" in outcome.sentence
    note("a certificate for another host", outcome)


def test_no_tls_where_it_is_expected(authority: Authority, target: Path, note: Note) -> None:
    with serving(CONTENT) as server:
        outcome = run(wanted(server.url().replace("http:", "https:")), target)
    assert "no secure connection" in outcome.sentence
    note("no encryption where https is expected", outcome)


def test_redirect_from_https_to_http(authority: Authority, target: Path, note: Note) -> None:
    with serving(CONTENT) as plain:
        with serving(CONTENT, does.redirect(plain.url()), context=authority.context("localhost")) as server:
            outcome = run(wanted(server.url(host="localhost")), target)
        assert plain.lines == []
    assert "without encryption" in outcome.sentence
    note("a redirect from https to http", outcome)


# Proxies.


def tunnel(line: Line) -> None:
    """What a proxy does with CONNECT: pass bytes on in both directions."""
    host, _, port = line.path.partition(":")
    with socket.create_connection((host, int(port))) as far:
        line.socket.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

        def pump(source: socket.socket, sink: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while block := source.recv(1 << 16):
                    sink.sendall(block)
                sink.shutdown(socket.SHUT_WR)

        back = threading.Thread(target=pump, args=(far, line.socket), daemon=True)
        back.start()
        pump(line.socket, far)
        back.join()


def test_proxy_of_the_system(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(CONTENT) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert run(wanted("http://no-such-host.invalid/model.onnx"), target).installed
        assert [line.path for line in proxy.lines] == ["http://no-such-host.invalid/model.onnx"]


def test_tunnel_through_a_proxy(authority: Authority, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(b"", tunnel) as proxy, serving(CONTENT, context=authority.context("localhost")) as server:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        assert run(wanted(server.url(host="localhost")), target).installed
        assert [line.path for line in proxy.lines] == [f"localhost:{server.port}"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_that_wants_a_password(
    scheme: str, target: Path, monkeypatch: pytest.MonkeyPatch, note: Note
) -> None:
    with serving(CONTENT, does.status(407, proxy_authenticate="Basic")) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{proxy.port}")
        outcome = run(wanted(f"{scheme}://no-such-host.invalid/model.onnx"), target)
    assert "the proxy asks for a user name and a password" in outcome.sentence
    note("a proxy that wants a password", outcome)


def test_password_of_a_proxy(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(CONTENT) as proxy:
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{proxy.port}")
        assert run(wanted("http://no-such-host.invalid/model.onnx"), target).installed
        assert proxy.lines[0].headers["proxy-authorization"] == "Basic bWU6c2VjcmV0"


def test_proxy_that_is_not_there(target: Path, monkeypatch: pytest.MonkeyPatch, note: Note) -> None:
    monkeypatch.setenv("https_proxy", f"http://me:secret@127.0.0.1:{unused_port()}")
    outcome = run(wanted("https://no-such-host.invalid/model.onnx"), target)
    assert "the proxy 127.0.0.1 that this computer is set to use could not be reached" in outcome.sentence
    assert "secret" not in outcome.sentence
    note("a proxy that is not there", outcome)


# Names, and nobody there.


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_host_that_does_not_exist(target: Path, note: Note) -> None:
    outcome = run(wanted("https://no-such-host.invalid/model.onnx"), target)
    assert "the host no-such-host.invalid could not be found" in outcome.sentence
    note("a host that does not exist, or no network", outcome)


def test_nobody_listens(target: Path, note: Note) -> None:
    outcome = run(wanted(f"http://127.0.0.1:{unused_port()}/model.onnx"), target)
    assert "127.0.0.1 could not be reached; check the connection" in outcome.sentence
    note("nobody listens there", outcome)


@pytest.mark.parametrize(
    "url", ["http://[::1/model", "http://127.0.0.1:99999/", "http://a b/", "no-scheme", ""]
)
def test_address_that_is_none(url: str, target: Path) -> None:
    assert run(wanted(url), target).sentence


def test_offline_makes_no_connection(target: Path, note: Note) -> None:
    with serving(CONTENT) as server:
        outcome = run(wanted(server.url()), target, replace(QUICK, offline=True))
        assert server.lines == []
    assert "stay offline" in outcome.sentence
    note("offline is switched on", outcome)
