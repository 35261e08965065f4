"""From two paintings of a face to a change of the photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from softlight.alignment import Box, Matrix, applied, chained, cut_face, scaling
from softlight.encoding import to_working
from softlight.faces import analysis
from softlight.faces.mesh import EYES, mesh_of
from softlight.filters.edit.change import Subject
from softlight.filters.edit.networks.painted_change import PaintedChange, Painting, change_between
from softlight.picture import Picture
from softlight.roles.parsing import parse_face
from softlight.runtime import Runtime
from tests.core.filters.conftest import SAMPLES, opened


@dataclass
class Scene:
    """A photo of a face of 128 px between the eyes, and a painting of it with 84."""

    subject: Subject
    painting: Painting
    matrix: Matrix
    runtime: Runtime

    @property
    def photo(self) -> np.ndarray:
        return to_working(self.subject.picture.pixels, self.subject.picture.encoding.transfer)

    def change(self, after: Painting) -> PaintedChange:
        five = applied(self.matrix, self.subject.face.points)
        seen = parse_face(self.runtime.model("parsing"), after.pixels, five)
        return change_between(self.subject, self.painting, after, seen, self.matrix)

    def made(self, after: Painting) -> tuple[np.ndarray, np.ndarray]:
        """The whole photo after the change, and where it is another."""
        height, width = self.photo.shape[:2]
        whole = Box(0, 0, width, height)
        return self.change(after).made(self.photo, whole, whole)


@pytest.fixture(scope="module")
def scene(runtime: Runtime) -> Scene:
    astronaut = opened(SAMPLES / "astronaut.png")[:300, 60:400]
    picture = Picture(cv2.resize(astronaut, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC))
    (face,) = analysis.find(picture, runtime)
    near = analysis.around(picture, face.points, 84.0)
    inside = parse_face(runtime.model("parsing"), near.pixels, applied(near.matrix, face.points))
    parsing = inside.moved(np.linalg.inv(np.vstack([near.matrix, (0, 0, 1)]))[:2])
    mesh = mesh_of(face.landmarks)
    subject = Subject(picture, face, near, parsing, mesh)
    crop = cut_face(near.pixels, applied(near.matrix, face.points), "live_portrait_512", 256)
    large = np.clip(cv2.resize(crop.pixels, (512, 512), interpolation=cv2.INTER_LINEAR), 0, 1)
    matrix = chained(near.matrix, crop.matrix, scaling(2, 2))
    return Scene(subject, Painting(large, applied(matrix, mesh)), matrix, runtime)


def eye(scene: Scene, mesh: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The inside of an eye."""
    plane = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(plane, [np.round(mesh[list(EYES[0])]).astype(np.int32)], 1)
    return plane > 0


def test_two_paintings_alike_change_nothing(scene: Scene) -> None:
    after, done = scene.made(scene.painting.held(scene.painting))
    assert not done.any()
    np.testing.assert_array_equal(after, scene.photo)


def test_what_moves_is_the_photo_itself(scene: Scene) -> None:
    """A corner of the mouth by 6 px, in points and picture: in the photo as far, and as sharp as it was."""
    mesh = scene.painting.mesh.copy()
    corner = mesh[61].copy()
    away = np.exp(-((mesh - corner) ** 2).sum(-1) / (2 * 25.0**2))
    mesh[:, 1] -= 6 * away
    y, x = np.mgrid[:512, :512].astype(np.float32)
    lift = 6 * np.exp(-((x - corner[0]) ** 2 + (y - corner[1]) ** 2) / (2 * 25.0**2))
    pixels = cv2.remap(scene.painting.pixels, x, (y + lift).astype(np.float32), cv2.INTER_LINEAR)
    change = scene.change(Painting(pixels, mesh))
    scale = np.sqrt(np.linalg.det(scene.matrix[:, :2]))
    by = (change.mesh - scene.subject.mesh)[61]
    assert np.linalg.norm(by) == pytest.approx(6 / scale, rel=0.2)
    after, done = scene.made(Painting(pixels, mesh))
    assert done.any() and not done[:, -60:].any() and not done[:60].any()
    at = np.round(scene.subject.mesh[61]).astype(int)
    near = np.s_[at[1] - 30 : at[1] + 30, at[0] - 30 : at[0] + 30]
    fine = [image[near] - cv2.GaussianBlur(image[near], (0, 0), 1.0) for image in (scene.photo, after)]
    assert fine[1].std() > 0.85 * fine[0].std()


def test_no_iris_shines_through_a_painted_lid(scene: Scene) -> None:
    """The photo's own fine detail goes where something else is painted."""
    pixels = scene.painting.pixels.copy()
    skin = np.array([0.6, 0.45, 0.4], np.float32)
    inside = cv2.dilate(eye(scene, scene.painting.mesh, pixels.shape).astype(np.uint8), np.ones((7, 7)))
    pixels[inside > 0] = skin
    after, done = scene.made(Painting(pixels, scene.painting.mesh))
    lid = eye(scene, scene.subject.mesh, after.shape)
    middle = cv2.erode(lid.astype(np.uint8), np.ones((5, 5))) > 0
    assert done[middle].all()
    assert scene.photo[middle].std() > 0.1
    assert np.abs(after[middle] - skin).mean() < 0.02 and (after[middle] - skin).std() < 0.03


def test_shades_are_added_and_fine_lines_are_not(scene: Scene) -> None:
    """A cheek painted darker, with stripes of two px that are not the person's."""
    stripes = np.where(np.arange(512) % 4 < 2, 0.05, -0.05)[None, :, None]
    pixels = scene.painting.pixels - 0.08 + stripes.astype(np.float32)
    after, _ = scene.made(Painting(pixels.astype(np.float32), scene.painting.mesh))
    x, y = np.round(0.55 * scene.subject.face.points[0] + 0.45 * scene.subject.face.points[3]).astype(int)
    added = (after - scene.photo)[y - 6 : y + 6, x - 6 : x + 6]
    np.testing.assert_allclose(added, -0.08, atol=0.01)


def test_the_head_is_held_where_it_was(scene: Scene) -> None:
    """A painting that is shifted as a whole changes next to nothing."""
    shift = np.array([[1, 0, 3], [0, 1, -2]], np.float64)
    pixels = cv2.warpAffine(scene.painting.pixels, shift, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    shifted = Painting(pixels, scene.painting.mesh + np.array([3, -2]))
    held = shifted.held(scene.painting)
    np.testing.assert_allclose(held.mesh, scene.painting.mesh, atol=1e-9)
    after, _ = scene.made(held)
    assert np.abs(after - scene.photo).max() < 0.01


def test_points_that_follow_another_move_nothing(scene: Scene) -> None:
    """All points of the mesh say 2 px, and nothing was painted elsewhere."""
    mesh = scene.painting.mesh + np.array([0, 2])
    change = scene.change(Painting(scene.painting.pixels, mesh).held(scene.painting))
    np.testing.assert_allclose(change.mesh, scene.subject.mesh, atol=1e-6)
    change = scene.change(Painting(scene.painting.pixels.copy(), mesh))
    assert np.abs(change.mesh - scene.subject.mesh).max() < 0.05
