"""What the windows of the installer and the uninstaller start.

::

    python -m installers.windows.setup install INSTALLER UNINSTALLER FOLDER RESULT
    python -m installers.windows.setup uninstall FOLDER --keep|--purge RESULT

They show each line that it prints. `RESULT` gets one sentence, in UTF-16, that they show at the end. Exit
status: 0 done; 3 done, but a GIMP or Krita was not served; 1 nothing was changed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from pathlib import Path

from installers.windows.setup.faults import SetupError
from installers.windows.setup.folder import alone
from installers.windows.setup.installing import install
from installers.windows.setup.uninstalling import uninstall
from softlight_bridge import places

NOT_EVERY_HOST = 3
SENTENCE = (
    "Softlight is installed, but a GIMP or Krita could not take it: close them, then choose 'Softlight in "
    "GIMP and Krita' in the Start menu. The details say which."
)


def main(arguments: list[str]) -> int:
    """Do it, and return the exit status."""
    action, *paths, result = arguments
    status, sentence = 1, ""
    try:
        with alone():
            if action == "install":
                installer, uninstaller, root = map(Path, paths)
                if not install(installer, uninstaller, root, say):
                    sentence, status = SENTENCE, NOT_EVERY_HOST
                else:
                    status = 0
            else:
                root, purge = Path(paths[0]), "--purge" in paths
                uninstall(root, purge, print_line)
                status = 0
    except SetupError as error:
        sentence = str(error)
        say(sentence)
    except Exception as error:
        sentence = (
            f"This is a fault of Softlight's installer ({error}); please report it with the log '{log()}'."
        )
        say(traceback.format_exc())
    Path(result).write_text(sentence, "utf-16")
    return status


def log() -> Path:
    """Return the path of the installer's log."""
    return Path(places.log_folder()) / "installer.log"


def say(text: str) -> None:
    """Print a line, and write it into the log."""
    print_line(text)
    with contextlib.suppress(OSError):  # the log's disk may be full, and the window says it too
        log().parent.mkdir(parents=True, exist_ok=True)
        with open(log(), "a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")


def print_line(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)
