"""GIMP 2.10 with the real gimpfu: the last Debian that has Python 2.7, and gimpfu compiled for it.

No Debian that a mirror still serves has gimpfu: bullseye (11) dropped it with PyGTK. But bullseye has
GIMP 2.10.22 and Python 2.7, the source package of bookworm's GIMP 2.10 still holds gimpfu's source, and the
last PyGObject for Python 2.7 stands in for the one that it was written for. For gimpfu's dialogs that one's
`pygtkcompat` over the real GTK 2 stands in for PyGTK (`inside/gimpfu_gtk`).

Building takes about 120 s and 1.1 GB, once. Like the other root file systems (`roots.py`) it is kept in
`$SOFTLIGHT_HOSTS` or `~/.cache/softlight-hosts`, and appears there whole or not at all. By hand:
`python tests/hosts/gimpfu_root.py` builds it and prints where it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from roots import DESKTOP, NoHosts, Recipe, Root, bootstrap, kept, mirror

NAME = "gimpfu"
RUN = ("gimp", "gir1.2-gtk-2.0", "librsvg2-common", "python2.7")
COMPILE = (
    *("gcc", "libc6-dev", "pkg-config", "python2.7-dev", "python-setuptools", "python-pkg-resources"),
    *("libcairo2-dev", "libgimp2.0-dev", "libgirepository1.0-dev"),
)
RECIPE = Recipe(("bullseye",), (*RUN, *DESKTOP, *COMPILE))
SOURCE_SUITE = "bookworm"
"""Whose source package of GIMP is 2.10; trixie's is 3.0, which has no gimpfu."""

BINDINGS = {"pycairo": "1.18.2", "PyGObject": "3.28.3"}
"""The last releases that know Python 2.7; the second needs the first."""

PLACE = "/usr/lib/gimp/2.0/python"
"""Where GIMP 2.10's own builds keep gimpfu."""

MODULES = {
    "gimpcolor": ("gimpcolormodule.c", "pygimp-colors.c"),
    "gimp": (
        *("gimpmodule.c", "pygimp-item.c", "pygimp-display.c", "pygimp-drawable.c", "pygimp-image.c"),
        *("pygimp-parasite.c", "pygimp-pdb.c", "pygimp-tile.c", "pygimp-vectors.c"),
    ),
    "_gimpenums": ("gimpenumsmodule.c",),
}
SCRIPTS = ("gimpfu.py", "gimpui.py", "gimpenums.py", "gimpplugin.py", "gimpshelf.py")

INTERPRETER = """\
python=/usr/bin/python2.7
python2=/usr/bin/python2.7
/usr/bin/python=/usr/bin/python2.7
:Python:E::py::python2:
"""
CONFIG = '#define GETTEXT_PACKAGE "gimp20-python"\n#define GIMP_VERSION "2.10"\n'
# Not PY_SSIZE_T_CLEAN: gimpfu's C sources take lengths as int, and a parasite's would overwrite the stack.
FLAGS = "-O1 -fPIC -shared -w -DHAVE_CONFIG_H -I. -I/usr/include/python2.7"
INITIALISE = "#define pygimp_init_pygobject()"


def gimpfu_root() -> Root:
    """The root file system with GIMP 2.10 and gimpfu, built when it is not there yet.

    Raises
    ------
    NoHosts
        When it cannot be used or built here.
    """
    made_from = (RECIPE, SOURCE_SUITE, BINDINGS, MODULES, SCRIPTS, INTERPRETER, CONFIG, FLAGS)
    return kept(NAME, "\n".join(map(str, made_from)), _build)


def _build(root: Path) -> None:
    bootstrap(RECIPE, root)
    build = root / "build"
    build.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        source = _source(mirror(), Path(scratch))
        _do([*("tar", "--extract", "--strip-components=2", "--wildcards", "--file"), str(source),
             *("--directory", str(build)), "*/plug-ins/pygimp"])  # fmt: skip
        for archive in _bindings(Path(scratch)):
            with tarfile.open(archive) as opened:
                opened.extractall(build, filter="data")
    for name, version in BINDINGS.items():
        _compile_binding(root, f"/build/{name}-{version}")
    _compile_gimpfu(root, build / "pygimp")
    shutil.rmtree(build)


