"""A process that outlives the plug-in by a moment: it ends the command line and removes the folder of files.

GIMP 2.10 cancels a plug-in by killing it, which leaves the plug-in no time to tidy up. So the plug-in starts
this script and holds its standard input: when that ends, for whatever reason, all is tidied up.

It prints JSON, one object a line: first `{"folder": path}`, a new folder for this user alone. Then it reads
one line from its input, the command as a JSON list, runs it, and hands on what it prints on stderr line by
line; what it prints on stdout goes into the file `answer` in the folder. At last comes `{"status": number}`,
or `{"failed": why}` if the command could not be started.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

MYPY = False
if MYPY:
    from typing import Any, List  # noqa: F401

PATIENCE = 5.0
"""Seconds that a command is given to end by itself when it is told to."""
ENDED = 0.05
"""Seconds between looks whether it has ended: Python 2.7 cannot wait for two things at once."""


def main():
    # type: () -> None
    """Keep one job."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in the terminal that GIMP was started from is for GIMP.
    signal.signal(signal.SIGTERM, leave)
    try:
        folder = tempfile.mkdtemp(prefix="softlight-")
    except (IOError, OSError):
        return  # The plug-in gets no line, and knows what to say.
    try:
        say(folder=folder)
        line = sys.stdin.readline()
        released = threading.Event()
        waiting = threading.Thread(target=wait_for_release, args=(released,))
        waiting.daemon = True
        waiting.start()
        if line.strip():
            run([as_argument(word) for word in json.loads(line)], folder, released)
        while not released.is_set():
            released.wait(3600)  # Without a time, signals wait too in Python 2.7.
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def leave(number, frame):
    # type: (int, Any) -> None
    """End in order when the system tells this process to."""
    sys.exit(128 + number)


def wait_for_release(released):
    # type: (threading.Event) -> None
    """Return when the plug-in has closed our input, or has ended."""
    sys.stdin.read()
    released.set()


def run(command, folder, released):
    # type: (List[str], str, threading.Event) -> None
    """Run the command to its end, or until the plug-in lets go."""
    with open(os.path.join(folder, "answer"), "wb") as answer, open(os.devnull, "rb") as nothing:
        flags = 0x08000000 if os.name == "nt" else 0  # CREATE_NO_WINDOW
        try:
            # Its stderr is our stdout: progress reaches the plug-in without a hand between.
            process = subprocess.Popen(
                command, cwd=folder, stdin=nothing, stdout=answer, stderr=sys.stdout, creationflags=flags
            )
        except OSError as error:
            say(failed=error.strerror or str(error))
            return
        try:
            while process.poll() is None and not released.is_set():
                released.wait(ENDED)
        finally:
            end(process)
    say(status=process.returncode)


def end(process):
    # type: (subprocess.Popen[bytes]) -> None
    """Tell a process to end, and see to it."""
    deadline = time.time() + PATIENCE
    told = False
    while process.poll() is None:
        try:
            if time.time() > deadline:
                process.kill()
            elif not told:
                process.terminate()
        except OSError:
            pass  # It has ended meanwhile.
        told = True
        time.sleep(ENDED)


def as_argument(word):
    # type: (Any) -> str
    """Return a word of the command as `Popen` takes it: bytes on Python 2."""
    if sys.version_info[0] < 3:
        return word.encode("mbcs" if os.name == "nt" else "utf-8")  # type: ignore[no-any-return]
    return word  # type: ignore[no-any-return]


def say(**what):
    # type: (Any) -> None
    """Print one JSON object, if anybody still reads."""
    try:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()
    except (IOError, OSError):
        pass


if __name__ == "__main__":
    main()
