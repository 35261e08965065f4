"""What a label file of the parsing holds: a portrait's square, and the classes of its pixels."""

from __future__ import annotations

CLASSES = ("background", "skin", "brows", "eyes", "glasses", "ears", "nose", "inner mouth", "lips", "neck",
           "cloth", "hair", "hat")  # fmt: skip
"""Those of `softlight.roles.parsing`, in its order; a test holds them together. The recipes import nothing of
the package, so that a machine with a GPU needs no more than torch, numpy and pillow."""
UNKNOWN = 255
"""Code of a pixel of which no teacher is sure."""
SIDE, INTEROCULAR, EYES = 480, 80.0, 200.0
"""Px of the square, between the eyes, and from its top to them."""
