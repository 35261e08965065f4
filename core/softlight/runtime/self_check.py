"""A device is trusted only after it gave, on a model's golden tile, what the CPU gave at the release.

GPU back ends have returned zeros, noise and darker pictures without an error (onnxruntime#13545, #11007,
#15459, #9582, DirectML#380).
"""

from __future__ import annotations

import io
import json
import math
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.errors import ModelError

Arrays = Mapping[str, NDArray[Any]]

LEAST_PSNR = 50.0
"""In dB, against the width of an output's range. Float32 sums in another order differ by less than 1e-5 of
it, which is 100 dB."""
LARGEST_ERROR = 4 / 255
"""No single value may be further off: four levels of an 8-bit picture."""
_BEST_PSNR = 120.0
"""Equal to float32's resolution; also what identical arrays are said to have."""
_KEPT = 100
"""How many passed checks are remembered."""


@dataclass(frozen=True)
class Golden:
    """A call of a model and what it must give."""

    inputs: Arrays
    outputs: Arrays
    spans: Mapping[str, float] = field(default_factory=dict)
    """How wide the range of an output is, where it is not 1; errors are judged against it."""


def read_golden(content: bytes) -> Golden:
    """Read a golden tile: an npz of ``input.<name>`` (uint8, 255 = 1) and ``output.<name>`` (float16)."""
    inputs: dict[str, NDArray[Any]] = {}
    outputs: dict[str, NDArray[Any]] = {}
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            for key in arrays.files:
                kind, _, name = key.partition(".")
                if kind == "input":
                    inputs[name] = arrays[key].astype(np.float32) / np.float32(255)
                else:
                    outputs[name] = arrays[key].astype(np.float32)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"A golden tile cannot be read ({error}); reinstall Softlight.") from None
    return Golden(inputs, outputs)


@dataclass(frozen=True)
class Agreement:
    """How well a device reproduced a golden tile; the worst of the outputs, relative to their spans."""

    psnr: float
    """Peak signal-to-noise ratio in dB, 0 to 120."""
    max_error: float
    """Largest absolute difference; infinite if an output is not finite or has the wrong shape."""

    @property
    def passes(self) -> bool:
        return self.psnr >= LEAST_PSNR and self.max_error <= LARGEST_ERROR

    def __str__(self) -> str:
        if math.isinf(self.max_error):
            return "values that are not finite, or too few"
        return f"{self.psnr:.0f} dB, largest error {self.max_error * 255:.1f} of 255 levels"


DISAGREEMENT = Agreement(psnr=0.0, max_error=math.inf)


def compare(outputs: Arrays, golden: Arrays, spans: Mapping[str, float] | None = None) -> Agreement:
    """Compare the outputs of a device with the golden ones, relative to their spans."""
    worst = Agreement(psnr=_BEST_PSNR, max_error=0.0)
    for name, expected in golden.items():
        actual = outputs.get(name)
        if actual is None or actual.shape != expected.shape or not np.isfinite(actual).all():
            return DISAGREEMENT
        if not expected.size:
            continue
        difference = (actual.astype(np.float64) - expected) / (spans or {}).get(name, 1.0)
        mean_square = float(np.mean(difference**2))
        psnr = -10 * math.log10(max(mean_square, 10 ** (-_BEST_PSNR / 10)))
        worst = Agreement(
            psnr=min(worst.psnr, max(psnr, 0.0)),
            max_error=max(worst.max_error, float(np.max(np.abs(difference)))),
        )
    return worst


class PassedChecks:
    """The passed self-checks of this user, in a small JSON file.

    Only passes are kept: a failure can have a cause that is gone tomorrow, such as another program's
    memory. The file is a convenience: if it is damaged or cannot be written, checks run again.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __contains__(self, key: object) -> bool:
        return key in self._read()

    def add(self, key: str, agreement: Agreement) -> None:
        """Remember that the check `key` passed."""
        if self._path is None:
            return
        passed = self._read()
        passed.pop(key, None)
        passed[key] = str(agreement)
        newest = dict(list(passed.items())[-_KEPT:])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        except OSError:
            return
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(newest, file, indent=1)
            os.replace(name, self._path)
        except OSError:
            Path(name).unlink(missing_ok=True)

    def _read(self) -> dict[str, str]:
        if self._path is None:
            return {}
        try:
            passed = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(passed, dict):
            return {}
        return {key: value for key, value in passed.items() if isinstance(value, str)}
