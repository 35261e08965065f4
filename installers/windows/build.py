"""Make the Windows installer on Linux: ``python -m installers.windows.build [--backend cuda]``.

``softlight-VERSION-windows-BACKEND.exe`` is NSIS's program with a zip archive at its end, which holds
CPython, the locked packages, Softlight and its models: any tool for zip archives shows what is in it. It
needs `makensis` (Debian: nsis), a package index, and the extra `installers`. The same sources and locked
packages give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from installers.requirements.matrix import BACKENDS, ROOT, WINDOWS
from installers.windows import interpreter, packages, pictures
from installers.windows.interpreter import SEARCH_PATH, BuildError, run, search_path
from installers.windows.setup.payload import LIST, Payload

HERE = Path(__file__).parent
LARGEST = 2**31 - 1
"""Bytes of an .exe that NSIS can read itself in."""


def build(source: Path, backend: str, out: Path, quick: bool = False) -> Path:
    """Make an installer and return its path.

    Parameters
    ----------
    source : Path
        Softlight's sources.
    backend : str
        A back end that is to be had on Windows.
    out : Path
        The folder it is written into.
    quick : bool
        Compress in 25 s instead of 2 minutes, to 30 % more.

    Raises
    ------
    BuildError
        When it cannot be made; nothing is in `out` then.
    """
    epoch = _epoch(source)
    with tempfile.TemporaryDirectory(prefix="softlight-windows-") as name:
        work = Path(name)
        tree, small = work / "tree", work / "setup"
        version = fill(tree, small, source, backend, work, epoch)
        payload = described(tree, version, backend)
        exe = work / f"softlight-{version}-windows-{backend}.exe"
        compile_window(small, exe, version, payload, source, epoch)
        append(exe, tree, payload, epoch, quick)
        if exe.stat().st_size > LARGEST:
            raise BuildError(f"The installer would have {exe.stat().st_size} bytes, and 2 GiB is the limit.")
        out.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(exe, out / exe.name))


def fill(tree: Path, small: Path, source: Path, backend: str, work: Path, epoch: int) -> str:
    """Fill `tree`, a version's folder, and `small`, the Python with `setup`; return Softlight's version."""
    site_packages = tree / "site-packages"
    for folder in (site_packages, small, work / "python", work / "wheel"):
        folder.mkdir(parents=True)
    python = interpreter.fetch(work / "python")
    for name, content in python.items():
        (tree / name).write_bytes(content)
        if name in interpreter.SMALL:
            (small / name).write_bytes(content)
    (tree / SEARCH_PATH).write_bytes(search_path("site-packages"))
    (small / SEARCH_PATH).write_bytes(search_path("lib"))
    packages.packages(backend, site_packages)
    for name, content in packages.cpp_runtime(work / "msvc").items():
        (tree / name).write_bytes(content)
    version = packages.unpack_wheel(packages.our_wheel(source, work / "wheel", epoch), site_packages)
    packages.without_weights(site_packages, small / "lib")
    for package in ("__init__.py", "windows/__init__.py", "windows/setup"):
        origin, copy = HERE.parent / package, small / "lib" / "installers" / package
        copy.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(origin, copy)
    pictures.draw(work)
    shutil.copyfile(work / "softlight.ico", tree / "softlight.ico")
    shutil.copyfile(source / "LICENSE", tree / "LICENSE")
    return version


def described(tree: Path, version: str, backend: str) -> Payload:
    """Return the list of a version's folder."""
    paths = sorted(path for path in tree.rglob("*") if path.is_file())
    files = {
        path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }
    return Payload(version, backend, sum(path.stat().st_size for path in paths), files)


def compile_window(small: Path, exe: Path, version: str, payload: Payload, source: Path, epoch: int) -> None:
    """Let NSIS make its part of the installer."""
    for picture in (*small.parent.glob("*.bmp"), *small.parent.glob("*.ico")):
        os.utime(picture, (epoch, epoch))
    small.with_suffix(".nsh").write_text("\n".join(carried(small, epoch)), "utf-8")
    values = {
        "VERSION": version,
        "BACKEND": {"directml": "DirectML", "cuda": "CUDA", "cpu": "CPU"}[payload.backend],
        "SETUP": small,
        "PICTURES": small.parent,
        "LICENCE": source / "LICENSE",
        "EXE": exe,
        "KILOBYTES": payload.size // 1024,
    }
    defined = [f"-D{name}={value}" for name, value in values.items()]
    run(
        "makensis",
        "-V2",
        "-WX",
        "-INPUTCHARSET",
        "UTF8",
        *defined,
        HERE / "softlight.nsi",
        SOURCE_DATE_EPOCH=str(epoch),
    )


def carried(small: Path, epoch: int) -> Iterator[str]:
    """Yield NSIS's lines for the files in `small`; its own `File /r` takes them in the order of the disk."""
    for folder in sorted(path for path in (small, *small.rglob("*")) if path.is_dir()):
        files = sorted(path for path in folder.iterdir() if path.is_file())
        if files:
            inner = folder.relative_to(small.parent).as_posix().replace("/", "\\")
            yield f'SetOutPath "$PLUGINSDIR\\{inner}"'
        for path in files:
            os.utime(path, (epoch, epoch))
            yield f'File "{path}"'


def append(exe: Path, tree: Path, payload: Payload, epoch: int, quick: bool) -> None:
    """Write the archive to the end of the program."""
    method = zipfile.ZIP_DEFLATED if quick else zipfile.ZIP_LZMA
    when = time.gmtime(max(epoch, 315532800))[:6]  # zip archives begin in 1980
    with zipfile.ZipFile(exe, "a", method) as archive:
        for name in (LIST, *sorted(payload.files)):
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type = method
            archive.writestr(entry, payload.to_json() if name == LIST else (tree / name).read_bytes())


def _epoch(source: Path) -> int:
    """The time that everything bears, in seconds: SOURCE_DATE_EPOCH, or that of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    command = ["git", "-C", str(source), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 else 315532800


def main() -> int:
    """Make an installer and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m installers.windows.build", description=__doc__)
    backends = [name for name, platforms in BACKENDS.items() if WINDOWS in platforms]
    parser.add_argument("--backend", choices=backends, default="directml")
    parser.add_argument("--out", type=Path, default=Path("dist"), help="the folder for it (dist)")
    parser.add_argument("--source", type=Path, default=ROOT, help="Softlight's sources (this checkout)")
    parser.add_argument("--quick", action="store_true", help="compress less")
    options = parser.parse_args()
    try:
        exe = build(options.source, options.backend, options.out, options.quick)
    except BuildError as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    content = exe.read_bytes()
    print(f"{exe}\n{len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
