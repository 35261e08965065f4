"""Every kind of picture in real GIMP 3.0: precision × model × alpha × place of the layer × profile.

Soft glow, the tests' own filter, is so simple that what must be seen follows from the photo in one line; it
goes through the plug-in, the bridge and the engine as every filter does. Masks of 0, half and 1, opacity 100
and 50.

Run:   python -m pytest -m hosts tests/hosts/test_gimp3_matrix.py
       SOFTLIGHT_MATRIX=docs/hosts-matrix.md …  renews GIMP's section there, with the whole matrix
Needs: what `roots.py` needs. A part of the matrix takes 60 s, all of it 6 minutes.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from gimp3 import Gimp3, gimp3
from matrix_document import write_section
from numpy.typing import NDArray
from roots import Root

from softlight.compositor import composite
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture

pytestmark = pytest.mark.hosts

WIDTH, HEIGHT = 96, 64
KINDS = ("u8", "u16", "u32", "half", "float", "double")
CURVES = ("linear", "non-linear", "perceptual")
GEOMETRIES = ("canvas", "beyond", "inside", "in a group", "in an isolated group")
PROFILES = {"RGB": ("sRGB", "Adobe RGB", "wide gamut"), "grey": ("sRGB", "grey gamma 2.2")}
GAMMA = ("Adobe RGB", "grey gamma 2.2")
"""Profiles whose curve is a gamma of 563/256, which GIMP rounds to 2.199218."""
LEVELS = {"u8": 255, "u16": 65535, "u32": 65535}
AMOUNT, WARM = 0.6, np.array([1.0, 0.8, 0.5])
"""What the cells run Soft glow with: B is 0.5 + amount / 2 · tint where the photo is dark, else 0.5."""

Plane = NDArray[np.float64]


class Cell(NamedTuple):
    """One kind of picture."""

    precision: str
    model: str
    alpha: bool
    geometry: str
    profile: str

    @property
    def kind(self) -> str:
        return self.precision.partition("-")[0]

    @property
    def curve(self) -> str:
        return self.precision.partition("-")[2]

    @property
    def own_curve(self) -> bool:
        """Whether it is stored on a curve that is neither linear nor sRGB's."""
        return self.curve == "non-linear" and self.profile in GAMMA

    def allowed(self) -> float | None:
        """How far GIMP may be off, in levels or in values; `None` where it is only reported.

        This is the rule of agreement of all host tests. 8 bits of linear light cannot hold a blend layer:
        their dark levels lie 12 levels of 255 apart.
        """
        if self.kind == "u8":
            return None if self.curve == "linear" else 2
        exact = {"u16": 4.0, "u32": 4.0, "half": 1e-3}.get(self.kind, 1e-5)
        # GIMP's way through another curve costs 1e-3, besides what the precision costs.
        return exact + 1e-3 * LEVELS.get(self.kind, 1) * self.own_curve


class Difference(NamedTuple):
    """Largest difference from the reference compositor at opacity 100 and at 50."""

    full: float
    half: float


def whole_matrix() -> list[Cell]:
    return [
        Cell(f"{kind}-{curve}", model, alpha, geometry, profile)
        for kind, curve, model in itertools.product(KINDS, CURVES, PROFILES)
        for alpha, geometry in itertools.product((False, True), GEOMETRIES)
        for profile in PROFILES[model]
    ]


