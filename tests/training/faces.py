"""A face that the recipes' tests draw on."""

from __future__ import annotations

from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray


def mean_mesh() -> NDArray[np.float64]:
    """Return the package's mean face, (478, 2): (0, 0) is between its eyes, which are 1 apart."""
    with as_file(files("softlight.faces") / "mean_mesh.npy") as path:
        mesh: NDArray[np.float64] = np.load(path).astype(float)
    return np.concatenate([mesh, mesh[:10]])  # the irises, which nothing draws
