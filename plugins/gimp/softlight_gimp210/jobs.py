"""One run of the command line: files in a private folder, progress while it works, a stack of layers back."""

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

from softlight_gimp210 import rasters
from softlight_gimp210.parameters import options
from softlight_gimp210.refusals import Refusal
from softlight_gimp210.texts import for_gimp, for_system

MYPY = False
if MYPY:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple  # noqa: F401

    Progress = Callable[[float, str], None]
    Write = Callable[[str], None]

KEEPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keeper.py")
POSIX = (
    "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR",
    "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
    "XDG_SESSION_ID", "CUDA_VISIBLE_DEVICES", "CUDA_CACHE_PATH",
    "DBUS_SESSION_BUS_ADDRESS",  # by which flatpak-spawn starts the command line outside the sandbox
)  # fmt: skip
WINDOWS = (
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TEMP", "TMP", "USERNAME", "USERPROFILE", "USERDOMAIN",
    "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "COMPUTERNAME",
    "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "PROCESSOR_IDENTIFIER", "CUDA_VISIBLE_DEVICES",
    "CUDA_PATH",
)  # fmt: skip
NETWORK = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_CONFIG_FILE",
    "SOFTLIGHT_MODELS", "XDG_CONFIG_DIRS",
)  # fmt: skip
"""What the command line inherits of GIMP's environment; GIMP's own PYTHONPATH and libraries break another
Python. The engine inherits the same (`softlight_bridge.environment`; a test holds the two together)."""

AGAIN = "Run 'softlight plugins install' again."


WRONG_ARGUMENTS = 2
"""Exit status of a command line that does not know a filter, an option or a value."""


class Misunderstood(Refusal):
    """The command line does not know what it was asked for."""


def clean_environment(host):
    # type: (Dict[str, str]) -> Dict[str, str]
    """Return the variables for the command line's process."""
    if os.name == "nt":
        kept = {name: host[name] for name in WINDOWS if name in host}
        root = kept.get("SYSTEMROOT", "C:\\Windows")
        kept["PATH"] = os.pathsep.join((root + "\\System32", root))
    else:
        kept = {name: host[name] for name in host if name in POSIX or name.startswith("LC_")}
        kept["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    # An AppImage's own certificates are gone when it is closed.
    image = host.get("APPDIR") or None
    kept.update(
        {name: host[name] for name in NETWORK if name in host and not (image and image in host[name])}
    )
    return kept


def run(command, name, settings, write_photo, write_mask, progress):
    # type: (List[str], str, Dict[str, Any], Write, Optional[Write], Progress) -> rasters.Stack
    """Run a filter and return its layers.

    Parameters
    ----------
    command : list of str
        How the command line is started.
    name : str
        Of the filter.
    settings : dict
    write_photo, write_mask : callable
        Write a PNG file at the path they get; without a mask the filter works on whole faces.
    progress : callable
        Called with the share that is done, 0..1, and what comes next.

    Raises
    ------
    Refusal
        With the command line's own sentence, or with what kept it from answering.
    """
    with kept_folder() as (keeper, folder):
        photo, mask, layers = [
            os.path.join(folder, file) for file in ("photo.png", "mask.png", "result.layers")
        ]
        try:
            write_photo(photo)
            if write_mask is not None:
                write_mask(mask)
        except (IOError, OSError) as error:
            raise Refusal(
                "The picture could not be handed over in '%s' (%s); make room there, then run again."
                % (folder, error.strerror or error)
            )
        marked = [] if write_mask is None else ["--mask", mask]
        words = (
            command + [name.replace("_", "-"), photo] + marked + ["-o", layers, "--json"] + options(settings)
        )
        status, said = follow(keeper, words, progress)
        if status != 0:
            kind = Misunderstood if status == WRONG_ARGUMENTS else Refusal
            raise kind(why(folder, status, said))
        try:
            return rasters.read_stack(layers)
        except (IOError, OSError, ValueError, KeyError, TypeError):
            raise Refusal("Softlight's answer cannot be read; plug-in and program differ. %s" % AGAIN)


@contextmanager
def kept_folder():
    # type: () -> Iterator[Tuple[Any, str]]
    """Start the keeper, and hand out its folder; both are gone afterwards."""
    flags = 0x08000000 if os.name == "nt" else 0  # CREATE_NO_WINDOW
    try:
        keeper = subprocess.Popen(
            [sys.executable, KEEPER], env=clean_environment(dict(os.environ)), close_fds=os.name != "nt",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=flags,
        )  # fmt: skip
    except OSError as error:
        raise Refusal(
            "Python cannot be started a second time (%s); restart GIMP." % (error.strerror or error)
        )
    assert keeper.stdin is not None and keeper.stdout is not None
    folder = ""
    try:
        folder = for_system(_object(keeper.stdout.readline()).get("folder", ""))
        if not folder:
            raise Refusal(
                "There is no folder for temporary files that Softlight may write to; see to '%s'." % _temp()
            )
        yield keeper, folder
    finally:
        keeper.stdin.close()
        # What the command line still says must not keep it waiting.
        keeper.stdout.read()
        keeper.stdout.close()
        keeper.wait()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)  # Gone already, unless somebody ended the keeper.


def _temp():
    # type: () -> str
    return os.environ.get("TMPDIR") or os.environ.get("TEMP") or "/tmp"


def follow(keeper, words, progress):
    # type: (Any, List[str], Progress) -> Tuple[Optional[int], str]
    """Return the command's exit status and the last thing it said that is no progress."""
    said = ""
    try:
        keeper.stdin.write(json.dumps([_text(word) for word in words]).encode("ascii") + b"\n")
        keeper.stdin.flush()
    except (IOError, OSError):
        pass  # It has ended; that nothing comes says so too.
    for line in iter(keeper.stdout.readline, b""):
        found = _object(line)
        if "progress" in found:
            progress(float(found["progress"]), for_gimp(found["text"]))
        elif "status" in found:
            return found["status"], said
        elif "failed" in found:
            raise Refusal(
                "Softlight cannot be started: '%s', %s. %s" % (words[0], for_gimp(found["failed"]), AGAIN)
            )
        else:
            said = line.decode("utf-8", "replace").strip()
    return None, said


def version(command):
    # type: (List[str]) -> str
    """Return the version of the command line; nothing if it does not say."""
    with kept_folder() as (keeper, folder):
        follow(keeper, command + ["--version"], lambda done, text: None)
        try:
            with io.open(os.path.join(folder, "answer"), encoding="utf-8") as file:
                return for_gimp(file.read().strip().rpartition(" ")[2])
        except (IOError, OSError, ValueError):
            return ""


def _text(word):
    # type: (Any) -> Any
    return word if not isinstance(word, bytes) else word.decode("mbcs" if os.name == "nt" else "utf-8")


def _object(line):
    # type: (bytes) -> Dict[str, Any]
    try:
        found = json.loads(line.decode("utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def why(folder, status, said):
    # type: (str, Optional[int], str) -> str
    """Return the sentence for a command that did not do its work."""
    sentence = answer(folder).get("error")
    if sentence:
        return for_gimp(sentence)
    if said:
        return "Softlight did not work: %s" % for_gimp(said)
    if status is None:
        return "Softlight's computation was ended from outside; the picture is as it was, run it again."
    return (
        "Softlight's computation was ended from outside (status %d); the picture is as it was, run it again."
        % status
    )


def answer(folder):
    # type: (str) -> Dict[str, Any]
    """Return what the command printed as its result; nothing when it printed none."""
    try:
        with io.open(os.path.join(folder, "answer"), "rb") as file:
            return _object(file.read())
    except (IOError, OSError):
        return {}
