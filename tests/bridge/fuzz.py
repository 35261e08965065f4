"""Throw wrong messages at both ends of the bridge: ``python -m tests.bridge.fuzz --minutes 10 [--seed N]``.

A real engine gets garbage before the handshake, and after it jobs, looks for faces, pixels and actions on
models that are changed, cut, too long or out of turn. A real client gets results of the same kind. The engine
must live on, do true jobs truly and not grow; the client must end with its own errors, and neither may hang.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import socket
import struct
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from softlight_bridge import faces, launcher, models, packing
from softlight_bridge.conversation import Conversation, FacesConversation, JobConversation, ModelConversation
from softlight_bridge.errors import BridgeError, WireError
from softlight_bridge.messages import Box, PixelFormat, Preview, Raster, Result, ResultLayer
from softlight_bridge.source_types import VOCABULARY
from softlight_bridge.wire import Line
from tests.bridge.ground import RGB8, Ground, grey, trial_job

LONGEST_STEP = 12.0
"""Seconds: silence is thrown out after 5, and a machine that is busy may take as long again."""
MOST_GROWTH = 60_000_000
"""Bytes by which the engine may grow over all steps."""

JOB = trial_job(24, 16)
EDITED = VOCABULARY + "compositeWithTrainedAlgorithmicMedia"
FACES = faces.FacesRequest((24, 16), RGB8, "perceptual", None, 16)
ACTIONS = (
    models.ModelAction("list"),
    models.ModelAction("download", ("no-model",), ("no-model",)),
    models.ModelAction("import", path="/nowhere/model.onnx", confirmed=True),
    models.ModelAction("choose", ("no-model",), name="skin-inpainting"),
    models.ModelAction("remove", ("no-model",)),
    models.ModelAction("verify"),
    models.ModelAction("set", name="offline", value=True),
)
LINE = models.ModelLine(
    "gfpgan-1.4", "GFPGAN 1.4", "face-restoration", "A face is blurred.", "TencentARC", 2022,
    models.Terms("Apache-2.0", "none", "Free for any use.", "https://example.org", 340256690),
    "available", "", False, True, 0, False, False,
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 23, 24, 25, 255, 65536, 1 << 19, (1 << 19) + 1, 1 << 31, 1 << 63,
    1 << 64, 10**400, 0.5, -0.0, 1e308, float("inf"), float("-inf"), float("nan"), "", "u8", "u16", "f32",
    "Y", "RGBA", "x" * 300, "\0", "\ud800", "é" * 5000, [], {}, [[]], [None] * 200, {"": {}}, {"type": "job"},
    "job", "normal",
)  # fmt: skip


def changed(rng: random.Random, value: Any, depth: int = 0) -> Any:
    """Return a JSON value with something wrong somewhere in it."""
    if depth > 4 or rng.random() < 0.2 or not isinstance(value, dict | list) or not value:
        return copy.deepcopy(rng.choice(ODD_VALUES))
    value = copy.deepcopy(value)
    key: Any = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
    way = rng.random()
    if way < 0.15:
        del value[key]
    elif way < 0.25 and isinstance(value, dict):
        value[rng.choice(["", "type", "width", "x" * 50])] = rng.choice(ODD_VALUES)
    elif way < 0.3 and isinstance(value, list):
        value.extend(value * rng.randrange(1, 4))
    else:
        value[key] = changed(rng, value[key], depth + 1)
    return value


def spelt(rng: random.Random, header: Any) -> bytes:
    """Return a header as bytes, mostly well spelt."""
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    way = rng.random()
    if way < 0.88 or not text:
        return text
    if way < 0.92:
        flipped = bytearray(text)
        for _ in range(rng.randrange(1, 6)):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if way < 0.97:
        return text[: rng.randrange(len(text))]
    return rng.choice([b"[" * 50_000, b'{"a":' * 50_000, b"\xff" * 100, text * 3, b"", b"null"])


def wrong_blob(rng: random.Random, blob: bytes) -> list[bytes]:
    """Return the frames of a blob, often not as it was declared."""
    cut = rng.randrange(len(blob) + 1)
    wrong = [[blob[:cut]], [blob, rng.randbytes(cut + 1)], [blob + b"more"], [blob[:cut], blob[cut:]]]
    wrong += [[b"", blob], []]
    return [blob] if rng.random() < 0.65 else rng.choice(wrong)


class EngineFuzz:
    """Wrong clients of a real engine."""

    def __init__(self, ground: Ground, rng: random.Random) -> None:
        self.ground, self.rng = ground, rng
        self.engine = ground.engine()
        self.engine.run(JOB, grey)
        # The networks that look for faces are opened once, and are no growth.
        self.engine.faces(FACES, grey)
        self.pid = ground.pid()
        self.size = self.resident()

    def resident(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def bare(self) -> str:
        """Bytes instead of a handshake, sometimes with the frames of one."""
        rng = self.rng
        parts = [
            rng.randbytes(rng.randrange(64)),
            struct.pack("!i", rng.choice([0, 1, 20, 256, 257, -1, -2, -(1 << 31), 0x7FFFFFFF])),
            struct.pack("!iQ", -1, rng.choice([0, 1, 1 << 32, (1 << 64) - 1])),
            b"#CHALLENGE#", b"#WELCOME#", b"#FAILURE#", bytes(4),
        ]  # fmt: skip
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LONGEST_STEP)
            connection.connect(str(self.ground.runtime / "engine.sock"))
            try:
                for _ in range(rng.randrange(1, 6)):
                    connection.sendall(rng.choice(parts))
                if rng.random() < 0.9:
                    connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except (BrokenPipeError, ConnectionResetError):
                pass
        return "garbage for a handshake"

    def job(self) -> str:
        """A job, or a look for faces, that is wrong in its header, its blobs, its pixels, or its end."""
        rng = self.rng
        line = launcher.connect("Fuzz")
        try:
            if rng.random() < 0.25:
                header, blobs = faces.pack_request(FACES)
            else:
                header, blobs = packing.pack_job(JOB, rng.choice([None, (8, 8)]))
            if rng.random() < 0.5:
                header = changed(rng, header)
            line.connection.send_bytes(spelt(rng, header))
            for blob in blobs:
                if len(blob):
                    self.send(line, wrong_blob(rng, bytes(blob)))
            if rng.random() < 0.15:
                return "hung up after the job"
            return self.pixels(line)
        except (WireError, OSError):
            return "thrown out in a job"
        finally:
            line.close()

    def pixels(self, line: Line) -> str:
        rng = self.rng
        if not line.poll(0.3):
            # It waits for what was declared and never came.
            return "left in the middle of a job"
        answer = line.receive_header()
        if answer.get("type") == "error":
            return "told " + str(answer["kind"])
        assert answer["type"] == "need", answer
        box = packing.unpack_need(answer, (1 << 19, 1 << 19))
        if box.width * box.height > 1_000_000:
            return "asked for many pixels"
        header, (blob,) = packing.pack_pixels(grey(box))
        if rng.random() < 0.6:
            header = changed(rng, header)
        line.connection.send_bytes(spelt(rng, header))
        self.send(line, wrong_blob(rng, bytes(blob)))
        if rng.random() < 0.3:
            return "hung up after the pixels"
        end = time.monotonic() + LONGEST_STEP
        while line.poll(0.3):
            assert time.monotonic() < end, "the engine talks for ever"
            kind = line.receive_header()["type"]
            if kind != "progress":
                return f"got a {kind}"
        return "left in the middle of the pixels"

    def models(self) -> str:
        """An action of the model store that is wrong somewhere, or in its end."""
        rng = self.rng
        line = launcher.connect("Fuzz")
        try:
            header, _ = models.pack_action(rng.choice(ACTIONS))
            line.connection.send_bytes(spelt(rng, changed(rng, header) if rng.random() < 0.8 else header))
            if rng.random() < 0.2:
                return "hung up after an action"
            end = time.monotonic() + LONGEST_STEP
            while line.poll(0.5):
                assert time.monotonic() < end, "the engine talks for ever"
                answer = line.receive_header()
                if answer["type"] == "error":
                    return "told " + str(answer["kind"])
                if answer["type"] == "models":
                    models.unpack_list(answer)
                    return "got models"
            return "left in the middle of an action"
        except (WireError, OSError):
            return "thrown out in an action"
        finally:
            line.close()

    @staticmethod
    def send(line: Line, frames: list[bytes]) -> None:
        for frame in frames:
            line.connection.send_bytes(frame)

    def step(self) -> str:
        return self.rng.choice([self.bare, self.job, self.job, self.job, self.models])()

    def check(self) -> None:
        """The engine is the same one, does a true job truly, and has not grown."""
        result = self.engine.run(JOB, grey)
        assert bytes(result.layers[0].pixels.data) == bytes([160, 160, 160, 255]) * (24 * 16)
        assert self.ground.pid() == self.pid, "the engine has died"
        growth = self.resident() - self.size
        assert growth < MOST_GROWTH, f"the engine has grown by {growth / 1e6:.0f} MB"
        assert "Traceback" not in self.ground.log, f"the engine met a defect: {self.ground.log[-2000:]}"


class ClientFuzz:
    """Wrong engines for a real client."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        layer = ResultLayer(
            "L", "normal", 1.0, Box(1, 1, 4, 3), Raster(4, 3, PixelFormat("RGBA", "u8"), bytes(48)),
            Raster(4, 3, PixelFormat("Y", "u8"), bytes(12)),
        )  # fmt: skip
        shown = Raster(4, 3, RGB8, bytes(36))
        face = faces.FoundFace(1, Box(1, 1, 4, 3), 0.9, ((1.0, 2.0),) * 5, Raster(16, 16, RGB8, bytes(768)))
        self.messages: list[packing.Packed] = [
            packing.pack_progress(0.5, "Half"),
            packing.pack_need(Box(0, 0, 24, 16)),
            packing.pack_error("MaskError", "Paint."),
            packing.pack_result(Result("G", (layer, layer), {}, ("N.",), EDITED)),
            packing.pack_preview(Preview(shown, shown, shown, "V", Box(0, 0, 4, 3))),
            faces.pack_faces(faces.FaceList((face, face._replace(number=2)), ("N.",))),
            models.pack_list(models.ModelList((LINE, LINE), "/models", False, True, ("N.",))),
        ]

    def step(self) -> str:
        rng = self.rng
        mine, other = Pipe()
        talk: Conversation
        if rng.random() < 0.2:
            talk = ModelConversation(("nothing",), "Fuzz", rng.choice(ACTIONS))
        elif rng.random() < 0.3:
            talk = FacesConversation(("nothing",), "Fuzz", FACES)
            talk._pixels = grey  # type: ignore[method-assign]
        else:
            talk = JobConversation(("nothing",), "Fuzz", JOB, rng.choice([None, None, (8, 8)]))
            talk._pixels = grey  # type: ignore[method-assign]

        def lie() -> None:
            try:
                header = other.recv_bytes()
                if b'"job"' in header:  # with its mask; an empty profile is no frame
                    other.recv_bytes()
                for _ in range(rng.randrange(1, 6)):
                    packed, blobs = rng.choice(self.messages)
                    if rng.random() < 0.5:
                        packed = changed(rng, packed)
                    other.send_bytes(spelt(rng, packed))
                    for blob in blobs:
                        for frame in wrong_blob(rng, bytes(blob)):
                            other.send_bytes(frame)
            except (OSError, EOFError):
                pass
            finally:
                other.close()

        liar = threading.Thread(target=lie)
        liar.start()
        line = Line(mine)
        try:
            with line.deadline(LONGEST_STEP):
                found = talk._exchange(line)
            return f"took a {type(found).__name__}"
        except BridgeError as error:
            assert not line.aborted, "the client hung"
            return f"raised {type(error).__name__}"
        finally:
            line.close()
            liar.join()


