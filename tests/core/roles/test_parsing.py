"""Parts of a face, and what hides it, come back where they are in the photo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from softlight.alignment import Box, applied, chained, covered, inverted, put_back, shifting, template, warped
from softlight.roles.face_occlusion import visible_face
from softlight.roles.parsing import CLASSES, Parsing, parse_face
from softlight.runtime import Model
from tests.core.roles.portraits import POINTS, portrait
from tests.installed_models import install, real_weights
from tests.published_faces import celebamask_19, xseg

Note = Callable[[str, str, str], None]
STAND_IN = "bisenetv2_448_as_bisenet19_512.onnx"


@pytest.fixture(scope="module")
def bisenet(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return install(tmp_path_factory.mktemp("bisenet"), "celebamask-19", real_weights(STAND_IN))


@pytest.fixture(scope="module")
def striped(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return install(tmp_path_factory.mktemp("striped"), "celebamask-19", celebamask_19())


def whole(parsing: Parsing, photo: np.ndarray) -> tuple[np.ndarray, Box]:
    """The most likely class of each pixel of the photo that the square covers."""
    box = covered(parsing.matrix, parsing.shares.shape[0], *photo.shape[:2])
    masks = np.concatenate([parsing.mask(box, name) for name in CLASSES], axis=-1)
    return masks.argmax(axis=-1), box


def at(found: np.ndarray, box: Box, x: float, y: float) -> str:
    return CLASSES[found[round(y) - box.top, round(x) - box.left]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "astronaut.png",
            {
                (202, 102): "eyes", (246, 103): "eyes", (222, 122): "nose", (222, 72): "hair",
                (200, 125): "skin", (222, 163): "skin", (196, 88): "brows",
                (150, 180): "cloth", (300, 60): "background",
            },
        ),
        (
            "hopper.jpg",
            {
                (232, 193): "glasses", (266, 236): "nose", (266, 274): "lips", (215, 240): "skin",
                (266, 95): "hat", (150, 430): "cloth", (400, 250): "background",
            },
        ),
    ],
)  # fmt: skip
def test_a_real_network_names_the_parts_of_the_sitter(
    bisenet: Model, name: str, expected: dict[tuple[float, float], str], ran: Note
) -> None:
    photo = portrait(name)
    found, box = whole(parse_face(bisenet, photo, POINTS[name]), photo)
    inside = {
        xy: part
        for xy, part in expected.items()
        if box.left <= xy[0] < box.right and box.top <= xy[1] < box.bottom
    }
    assert len(inside) >= 6
    assert {xy: at(found, box, *xy) for xy in inside} == inside
    ran(
        "celebamask-19",
        "stand-in",
        "BiSeNetV2 (int8, 448 px) under BiSeNet's signature; eyes, brows, nose, lips, glasses, hat and "
        "hair of both sample portraits are where they are",
    )


def test_the_parts_of_a_turned_face_are_turned(bisenet: Model) -> None:
    photo = portrait("astronaut.png")
    turn = np.array([[0.0, -1, 511], [1, 0, 0]])
    upright = parse_face(bisenet, photo, POINTS["astronaut.png"])
    turned = parse_face(bisenet, warped(photo, turn, 512, 512), applied(turn, POINTS["astronaut.png"]))
    assert (upright.shares.argmax(axis=-1) == turned.shares.argmax(axis=-1)).mean() > 0.99


def test_shares_are_shares(bisenet: Model) -> None:
    parsing = parse_face(bisenet, portrait("hopper.jpg"), POINTS["hopper.jpg"])
    assert parsing.shares.shape == (512, 512, len(CLASSES))
    np.testing.assert_allclose(parsing.shares.sum(axis=-1), 1, atol=1e-4)
    np.testing.assert_allclose(parsing.share(*CLASSES), 1, atol=1e-4)
    soft = parsing.share("lips")
    assert ((soft > 0.05) & (soft < 0.95)).sum() > 300  # edges are soft, not stairs


def test_every_class_is_fed_and_read_as_published(striped: Model, ran: Note) -> None:
    """19 grey stripes across the square: the network takes k / 18 for its class k."""
    names = (
        "background", "skin", "brows", "brows", "eyes", "eyes", "glasses", "ears", "ears", "cloth", "nose",
        "inner mouth", "lips", "lips", "neck", "cloth", "cloth", "hair", "hat",
    )  # fmt: skip
    photo = np.zeros((600, 560, 3), np.float32)
    edges = 30 + 500 * np.arange(20) / 19
    for index in range(19):
        photo[:, round(edges[index]) : round(edges[index + 1])] = index / 18
    points = template("ffhq_512", 512) + np.array([24, 40])
    found, box = whole(parse_face(striped, photo, points), photo)
    for index, name in enumerate(names):
        assert at(found, box, (edges[index] + edges[index + 1]) / 2, 250) == name
    # An edge between two parts lies where the stripes meet.
    skin = parse_face(striped, photo, points).mask(box, "skin")[250 - box.top, :, 0]
    assert skin[round(edges[1]) - box.left] > 0.3 > skin[round(edges[1]) - box.left - 5]
    ran("celebamask-19", "generated", "19 grey levels, one for each class: normalisation, order and place")


def test_hidden_parts_are_found_as_published(tmp_path: Path, ran: Note) -> None:
    """The network sees a face in pure blue and nothing else: blue first, 0..1, channels last."""
    model = install(tmp_path, "xseg-256", xseg())
    photo = np.zeros((400, 500, 3), np.float32)
    photo[100:300, 150:350] = (0, 0, 1)
    photo[220:300, 150:230] = (1, 0, 0)  # a red hand
    scale = chained(np.array([[0.6, 0.1, 0], [-0.1, 0.6, 0]]), shifting(100, 110))
    points = applied(scale, template("dfl_whole_face", 256))
    crop = visible_face(model, photo, points)
    assert crop.pixels.shape == (256, 256, 1)
    box = covered(crop.matrix, crop.side, 400, 500)
    back = put_back(crop.pixels, crop.matrix, box)[..., 0]
    corners = applied(inverted(crop.matrix), [(0, 0), (255, 255)])
    assert np.ptp(corners[:, 0]) > 140  # the square reaches over the edges of both
    for x, y, seen in (
        (200, 150, 1),
        (190, 250, 0),
        (140, 180, 0),
        (224, 214, 1),
        (226, 226, 0),
        (234, 226, 1),
    ):
        assert back[y - box.top, x - box.left] == pytest.approx(seen, abs=0.1), (x, y)
    ran(
        "xseg-256", "generated", "sees a face in pure blue, behind a red hand: channel order and place, range"
    )


def test_what_is_somebody_elses_is_background() -> None:
    shares = np.zeros((4, 4, len(CLASSES)), np.float32)
    shares[..., CLASSES.index("skin")] = 1
    own = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    parsing = Parsing(shares, np.eye(2, 3)).only(own)
    np.testing.assert_array_equal(parsing.share("skin")[..., 0], own)
    np.testing.assert_allclose(parsing.shares.sum(axis=-1), 1, atol=1e-6)
    assert shares[..., CLASSES.index("skin")].all()
