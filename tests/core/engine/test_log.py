"""The engine's log, which may fill up no disk."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from softlight.engine import log as module


def test_one_engine_writes_no_more_than_so_much(tmp_path: Path) -> None:
    path = tmp_path / "log"
    handler = module._Bounded(os.open(path, os.O_WRONLY | os.O_CREAT))
    line = "é" * 49_999
    for _ in range(module.LARGEST // 50_000 + 100):
        handler.emit(logging.LogRecord("", logging.INFO, "", 0, line, None, None))
    handler.close()
    handler.stream.close()
    written = path.read_text("utf-8").splitlines()
    assert set(written) == {line} and module.LARGEST < sum(map(len, written)) + 100_000 < module.LARGEST * 1.1
