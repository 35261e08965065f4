"""Every kind of picture in real Krita 5.2: depth × model × alpha × place of the layer × profile.

Soft glow, the tests' own filter, is so simple that what must be seen follows from the photo in one line; it
goes through the docker, the bridge and the engine as every filter does. Masks of 0, half and 1, opacity 100
and 50. Krita blends stored values, so the reference compositor does too.

Run:   python -m pytest -m hosts tests/hosts/test_krita_matrix.py
       SOFTLIGHT_MATRIX=docs/hosts-matrix.md …  writes the section "Krita 5.2" from the full matrix
Needs: what `roots.py` needs. A part of the matrix takes 30 s, all of it (`all_hosts`) 5 minutes.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import krita_application
import numpy as np
import pytest
from krita_application import Played, extend, install, play
from matrix_document import write_section
from numpy.typing import NDArray
from roots import Root
from workplace import Workplace, workplace

from softlight.compositor import composite
from softlight.encoding import from_unit, to_unit
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture

pytestmark = pytest.mark.hosts

WIDTH, HEIGHT = 96, 64
LARGEST = (90, 130)
"""Rows and columns of the largest photo layer of the scenario."""
DEPTHS: dict[str, type[Any]] = {"U8": np.uint8, "U16": np.uint16, "F16": np.float16, "F32": np.float32}
ALPHAS = ("opaque", "see-through")
GEOMETRIES = ("canvas", "beyond", "inside", "in a group", "in an isolated group")
PROFILES = {
    "RGBA": {
        "sRGB": "sRGB-elle-V2-srgbtrc.icc",
        "sRGB, linear": "sRGB-elle-V2-g10.icc",
        "Adobe RGB": "ClayRGB-elle-V2-g22.icc",
        "wide gamut": "WideRGB-elle-V2-g22.icc",
        "Rec. 2020, linear": "Rec2020-elle-V4-g10.icc",
    },
    "GRAYA": {"sRGB's curve": "Gray-D50-elle-V2-srgbtrc.icc", "linear": "Gray-D50-elle-V2-g10.icc"},
}
MODELS = {"RGBA": "RGB", "GRAYA": "grey"}
ALLOWED = {"U8": 2.0, "U16": 4.0, "F16": 1e-3, "F32": 1e-5}
"""The rule of agreement of all host tests: levels of integers, else values of 0..1."""
AMOUNT, WARM = 0.6, np.array([1.0, 0.8, 0.5], np.float32)
VALUES = {"amount": AMOUNT, "radius": None, "tint": "warm", "only_dark": True}
HALF = 128 / 255


class Cell(NamedTuple):
    """One kind of picture."""

    depth: str
    model: str
    alpha: str
    geometry: str
    profile: str


class Difference(NamedTuple):
    """Largest difference from the reference compositor at opacity 100 and at 50."""

    full: float
    half: float


class Found(NamedTuple):
    """A cell with what the scenario said about it."""

    cell: Cell
    told: dict[str, Any]
    off: Difference


def whole_matrix() -> list[Cell]:
    return [
        Cell(depth, model, alpha, geometry, profile)
        for depth, model in itertools.product(DEPTHS, PROFILES)
        for profile, alpha, geometry in itertools.product(PROFILES[model], ALPHAS, GEOMETRIES)
    ]


def part_of_the_matrix() -> list[Cell]:
    """Every depth in both models and every profile, with alpha and place in turn."""
    cells = []
    for number, depth in enumerate(DEPTHS):
        coloured, grey = list(PROFILES["RGBA"]), list(PROFILES["GRAYA"])
        pairs = [("RGBA", coloured[number]), ("RGBA", coloured[-1 - number]), ("GRAYA", grey[number % 2])]
        for model, profile in pairs:
            for alpha in ALPHAS:
                cells.append(Cell(depth, model, alpha, GEOMETRIES[len(cells) % len(GEOMETRIES)], profile))
    return cells


def photo(depth: str, model: str, alpha: str) -> NDArray[Any]:
    """Coloured ramps with nothing near 0.5, where Soft glow tells dark from light, and stripes of alpha."""
    y, x = (axis.astype(np.float32) for axis in np.mgrid[0 : LARGEST[0], 0 : LARGEST[1]])
    ramps = np.stack([x / LARGEST[1], y / LARGEST[0], (x + y) / sum(LARGEST)], axis=2) * 0.9 + 0.04
    near = np.abs(ramps - 0.5) < 0.03
    colour = np.where(near, np.where(ramps < 0.5, 0.47, 0.53), ramps)
    stripes = np.array([1, 1, 1, 0.5, 0], np.float32)[(x // 4).astype(int) % 5]
    covered = stripes if alpha == "see-through" else np.ones_like(stripes)
    pixels = np.concatenate([colour if model == "RGBA" else colour[..., :1], covered[..., None]], axis=2)
    return from_unit(pixels.astype(np.float32), DEPTHS[depth])


def mask() -> NDArray[np.uint8]:
    """0, half and 1 in squares, away from the canvas's edge."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    values = np.array([255, 128, 0], np.uint8)[(x // 9 + y // 7) % 3]
    values[:4], values[-6:], values[:, :5], values[:, -3:] = 0, 0, 0, 0
    return values


def in_memory(pixels: NDArray[Any], depth: str, model: str) -> NDArray[Any]:
    """From red, green, blue, alpha to the order of Krita's memory, and back."""
    return pixels[..., [2, 1, 0, 3]] if model == "RGBA" and depth.startswith("U") else pixels


