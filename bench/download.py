"""How fast a model comes in, against curl: 1 GB over the loopback, and how much memory that takes.

    python bench/download.py [--megabytes 1000] [--runs 5] [--folder FOLDER]

A server of its own process sends the file with sendfile, which costs it next to nothing. In turn, and each
anew in every run: curl writing the file; curl, tee and openssl, which write and hash it while it comes in,
as a verified download has to; the download of the model store in a process of its own; and its transfer
alone, written and not hashed, to tell what the SHA-256 costs: it runs beside the transfer, on another
processor if one is free.
Then the same download again, broken off in the middle and gone on with: what the server had to send.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BLOCK = 1 << 20

TRANSFER = """
import sys, time
from pathlib import Path
from softlight_models.network import NetworkRules, new_session
from softlight_models.transfer import Transfer

url, target = sys.argv[1:]
new_session()  # the imports are no part of the transfer
begun = time.perf_counter()
with Path(target).open("xb", buffering=0) as file, Transfer(url, 0, NetworkRules()) as transfer:

    def keep(chunk):
        file.write(chunk)
        return chunk

    transfer.answer(lambda: None)
    for _ in transfer.chunks(lambda: None, keep):
        pass
print(time.perf_counter() - begun)
"""

OURS = """
import sys, time
from pathlib import Path
from softlight_models.download import Wanted, download
from softlight_models.entry import HttpsSource
from softlight_models.network import NetworkRules, new_session

url, target, size, sha256, leave_at = sys.argv[1:]
new_session()  # the imports are no part of the transfer

class Enough(Exception):
    pass

def progress(done, total, text):
    if int(leave_at) and done >= int(leave_at):
        raise Enough

begun = time.perf_counter()
try:
    wanted = Wanted("The file", int(size), sha256, (HttpsSource(url),))
    download(wanted, Path(target), network=NetworkRules(), progress=progress)
except Enough:
    pass
seconds = time.perf_counter() - begun
status = Path("/proc/self/status")
peak = next((line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line), "0")
print(seconds, int(peak) / 1024)
"""


def serve(path: Path, listener: socket.socket, sent: list[int]) -> None:
    """Answer every request with `path` from the byte that is asked for; add up what was sent."""
    while True:
        line, _ = listener.accept()
        threading.Thread(target=_answer, args=(path, line, sent), daemon=True).start()


def _answer(path: Path, line: socket.socket, sent: list[int]) -> None:
    with line, path.open("rb") as file:
        request = b""
        while b"\r\n\r\n" not in request:
            more = line.recv(4096)
            if not more:
                return
            request += more
        size = path.stat().st_size
        asked = re.search(rb"[Rr]ange: bytes=(\d+)-", request)
        start = int(asked[1]) if asked else 0
        head = (
            f"HTTP/1.1 {'206 Partial Content' if asked else '200 OK'}\r\nContent-Length: {size - start}\r\n"
        )
        if asked:
            head += f"Content-Range: bytes {start}-{size - 1}/{size}\r\n"
        line.sendall(f"{head}Connection: close\r\n\r\n".encode())
        at = start
        try:
            while at < size:
                count = os.sendfile(line.fileno(), file.fileno(), at, BLOCK)
                at += count
        except OSError:
            pass
        sent.append(at - start)


def ours(url: str, target: Path, size: int, sha256: str, leave_at: int = 0) -> tuple[float, float]:
    """Seconds and peak memory in MB of one download by the model store."""
    target.unlink(missing_ok=True)
    command = [sys.executable, "-c", OURS, url, str(target), str(size), sha256, str(leave_at)]
    seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak)


def transfer_alone(url: str, target: Path) -> float:
    """Seconds that the same bytes take without their SHA-256."""
    target.unlink(missing_ok=True)
    command = [sys.executable, "-c", TRANSFER, url, str(target)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def curl(url: str, target: Path) -> float:
    """Seconds that curl takes, by its own clock: from the request to the last byte."""
    command = ["curl", "-s", "-o", str(target), "-w", "%{time_total}", url]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def curl_verified(url: str, target: Path, sha256: str) -> float:
    """Seconds that curl, tee and openssl take together."""
    begun = time.perf_counter()
    done = subprocess.run(
        ["sh", "-c", 'curl -s "$0" | tee "$1" | openssl dgst -sha256 -r', url, str(target)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith(sha256)
    return time.perf_counter() - begun


def _made(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(size // BLOCK + 1):
            block = os.urandom(min(BLOCK, size - file.tell()))
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where to download to; default: the system's")
    options = parser.parse_args()
    size = options.megabytes * 1_000_000
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        sha256 = _made(source, size)
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/file"
        reading, writing = os.pipe()
        server = os.fork()
        if server == 0:
            os.close(reading)
            sent: list[int] = []
            threading.Thread(target=serve, args=(source, listener, sent), daemon=True).start()
            told = 0
            while True:
                time.sleep(0.01)
                while told < len(sent):
                    os.write(writing, f"{sent[told]}\n".encode())
                    told += 1
        os.close(writing)
        try:
            with os.fdopen(reading) as counts:
                _compare(url, target, size, sha256, options.runs)
                for _ in range(4 * options.runs):
                    counts.readline()
                ours(url, target, size, sha256, leave_at=size // 2)
                counts.readline()
                part = target.with_name(target.name + ".part").stat().st_size
                ours(url, target, size, sha256)
                second = int(counts.readline())
                print(
                    f"broken off after {part} bytes; going on, the server sent {second}; "
                    f"missing were {size - part}"
                )
        finally:
            os.kill(server, 9)
            os.waitpid(server, 0)


def _compare(url: str, target: Path, size: int, sha256: str, runs: int) -> None:
    names = ("curl", "Softlight, transfer alone", "Softlight", "curl, tee, openssl dgst -sha256")
    rows: dict[str, list[float]] = {name: [] for name in names}
    peaks = []
    for _ in range(runs):
        target.unlink(missing_ok=True)
        rows["curl"].append(curl(url, target))
        target.unlink()
        rows["curl, tee, openssl dgst -sha256"].append(curl_verified(url, target, sha256))
        rows["Softlight, transfer alone"].append(transfer_alone(url, target))
        seconds, peak = ours(url, target, size, sha256)
        rows["Softlight"].append(seconds)
        peaks.append(peak)
    base = statistics.median(rows["curl"])
    print(f"{os.cpu_count()} processors, the server on one of them\n")
    print(f"| {size / 1e6:.0f} MB over the loopback | median s | MB/s | against curl |\n|---|---|---|---|")
    for name, seconds in rows.items():
        middle = statistics.median(seconds)
        print(f"| {name} | {middle:.2f} | {size / 1e6 / middle:.0f} | {middle / base:.2f} |")
    print(f"peak memory of the downloading process: {min(peaks):.0f} to {max(peaks):.0f} MB")


if __name__ == "__main__":
    main()
