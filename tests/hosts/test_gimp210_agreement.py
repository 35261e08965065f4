"""GIMP 2.10 against the reference compositor: every precision, model, alpha and profile, by one rule.

Run:   python -m pytest -m hosts tests/hosts/test_gimp210_agreement.py
       SOFTLIGHT_MATRIX=docs/hosts-matrix.md …  renews GIMP 2.10's section there
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from conftest import find_gimp210
from gimp210 import DEPTHS, LIMITS, Gimp210, missed
from matrix_document import write_section
from workplace import workplace

from softlight.files import write_picture, write_stack
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]

NOISE = np.random.default_rng(210)


def photo(channels: int) -> Picture:
    pixels = NOISE.integers(0, 256, (80, 96, channels), np.uint8)
    pixels[:8] = 0
    pixels[8:16] = 255
    if channels in (2, 4):
        pixels[..., -1] = NOISE.choice(np.array([0, 128, 255], np.uint8), (80, 96))
    return Picture(pixels)


def stack(channels: int) -> LayerStack:
    """Two layers that overlap, with masks of 0, half, 1 and all between."""
    mask = NOISE.integers(0, 256, (60, 64), np.uint8)
    mask[:, :16], mask[:, 16:32], mask[:, 32:48] = 0, 128, 255
    soft = Layer(
        "soft", NOISE.integers(0, 256, (60, 64, channels), np.uint8), mask, BlendMode.SOFT_LIGHT, 1.0, (10, 4)
    )
    normal = Layer("normal", NOISE.integers(0, 256, (30, 64, channels), np.uint8), mask[:30], offset=(30, 40))
    return LayerStack("group", (soft, normal))


PHOTOS = {channels: photo(channels) for channels in (1, 2, 3, 4)}
STACKS = {channels: stack(channels) for channels in (1, 3)}


@pytest.fixture(scope="module")
def agreement() -> Iterator[tuple[Gimp210, list[dict[str, Any]]]]:
    with workplace() as place:
        host = find_gimp210(place)
        for channels, picture in PHOTOS.items():
            write_picture(place.pictures / f"photo{channels}.png", picture)
        for channels, layers in STACKS.items():
            write_stack(place.pictures / f"stack{channels}.layers", PHOTOS[channels], layers)
        (place.pictures / "wide.icc").write_bytes(imagecodecs.cms_profile("adobergb"))
        primaries = [0.64, 0.33, 0.30, 0.60, 0.15, 0.06]
        gamma = imagecodecs.cms_profile("rgb", whitepoint=(0.3457, 0.3585), primaries=primaries, gamma=1.8)
        (place.pictures / "gamma18.icc").write_bytes(gamma)
        found, _ = host.run("gimp210_scenes", "agreement")
        yield host, found


Agreement = tuple[Gimp210, list[dict[str, Any]]]


def miss(host: Gimp210, case: dict[str, Any], opacity: int, shown: dict[str, Any]) -> float:
    depth = DEPTHS[case["precision"] // 100]
    photo = host.pixels(case["photo"], depth)
    layers = STACKS[1 if photo.shape[2] < 3 else 3].layers
    return missed(photo, host.pixels(shown, depth), layers, opacity / 100, case["precision"] % 100 == 0)


def test_every_image_on_a_display_curve_agrees(agreement: Agreement) -> None:
    host, cases = agreement
    cases = [case for case in cases if case["precision"] % 100]
    assert len(cases) == 4 * 8
    for case in cases:
        limit = LIMITS[DEPTHS[case["precision"] // 100]]
        for opacity in (100, 50):
            assert miss(host, case, opacity, case["flat"][str(opacity)]) <= limit, case


def test_every_linear_image_of_more_than_8_bits_agrees(agreement: Agreement) -> None:
    host, cases = agreement
    cases = [case for case in cases if case["precision"] % 100 == 0 and case["precision"] > 100]
    assert len(cases) == 2 * 8
    for case in cases:
        limit = LIMITS[DEPTHS[case["precision"] // 100]]
        for opacity in (100, 50):
            assert miss(host, case, opacity, case["flat"][str(opacity)]) <= limit, case


def test_exporting_layers_keeps_the_whole_picture(agreement: Agreement) -> None:
    """GIMP 3.0 cuts it to the box of a pass-through group; 2.10 does not."""
    host, cases = agreement
    for case in cases:
        if "exported" in case:
            assert miss(host, case, 50, case["exported"]) <= 2, case


def test_no_byte_of_a_photo_changes(agreement: Agreement) -> None:
    _, cases = agreement
    assert [case for case in cases if not case["unchanged"]] == []


COLUMNS = {
    "RGB, sRGB": ("34", ""),
    "RGB, Adobe RGB": ("34", "wide.icc"),
    "RGB, gamma 1.8": ("34", "gamma18.icc"),
    "grey": ("12", ""),
}
"""Channels of the photos and their profile, by what a column is called."""
ROWS = {
    150: ("8 bit", "levels of 255", "2"),
    100: ("8 bit, linear", "levels of 255", "only reported"),
    250: ("16 bit", "levels of 65535", "4"),
    200: ("16 bit, linear", "levels of 65535", "4"),
    550: ("half", "of 1", "0.001"),
    650: ("float", "of 1", "1e-05"),
    600: ("float, linear", "of 1", "1e-05"),
}
SECTION = """\
Largest difference between GIMP 2.10.22 and the reference compositor, at opacity 100 / 50, each over two
alphas (opaque; noise of 1, half and 0): {cells} pictures. Masks of 0, half, 1 and all between; two layers of
8 bits that overlap. In every one of them the photo layer's own bytes are unchanged.

{table}

8 bits of linear light cannot hold a blend. The profile with gamma 1.8 has sRGB's primaries.

Made by `SOFTLIGHT_MATRIX=docs/hosts-matrix.md python -m pytest -m hosts {test}`."""


def test_the_whole_matrix_as_a_table(agreement: Agreement) -> None:
    host, cases = agreement
    lines = [f"| precision | {' | '.join(COLUMNS)} | unit | allowed |", "|---" * (len(COLUMNS) + 3) + "|"]
    for precision, (name, unit, allowed) in ROWS.items():
        cells = []
        for channels, profile in COLUMNS.values():
            chosen = [
                case for case in cases if case["precision"] == precision
                and case["profile"] == profile and case["file"][5] in channels
            ]  # fmt: skip
            assert len(chosen) == 2
            worst = [
                max(miss(host, case, opacity, case["flat"][str(opacity)]) for case in chosen)
                for opacity in (100, 50)
            ]
            cells.append(" / ".join(f"{value:.0f}" if precision < 500 else f"{value:.0e}" for value in worst))
        lines.append(f"| {name} | {' | '.join(cells)} | {unit} | {allowed} |")
    text = "\n".join(lines)
    print(text)
    if "SOFTLIGHT_MATRIX" in os.environ:
        section = SECTION.format(cells=len(cases), table=text, test="tests/hosts/test_gimp210_agreement.py")
        write_section(Path(os.environ["SOFTLIGHT_MATRIX"]), "GIMP 2.10", section)
