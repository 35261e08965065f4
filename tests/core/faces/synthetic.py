"""A face of which every point is known: the mean mesh, at any place, size and angle."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from softlight.faces.analysis import AnalysedFace
from softlight.roles.face_detection import Face
from softlight.roles.landmarks import MESH_468, Landmarks


def mean_mesh() -> np.ndarray:
    """Shape (468, 2), in interocular distances, its origin between the eyes."""
    with (files("softlight.faces") / "mean_mesh.npy").open("rb") as file:
        return np.asarray(np.load(file), np.float64)


def landmarks(x: float, y: float, interocular: float, degrees: float = 0.0) -> Landmarks:
    """The mean face with its eyes around (x, y), turned clockwise."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    flat = interocular * mean_mesh() @ turn.T + (x, y)
    return Landmarks(np.concatenate([flat, np.zeros((468, 1))], axis=1), 1.0, MESH_468)


def face(x: float, y: float, interocular: float, degrees: float = 0.0) -> AnalysedFace:
    found = landmarks(x, y, interocular, degrees)
    low, high = found.points[:, :2].min(axis=0), found.points[:, :2].max(axis=0)
    return AnalysedFace(Face((*low.tolist(), *high.tolist()), 0.9, found.five), found)
