"""Faces are cut by their contract's template, restored in its range, and lie right when they are put back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from softlight.alignment import TEMPLATES, Box, covered, cut_face, put_back, similarity, template
from softlight.roles.face_restoration import cells_of, restore, restore_face
from softlight.roles.parsing import CLASSES, Parsing
from tests.installed_models import install, real_weights
from tests.published_networks import CONTRAST, codeformer, face_restorer, renamed, told_face_restorer

Ran = Callable[[str, str, str], None]
SIDES = {
    "face-restoration-256": ("arcface_128", 256),
    "face-restoration-512": ("ffhq_512", 512),
    "face-restoration-1024": ("ffhq_512", 1024),
    "face-restoration-2048": ("ffhq_512", 2048),
}


def flattened(face: np.ndarray) -> np.ndarray:
    return 0.5 + CONTRAST * (face - 0.5)


def slopes(height: int, width: int) -> np.ndarray:
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.stack([down / height, across / width, 0.5 + 0 * down], axis=-1)


@pytest.mark.parametrize("contract", SIDES)
def test_the_disc_of_the_template_lies_on_the_eye_of_the_photo(
    tmp_path: Path, contract: str, ran: Ran
) -> None:
    name, side = SIDES[contract]
    model = install(tmp_path, contract, face_restorer(side, TEMPLATES[name][0]))
    # A face 300 px wide, turned by 20 degrees, in a photo of 640 x 480.
    angle = np.deg2rad(20)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0]]) * 300
    points = np.array(TEMPLATES[name]) @ turn[:, :2].T + (250, 60)
    photo = slopes(480, 640)
    crop = restore_face(model, photo, points)
    assert crop.side == side
    box = covered(crop.matrix, side, 480, 640)
    back = put_back(crop.pixels, crop.matrix, box)
    white = (back > 0.97).all(axis=-1)
    rows, columns = np.nonzero(white)
    centre = columns.mean() + box.left, rows.mean() + box.top
    np.testing.assert_allclose(centre, points[0], atol=1.0)
    # Elsewhere the photo, flattened: a wrong range or channel order would show.
    inside = put_back(np.ones_like(crop.pixels), crop.matrix, box)
    nose = np.rint(points[2]).astype(int)
    y, x = nose[1] - box.top, nose[0] - box.left
    assert inside[y, x].min() > 0.99
    np.testing.assert_allclose(back[y, x], flattened(photo[nose[1], nose[0]]), atol=0.01)
    ran(
        contract,
        "generated",
        "a disc painted where its template has an eye lies on the eye of a turned face",
    )


def test_an_output_among_others_with_a_number_for_its_name(tmp_path: Path) -> None:
    """VisoMaster's RestoreFormer++ calls its picture 2359, and gives 14 things more."""
    content = renamed(face_restorer(512, (0.9, 0.9), more=14), "output", "2359")
    model = install(tmp_path, "face-restoration-512", content)
    face = slopes(512, 512)
    np.testing.assert_allclose(restore(model, face)[:400, :400], flattened(face)[:400, :400], atol=1e-5)


@pytest.mark.parametrize("names", [("input", "weight", "output"), ("x", "w", "y")])
def test_codeformer_takes_its_fidelity_as_a_double(
    tmp_path: Path, names: tuple[str, str, str], ran: Ran
) -> None:
    model = install(tmp_path, "codeformer-512", codeformer(*names))
    face = slopes(512, 512)
    np.testing.assert_allclose(restore(model, face, fidelity=1.0), flattened(face), atol=1e-5)
    np.testing.assert_allclose(restore(model, face, fidelity=0.0), 1 - flattened(face), atol=1e-5)
    np.testing.assert_allclose(restore(model, face), np.full_like(face, 0.5), atol=1e-5)
    ran("codeformer-512", "generated", "fidelity 1 keeps the face, 0 gives its negative; both sets of names")


def whole(shares: np.ndarray) -> Parsing:
    """A parsing whose square is the photo."""
    return Parsing(shares, np.array([[1.0, 0, 0], [0, 1, 0]]))


