"""Regions lie where they are called after, end softly, and turn and grow with the face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from softlight.alignment import Box
from softlight.faces import mesh, regions
from softlight.faces.regions import REGIONS, drawn, outlines, reach
from softlight.filters.dewrinkle.settings import SPEC
from softlight.roles.landmarks import FAN_68, Landmarks
from tests.core.faces.synthetic import landmarks, mean_mesh

FACE = landmarks(300, 250, 100)
BOX = Box(0, 0, 600, 600)


def strengths_in(
    face: Landmarks, interocular: float, strengths: dict[str, float], box: Box, feather: float = 0.0
) -> np.ndarray:
    return drawn(face, interocular, strengths, feather).in_box(box)


def plane(name: str, strength: float = 1.0) -> np.ndarray:
    return strengths_in(FACE, 100, {name: strength}, BOX)


def test_dewrinkle_has_a_strength_for_each_region() -> None:
    declared = [parameter.name for parameter in SPEC.parameters if parameter.group == "Regions"]
    assert declared == list(REGIONS)


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("forehead", [(0, -0.75), (-0.5, -0.65), (0, -1.0)]),
        ("glabella", [(0, -0.35), (0, -0.1)]),
        ("crows_feet", [(-0.85, 0.0), (0.85, 0.0)]),
        ("under_eye", [(-0.5, 0.2), (0.5, 0.2)]),
        ("nasolabial", [(-0.45, 0.7), (0.45, 0.7)]),
        ("mouth", [(0.15, 0.78), (-0.15, 0.78), (-0.55, 1.15)]),
        ("chin", [(0, 1.6)]),
        ("cheeks", [(-0.8, 0.6), (0.8, 0.6)]),
        ("neck", [(0, 2.2), (-0.5, 2.0)]),
    ],
)
def test_where_each_region_lies(name: str, inside: list[tuple[float, float]]) -> None:
    """Places in interocular distances from the middle of the eyes of the mean face."""
    for x, y in inside:
        found = {other: plane(other)[round(250 + 100 * y), round(300 + 100 * x)] for other in REGIONS}
        assert found[name] > 0.95, (x, y, found)
        assert sum(found.values()) < 1.1


def test_eyes_lips_and_the_tip_of_the_nose_are_in_none() -> None:
    everything = strengths_in(FACE, 100, dict.fromkeys(REGIONS, 1.0), BOX)
    for x, y in [(-0.5, 0), (0.5, 0), (0, 1.05), (0, 0.55)]:
        assert everything[round(250 + 100 * y), round(300 + 100 * x)] < 0.02


def test_regions_do_not_overlap() -> None:
    assert sum(plane(name) for name in REGIONS).max() < 1.3  # 2 where two of them overlap


def test_regions_leave_no_seam() -> None:
    together = strengths_in(FACE, 100, dict.fromkeys(REGIONS, 1.0), BOX)
    union = np.zeros(together.shape, np.uint8)
    for parts in outlines(FACE).values():
        for part in parts:
            cv2.fillPoly(union, [np.rint(part).astype(np.int32)], 1)
    inside = cv2.erode(union, np.ones((9, 9), np.uint8)) > 0  # 4 px: nearly three deviations of the edge
    assert together[inside].min() > 0.95


def test_strengths_add_up() -> None:
    """Where regions meet, each has its share, in whatever order they are named."""
    none = dict.fromkeys(REGIONS, 0.0)
    parts = [drawn(FACE, 100, {**none, name: 1.0}).plane for name in REGIONS]
    together = drawn(FACE, 100, dict.fromkeys(reversed(REGIONS), 1.0)).plane
    np.testing.assert_allclose(together, np.sum(parts, axis=0), atol=1e-5)


def test_right_and_left_are_the_subjects_own() -> None:
    for name, parts in outlines(FACE).items():
        if len(parts) == 2:
            right, left = (part[:, 0].mean() for part in parts)
            assert right < 300 < left, name
        else:
            assert parts[0][:, 0].mean() == pytest.approx(300, abs=3), name


def test_an_even_face_has_even_regions() -> None:
    for name in REGIONS:
        found = plane(name)[:, 1:]  # x = 300 is the middle of these columns
        np.testing.assert_allclose(found, found[:, ::-1], atol=0.06, err_msg=name)


def test_strengths_are_those_that_were_asked_for() -> None:
    assert plane("forehead", 0.4).max() == pytest.approx(0.4, abs=1e-3)
    both = strengths_in(FACE, 100, {"forehead": 0.4, "cheeks": 1.0}, BOX)
    assert both[250 - 75, 300] == pytest.approx(0.4, abs=0.01)
    assert both[250 + 60, 300 + 80] == pytest.approx(1.0, abs=0.01)
    assert not strengths_in(FACE, 100, {}, BOX).any()


def test_edges_are_as_soft_on_every_size_of_a_face() -> None:
    small = plane("cheeks")
    large = strengths_in(landmarks(1201.5, 1001.5, 400), 400, {"cheeks": 1.0}, Box(0, 0, 2400, 2400))
    shrunk = cv2.resize(large, (600, 600), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk - small).max() < 0.1
    assert ((small > 0.1) & (small < 0.9)).any()


def test_a_feather_makes_them_softer() -> None:
    soft = strengths_in(FACE, 100, {"chin": 1.0}, BOX, feather=0.2)
    share = lambda values: float(((values > 0.1) & (values < 0.9)).mean())  # noqa: E731
    assert share(soft) > 1.5 * share(plane("chin"))


@pytest.mark.parametrize("degrees", [35, 90, 180])
def test_they_turn_with_the_face(degrees: float) -> None:
    turned = landmarks(300, 250, 100, degrees)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for name, parts in outlines(FACE).items():
        for part, other in zip(parts, outlines(turned)[name], strict=True):
            np.testing.assert_allclose((part - (300, 250)) @ turn.T + (300, 250), other, atol=1e-6)


def test_a_part_of_the_photo_gives_the_same_as_the_whole() -> None:
    box = Box(130, 200, 420, 480)
    part = strengths_in(FACE, 100, {"cheeks": 1.0, "neck": 0.5}, box)
    whole = strengths_in(FACE, 100, {"cheeks": 1.0, "neck": 0.5}, BOX)
    np.testing.assert_allclose(part, whole[box.slices], atol=0.03)


def test_the_reach_holds_all_of_them_and_ends_with_the_photo() -> None:
    box = reach(FACE, 100, 600, 600)
    outside = strengths_in(FACE, 100, dict.fromkeys(REGIONS, 1.0), BOX)
    outside[box.slices] = 0
    assert outside.max() < 0.02
    assert reach(landmarks(5000, 250, 100), 100, 600, 600).empty


def test_sixty_eight_points_give_the_same_regions() -> None:
    """The mean face, stretched and turned, by its 68 points alone."""
    bend = np.array([[1.1, 0.2], [-0.1, 0.9]])
    points = mean_mesh() @ bend * 100 + (300, 250)
    flat = points[list(mesh.IN_MESH)]
    few = Landmarks(np.concatenate([flat, np.zeros((68, 1))], axis=1), 1.0, FAN_68)
    np.testing.assert_allclose(mesh.mesh_of(few), points, atol=1e-3)
    assert set(regions.outlines(few)) == set(REGIONS)