def _source(address: str, scratch: Path) -> Path:
    """The upstream source of Debian's last GIMP 2.10, by an apt with no other source than that."""
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (scratch / "lists" / "partial").mkdir(parents=True)
    (scratch / "sources.list").write_text(f"deb-src [signed-by={keys}] {address} {SOURCE_SUITE} main\n")
    settings = {
        "Dir::Etc::SourceList": scratch / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": scratch / "lists",
        "Dir::Cache": scratch,
        "Acquire::Check-Valid-Until": "false",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in settings.items())]
    _do([*apt, "update"])
    _do([*apt, "source", "--download-only", "gimp"], scratch)
    found = sorted(scratch.glob("gimp_2.10.*.orig.tar.*[!c]"))
    if not found:
        raise NoHosts(f"{SOURCE_SUITE}'s source package of GIMP is not 2.10, which alone has gimpfu")
    return found[0]


def _bindings(scratch: Path) -> list[Path]:
    """The source archives of PyCairo and PyGObject, got by pip."""
    # Their setup.py is run for the name and version, and knows no setuptools of today.
    _do([sys.executable, "-m", "venv", str(scratch / "venv")])
    pip = [str(scratch / "venv" / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    _do([*pip, "install", "setuptools<70", "wheel"])
    flags = ["--no-deps", "--no-build-isolation", "--no-binary=:all:", f"--dest={scratch / 'bindings'}"]
    _do([*pip, "download", *flags, *(f"{name}=={version}" for name, version in BINDINGS.items())])
    return sorted((scratch / "bindings").iterdir())


def _compile_binding(root: Path, inside: str) -> None:
    packages = "/usr/lib/python2.7/dist-packages"
    install = (
        f"--prefix=/usr --install-lib={packages} --single-version-externally-managed --record=/build/record"
    )
    _do_inside(root, f"cd {inside} && python2.7 setup.py -q build && python2.7 setup.py -q install {install}")


def _compile_gimpfu(root: Path, source: Path) -> None:
    (source / "config.h").write_text(CONFIG)
    header = source / "pygimp-util.h"
    text = header.read_text()
    # Written for PyGObject 2, whose modules were loaded by hand; version 3 has a function for it.
    start = text.index(INITIALISE)
    end = text.index("} G_STMT_END", start)
    modern = "G_STMT_START { if (!pygobject_init (-1, -1, -1)) return; "
    header.write_text(f"{text[:start]}{INITIALISE} {modern}{text[end:]}")
    place = root / PLACE.lstrip("/")
    place.mkdir(parents=True, exist_ok=True)
    libraries = "gimp-2.0 gimpui-2.0 pygobject-3.0"
    for module, files in MODULES.items():
        _do_inside(
            root,
            f"cd /build/pygimp && gcc {FLAGS} -I/usr/include/pycairo $(pkg-config --cflags {libraries}) "
            f"-o {PLACE}/{module}.so {' '.join(files)} $(pkg-config --libs {libraries})",
        )
    for script in SCRIPTS:
        shutil.copy(source / script, place)
    gimp = place.parent
    (gimp / "interpreters" / "pygimp.interp").write_text(INTERPRETER)
    (gimp / "environ" / "pygimp.env").write_text(f"PYTHONPATH={PLACE}:$PYTHONPATH\n")


def _do_inside(root: Path, script: str) -> None:
    _do(["chroot", str(root), "env", "-i", "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "sh", "-ec", script])


def _do(command: list[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise NoHosts(f"GIMP 2.10 with gimpfu could not be built, {command[0]} says: {done.stderr[-600:]}")


if __name__ == "__main__":
    print(gimpfu_root().path)