def test_our_own_is_shown_the_parsing_and_its_detail_is_dosed(tmp_path: Path, ran: Ran) -> None:
    model = install(tmp_path, "softlight-face-restoration", told_face_restorer())
    points = template("ffhq_512", 512)
    shares = np.zeros((512, 512, len(CLASSES)), np.float32)
    shares[:, :256, CLASSES.index("skin")] = 1
    shares[:, 256:, CLASSES.index("hair")] = 1
    photo = slopes(512, 512)
    found = restore_face(model, photo, points, whole(shares), fidelity=1.0)
    np.testing.assert_allclose(found.seen, photo, atol=1e-4)
    np.testing.assert_allclose(found.pixels[:, :240], flattened(photo)[:, :240], atol=1e-3)
    np.testing.assert_allclose(found.pixels[:, 272:], photo[:, 272:], atol=1e-3)
    half = restore_face(model, photo, points, whole(shares), fidelity=0.5)
    np.testing.assert_allclose(half.pixels - found.pixels, np.float32([0, 0, 0.05]) + 0 * photo, atol=1e-4)
    # Nothing known of the parts, all of the detail.
    unknown = restore_face(model, photo, points, None, fidelity=0.0)
    np.testing.assert_allclose(unknown.pixels, photo + np.float32([0, 0, 0.1]), atol=1e-3)
    ran(
        "softlight-face-restoration",
        "generated",
        "the parsing lies on the face in cells of 4 px, and fidelity doses the detail",
    )


def test_a_turned_face_has_its_parsing_turned_with_it(tmp_path: Path) -> None:
    """Skin on one side of a line in the photo is skin on that side of it in the square."""
    angle = np.deg2rad(30)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * 200
    points = np.array(TEMPLATES["ffhq_512"]) @ turn.T + (180, 90)
    down, across = np.mgrid[0:400, 0:400].astype(np.float32)
    shares = np.zeros((400, 400, len(CLASSES)), np.float32)
    shares[..., 1] = across < points[2, 0]
    matrix = similarity(points, template("ffhq_512", 512))
    cells = cells_of(whole(shares), matrix, 512)[..., 1]
    back = put_back(cells[..., None], similarity(points, template("ffhq_512", 128)), Box(0, 0, 400, 400))
    near = np.hypot(across - points[2, 0], down - points[2, 1]) < 60
    off = np.abs(across - points[2, 0]) > 6
    np.testing.assert_allclose(back[..., 0][near & off], shares[..., 1][near & off], atol=0.05)


POINTS = ((227, 193), (308, 195), (266, 240), (228, 268), (302, 270))
"""Eyes, nose and corners of the mouth in the portrait."""
STAND_INS = {
    "face-restoration-256": "lsdirC3_as_gpen_256.onnx",
    "face-restoration-512": "lsdirC3_as_gfpgan_512.onnx",
    "codeformer-512": "lsdirC3_as_codeformer_512.onnx",
}


@pytest.mark.parametrize("contract", STAND_INS)
def test_real_weights_with_the_published_signature(
    tmp_path: Path, contract: str, portrait: np.ndarray, ran: Ran
) -> None:
    """They halve and enlarge again: the face stays itself, and loses what is finer than four pixels."""
    model = install(tmp_path, contract, real_weights(STAND_INS[contract]))
    side = model.session().side
    crop = restore_face(model, portrait, POINTS, fidelity=0.0)
    original = cut_face(portrait, POINTS, model.contract.template or "", side)
    np.testing.assert_allclose(crop.matrix, original.matrix)
    error = np.abs(crop.pixels - original.pixels)
    assert 0.005 < error.mean() < 0.06
    coarse = [cv2.GaussianBlur(face.pixels, (0, 0), 6)[20:-20, 20:-20] for face in (crop, original)]
    assert np.abs(coarse[0] - coarse[1]).mean() < 0.02
    if contract == "codeformer-512":
        kept = restore_face(model, portrait, POINTS, fidelity=1.0)
        assert np.abs(kept.pixels - original.pixels).mean() < 0.001
    ran(contract, "stand-in", f"{STAND_INS[contract]}: a portrait's face, denoised")