def run(steps: Callable[[int], bool], seed: int, ground: Ground) -> Counter[str]:
    """Fuzz both sides while `steps`, told how many there were, says so; return what came of them."""
    rng = random.Random(seed)
    engine, client = EngineFuzz(ground, rng), ClientFuzz(rng)
    outcomes: Counter[str] = Counter()
    number = 0
    while steps(number):
        side: EngineFuzz | ClientFuzz = engine if number % 2 else client
        started = time.monotonic()
        outcomes[f"{'engine' if side is engine else 'client'}: {side.step()}"] += 1
        assert time.monotonic() - started < LONGEST_STEP, "a step took too long"
        number += 1
        if number % 50 == 0:
            engine.check()
    engine.check()
    outcomes["the engine's growth in MB"] = (engine.resident() - engine.size) // 1_000_000
    return outcomes


def main() -> None:
    """Fuzz for as long as asked, on a ground of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="sl-", dir="/tmp") as folder:
        for variable in ("RUNTIME_DIR", "STATE_HOME", "CONFIG_HOME", "DATA_HOME", "CACHE_HOME"):
            variable = f"XDG_{variable}"
            os.environ[variable] = f"{folder}/{variable[4:7].lower()}"
            os.mkdir(os.environ[variable], 0o700)
        ground = Ground(Path(folder))
        end = time.monotonic() + options.minutes * 60
        try:
            outcomes = run(lambda number: time.monotonic() < end, options.seed, ground)
        finally:
            ground.leave()
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:8} {outcome}")
    print(f"{sum(outcomes.values())} steps, no fault found")


if __name__ == "__main__":
    sys.exit(main())