def expected(cell: Cell, stored: NDArray[Any], opacity: float) -> NDArray[Any]:
    """What must be seen after what was seen before."""
    seen = to_unit(stored)
    tint = WARM if cell.model == "RGBA" else np.ones(1, np.float32)
    b = np.where(seen < 0.5, 0.5 + AMOUNT / 2 * tint, np.float32(0.5)).astype(np.float32)
    layer = Layer("", b, mask() / np.float32(255), BlendMode.SOFT_LIGHT, opacity)
    return composite(Picture(stored), LayerStack("", (layer,))).pixels


def difference(depth: str, host: NDArray[Any], reference: NDArray[Any], covered: NDArray[np.bool_]) -> float:
    return float(np.abs(host.astype(np.float64) - reference.astype(np.float64))[covered].max())


@pytest.fixture(scope="module")
def place() -> Iterator[Workplace]:
    with workplace() as made:
        folder = install(made, "krita_driver")
        extend(made, folder / "softlight_krita")
        yield made


def run(root: Root, place: Workplace, cells: list[Cell]) -> list[Found]:
    """Run all cells in one Krita, and compare what it shows with the reference compositor."""

    def prepare(out: Path) -> None:
        given = [cell._replace(profile=PROFILES[cell.model][cell.profile]) for cell in cells]
        (out / "task.json").write_text(json.dumps({"cells": given, "values": VALUES}), "utf-8")
        (out / "mask.raw").write_bytes(mask().tobytes())
        for depth, model, alpha in itertools.product(DEPTHS, PROFILES, ALPHAS):
            stored = in_memory(photo(depth, model, alpha), depth, model)
            (out / f"photo-{depth}-{model}-{alpha}.raw").write_bytes(np.ascontiguousarray(stored).tobytes())

    played = play(root, place, "krita_matrix", prepare)
    return list(compared(played, cells))


def compared(played: Played, cells: list[Cell]) -> Iterator[Found]:
    raw, at = (played.out / "seen.raw").read_bytes(), 0
    for cell, told in zip(cells, played.found["cells"], strict=True):
        assert not told["failed"], f"{cell}: {told['sentence']}"
        shape = (3, HEIGHT, WIDTH, 4 if cell.model == "RGBA" else 2)
        count = int(np.prod(shape))
        stored = np.frombuffer(raw, DEPTHS[cell.depth], count, at).reshape(shape)
        at += stored.nbytes
        before, full, half = in_memory(stored, cell.depth, cell.model)
        covered = before[..., -1] > 0
        assert (full[..., -1] == before[..., -1]).all(), f"{cell}: the alpha has changed"
        off = Difference(*(
            difference(cell.depth, seen[..., :-1], expected(cell, before[..., :-1], opacity), covered)
            for seen, opacity in ((full, 1.0), (half, HALF))
        ))  # fmt: skip
        yield Found(cell, told, off)


def check(found: list[Found]) -> None:
    wrong = []
    for cell, told, off in found:
        assert told["encoding"] == [cell.model, cell.depth, PROFILES[cell.model][cell.profile]], cell
        assert told["layers"][0] == "soft_light_pegtop_delphi", cell
        assert told["unchanged"], f"{cell}: the photo's bytes have changed"
        assert told["undone"], f"{cell}: one undo does not bring back the picture"
        if max(off) > ALLOWED[cell.depth]:
            wrong.append(f"{cell}: {off}, {ALLOWED[cell.depth]} allowed")
    assert not wrong, "\n".join(wrong)


def table(found: list[Found]) -> str:
    """The largest differences by depth, model and profile, over both alphas and all places."""
    columns = [(model, profile) for model in PROFILES for profile in PROFILES[model]]
    heads = [f"{MODELS[model]}: {profile}" for model, profile in columns]
    lines = ["| depth | " + " | ".join(heads) + " | unit | allowed |", "|---" * (3 + len(columns)) + "|"]
    for depth in DEPTHS:
        entries = []
        for column in columns:
            chosen = [
                off for cell, _, off in found if cell.depth == depth and (cell.model, cell.profile) == column
            ]
            worst = [max((off[n] for off in chosen), default=np.nan) for n in (0, 1)]
            entries.append(" / ".join(number(depth, value) for value in worst))
        unit = {"U8": "levels of 255", "U16": "levels of 65535"}.get(depth, "of 1")
        lines.append(f"| {depth} | " + " | ".join([*entries, unit, f"{ALLOWED[depth]:g}"]) + " |")
    return "\n".join(lines)


def number(depth: str, value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{value:.0f}" if depth.startswith("U") else f"{value:.0e}" if value else "0"


SECTION = """\
Largest difference between Krita {version} and the reference compositor, at opacity 100 / 50, each over two
alphas (opaque; stripes of 1, half and 0) and five places of the photo's layer (the canvas; beyond it; inside
it; in a pass-through group; in an isolated group): {cells} pictures. Masks of 0, half and 1. In every one of
them the photo layer's own bytes are unchanged, and one undo brings the picture back bit for bit.

{table}

Made by `SOFTLIGHT_MATRIX=docs/hosts-matrix.md python -m pytest -m hosts tests/hosts/test_krita_matrix.py`."""


def test_every_depth_and_profile(trixie: Root, place: Workplace) -> None:
    found = run(trixie, place, part_of_the_matrix())
    print(table(found))
    check(found)


@pytest.mark.all_hosts
def test_the_whole_matrix(trixie: Root, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(krita_application, "PATIENCE", 1800.0)
    cells = whole_matrix()
    found = run(trixie, place, cells)
    text = table(found)
    print(text)
    check(found)
    if "SOFTLIGHT_MATRIX" in os.environ:
        section = SECTION.format(version="5.2.9", cells=len(cells), table=text)
        write_section(Path(os.environ["SOFTLIGHT_MATRIX"]), "Krita 5.2", section)