def part_of_the_matrix() -> list[Cell]:
    """Every precision in both models, with alpha, place and profile in turn."""
    cells = []
    for number, (kind, curve, model) in enumerate(itertools.product(KINDS, CURVES, PROFILES)):
        profiles = PROFILES[model]
        cells.append(
            Cell(
                f"{kind}-{curve}",
                model,
                number // 2 % 2 == 1,
                GEOMETRIES[number % len(GEOMETRIES)],
                # Shifted at each curve, so that every profile meets every kind and every curve.
                profiles[(number // 2 + number // 6) % len(profiles)],
            )
        )
    return cells


def to_light(values: Plane, curve: str, profile: str) -> Plane:
    """From a picture's own curve to linear light."""
    if curve == "linear":
        return values
    if curve == "non-linear" and profile in GAMMA:
        return np.sign(values) * np.abs(values) ** (563 / 256)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def from_light(light: Plane, curve: str, profile: str) -> Plane:
    """The inverse."""
    if curve == "linear":
        return light
    if curve == "non-linear" and profile in GAMMA:
        return np.sign(light) * np.abs(light) ** (256 / 563)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.abs(light) ** (1 / 2.4) - 0.055)


def photo() -> NDArray[np.float32]:
    """Coloured ramps on the sRGB curve with nothing near 0.5, where Soft glow tells dark from light."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    ramps = np.stack([x / WIDTH, y / HEIGHT, (x + y) / (WIDTH + HEIGHT)], axis=2) * 0.9 + 0.04
    near = np.abs(ramps - 0.5) < 0.03
    return np.where(near, np.where(ramps < 0.5, 0.47, 0.53), ramps).astype(np.float32)


def alpha() -> NDArray[np.float32]:
    """Stripes of 0, half and 1."""
    return np.tile(np.repeat(np.array([1, 1, 1, 0.5, 0], np.float32), 4), 5)[:WIDTH] * np.ones(
        (HEIGHT, 1), np.float32
    )


def mask() -> NDArray[np.uint8]:
    """0, half and 1 in squares, away from the canvas's edge."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    values = np.array([255, 128, 0], np.uint8)[(x // 9 + y // 7) % 3]
    values[:4], values[-6:], values[:, :5], values[:, -3:] = 0, 0, 0, 0
    return values


def expected(cell: Cell, stored: Plane, opacity: float) -> Plane:
    """What must be seen, on the picture's own curve, from what was seen before."""
    seen = from_light(to_light(stored, cell.curve, cell.profile), "perceptual", "sRGB")
    tint = WARM if cell.model == "RGB" else np.ones(1)
    b = np.where(seen < 0.5, 0.5 + AMOUNT / 2 * tint, 0.5)
    layer = Layer("", b.astype(np.float32), mask() / np.float32(255), BlendMode.SOFT_LIGHT, opacity)
    result = composite(Picture(seen.astype(np.float32)), LayerStack("", (layer,))).pixels
    # Where nothing is blended the photo stays bit for bit.
    light = to_light(result.astype(np.float64), "perceptual", "sRGB")
    return np.where(result == seen.astype(np.float32), stored, from_light(light, cell.curve, cell.profile))


def difference(cell: Cell, host: Plane, reference: Plane, covered: NDArray[np.bool_]) -> float:
    """The largest difference, rounded host against rounded reference; in levels for integers."""
    levels = LEVELS.get(cell.kind)
    if levels:
        host, reference = np.rint(host * levels), np.rint(reference * levels)
    return float(np.abs(host - reference)[covered].max())


@pytest.fixture(scope="module")
def gimp(trixie: Root) -> Iterator[Gimp3]:
    with gimp3(trixie) as found:
        yield found


def run(gimp: Gimp3, cells: list[Cell]) -> list[tuple[Cell, dict[str, Any], Difference]]:
    """Run all cells in one GIMP, and compare what it shows with the reference compositor."""
    folder = gimp.place.folder
    names = {name: str(folder / f"{name}.raw") for name in ("photo", "alpha", "mask", "out")}
    for name, made in (("photo", photo()), ("alpha", alpha()), ("mask", mask())):
        made.tofile(names[name])
    told = gimp.run("gimp3_matrix", {**names, "cells": cells})["cells"]
    out = np.fromfile(names["out"], np.float32)
    found, at = [], 0
    for cell, about in zip(cells, told):
        assert about["status"] == "SUCCESS", f"{cell}: {about['message']}"
        channels = 2 if cell.model == "grey" else 4
        size = HEIGHT * WIDTH * channels
        before, full, half = (
            out[at + n * size : at + (n + 1) * size].reshape(HEIGHT, WIDTH, channels).astype(np.float64)
            for n in range(3)
        )
        at += 3 * size
        covered = before[..., -1] > 0
        found.append((cell, about, Difference(*(
            difference(cell, seen[..., :-1], expected(cell, before[..., :-1], opacity), covered)
            for seen, opacity in ((full, 1.0), (half, 0.5))
        ))))  # fmt: skip
        for seen in (full, half):
            assert np.abs(seen[..., -1] - before[..., -1]).max() < 3e-3, f"{cell}: the alpha has changed"
    return found


def check(found: list[tuple[Cell, dict[str, Any], Difference]]) -> None:
    wrong = []
    for cell, about, off in found:
        assert about["unchanged"], f"{cell}: the photo's bytes have changed"
        assert "softlight" in about["layers"]
        allowed = cell.allowed()
        if allowed is not None and max(off) > allowed:
            wrong.append(f"{cell}: {off}, {allowed} allowed")
    assert not wrong, "\n".join(wrong)


def table(found: list[tuple[Cell, dict[str, Any], Difference]]) -> str:
    """The largest differences by precision, model and profile, over both alphas and all places."""
    lines = [
        "| precision | curve | "
        + " | ".join(f"{m}, {p}" for m in PROFILES for p in PROFILES[m])
        + " | unit |",
        "|---" * (3 + sum(map(len, PROFILES.values()))) + "|",
    ]
    for kind, curve in itertools.product(KINDS, CURVES):
        cells = []
        for model, profile in ((m, p) for m in PROFILES for p in PROFILES[m]):
            chosen = [
                entry for entry in found if entry[0].precision == f"{kind}-{curve}"
                and (entry[0].model, entry[0].profile) == (model, profile)
            ]  # fmt: skip
            full, half = (max((entry[2][n] for entry in chosen), default=np.nan) for n in (0, 1))
            note = " *" if chosen and chosen[0][0].allowed() is None else ""
            cells.append(f"{_number(kind, full)} / {_number(kind, half)}{note}")
        unit = f"levels of {LEVELS[kind]}" if kind in LEVELS else "of 1"
        lines.append(f"| {kind} | {curve} | " + " | ".join(cells) + f" | {unit} |")
    return "\n".join(lines)


def _number(kind: str, value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0f}" if kind in LEVELS else f"{value:.0e}"


SECTION = """\
Largest difference between GIMP 3.0.4 and the reference compositor, at opacity 100 / 50, each over two
alphas (opaque; stripes of 1, half and 0) and five places of the photo's layer (the canvas; beyond it; inside
it; in a pass-through group; in an isolated group): {cells} pictures. Masks of 0, half and 1. In every one of
them the photo layer's own bytes are unchanged. Undo has no call for scripts in GIMP:
`test_gimp3_desktop.py` presses Ctrl+Z in eleven kinds of picture, and each is then as it was, bit for bit.

{table}

Allowed: 2 levels of 255, 4 of 65535, 1e-3 in half, 1e-5 in float and double; 1e-3 more where the picture is
stored on a profile's own curve ("non-linear" with Adobe RGB or grey gamma 2.2), since GIMP converts such
curves no more exactly. * Only reported: 8 bits of linear light cannot hold a blend, their dark levels lie 12
levels of 255 apart.

Made by `SOFTLIGHT_MATRIX=docs/hosts-matrix.md python -m pytest -m hosts tests/hosts/test_gimp3_matrix.py`."""


def test_every_precision(gimp: Gimp3) -> None:
    found = run(gimp, part_of_the_matrix())
    print(table(found))
    check(found)


@pytest.mark.all_hosts
def test_the_whole_matrix(gimp: Gimp3) -> None:
    cells = whole_matrix()
    found = [entry for part in range(0, len(cells), 240) for entry in run(gimp, cells[part : part + 240])]
    text = table(found)
    print(text)
    check(found)
    if "SOFTLIGHT_MATRIX" in os.environ:
        section = SECTION.format(cells=len(cells), table=text)
        write_section(Path(os.environ["SOFTLIGHT_MATRIX"]), "GIMP 3.0", section)
