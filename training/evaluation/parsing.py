"""How well our parsing agrees with its teachers' consensus, and with a judge that taught nothing.

    python -m training.evaluation.parsing LABELS --models MODELS [--model FILE.onnx] [--out FOLDER]

LABELS is what `training.label_parsing` wrote. Held-out people only; pixels of which the teachers are not sure
do not count, nor do the surroundings of real glasses, of which they know nothing. Intersection over union is
pooled over all pixels of all faces; beside it stands the median of the single faces. BiSeNet (CelebAMask-HQ)
is the judge. Glasses, hats and masks are drawn, as in the recipe with another seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from softlight.alignment import Box, Points, applied, cut_face
from softlight.roles.landmarks import MESH_478, Landmarks
from softlight.roles.parsing import ADAPTERS, CLASSES, Parsing
from softlight.runtime import Session
from softlight_models.bundled import WEIGHTS
from softlight_models.contracts import contract
from training import parsing
from training.evaluation import sheets
from training.evaluation.faces import Array, Bytes, FileSession, table
from training.parsing_labels import SIDE, UNKNOWN

SEED = 20265
LEAST = 200
"""Pixels that a class must have in one face to have a figure there; eyes have 700."""
FRAME = Box(55, 40, SIDE - 55, SIDE - 65)
"""Our square is in it, whatever the face; the judge's is smaller."""
COLOURS = np.array(
    [(40, 40, 40), (240, 190, 160), (120, 60, 0), (0, 0, 255), (255, 0, 255), (255, 120, 0), (255, 255, 0),
     (255, 0, 0), (200, 0, 100), (0, 200, 120), (0, 120, 255), (90, 30, 160), (255, 255, 255)],
    np.uint8,
)  # fmt: skip
"""Of each class, in the sheets; grey is unknown."""

Parse = Callable[[Bytes, Points], Bytes]


@dataclass(frozen=True, eq=False)
class Answer:
    """What is known and what was said of one face: numbers of classes, (height, width)."""

    image: Bytes
    known: Bytes
    ours: Bytes
    judge: Bytes


def parser_of(path: Path, name: str) -> Parse:
    """Return what says of each pixel in `FRAME` which class it most likely is, as the role says it.

    Where the network's square does not reach it says `UNKNOWN`.
    """
    session = cast(Session, FileSession(path, name))
    side, shares_of = ADAPTERS[name]
    template = contract(name).template
    assert template is not None

    def parse(image: Bytes, five: Points) -> Bytes:
        crop = cut_face(image.astype(np.float32) / np.float32(255), five, template, side)
        found = Parsing(shares_of(session, np.clip(crop.pixels, 0, 1)), crop.matrix)
        likely = np.concatenate([found.mask(FRAME, c) for c in CLASSES], axis=2).argmax(axis=2)
        rows, columns = np.mgrid[FRAME.slices]
        inside = applied(crop.matrix, np.stack([columns.ravel(), rows.ravel()], axis=1))
        seen = ((inside >= 0) & (inside <= side - 1)).all(axis=1).reshape(rows.shape)
        return np.where(seen, likely, UNKNOWN).astype(np.uint8)

    return parse


def five_of(mesh: Array) -> Points:
    """Return the five points by which a face is cut out."""
    depth = np.zeros((len(mesh), 1))
    return Landmarks(np.hstack([mesh, depth]).astype(np.float64), 1.0, MESH_478).five


def answers(faces: Sequence[parsing.Labelled], ours: Parse, judge: Parse, drawn: bool) -> list[Answer]:
    """Ask both about every face; with something drawn on each of them, if so wished."""
    random = np.random.default_rng(SEED)
    found = []
    for face in faces:
        image, known = face.image, face.classes
        if drawn:
            pictures = Image.fromarray(image).copy(), Image.fromarray(known).copy()
            parsing.dress(*pictures, face.mesh, random)
            image, known = (np.asarray(picture) for picture in pictures)
        five = five_of(face.mesh)
        found.append(Answer(image[FRAME.slices], known[FRAME.slices], ours(image, five), judge(image, five)))
    return found


def overlap(pairs: Sequence[tuple[Bytes, Bytes]], known: Sequence[NDArray[np.bool_]], number: int) -> str:
    """Intersection over union of a class: pooled, and the median of the faces that have it."""
    both, either, single = 0, 0, []
    for (a, b), teachers_sure in zip(pairs, known, strict=True):
        sure = teachers_sure & (a != UNKNOWN) & (b != UNKNOWN)
        inter = int(((a == number) & (b == number) & sure).sum())
        union = int((((a == number) | (b == number)) & sure).sum())
        both, either = both + inter, either + union
        if ((a == number) & sure).sum() >= LEAST:
            single.append(inter / union)
    return f"{both / either:.3f} ({np.median(single):.3f}, n={len(single)})" if single else "–"


def agreement(found: Sequence[Answer], classes: Sequence[str]) -> str:
    """A row for each class: ours with the consensus, the judge with it, ours with the judge."""
    known = [a.known != UNKNOWN for a in found]
    rows = []
    for name in classes:
        columns = [[(a.known, a.ours) for a in found], [(a.known, a.judge) for a in found],
                   [(a.judge, a.ours) for a in found]]  # fmt: skip
        rows.append([name, *(overlap(pairs, known, CLASSES.index(name)) for pairs in columns)])
    return table(["class", "ours, consensus", "BiSeNet, consensus", "ours, BiSeNet"], rows)


def sheet(found: Sequence[Answer]) -> Bytes:
    """Picture, consensus, ours and the judge's side by side, two faces a row."""
    palette = np.full((256, 3), 128, np.uint8)
    palette[: len(COLOURS)] = COLOURS
    tiles = [
        cv2.resize(
            np.hstack([a.image, palette[a.known], palette[a.ours], palette[a.judge]]),
            None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA,
        )
        for a in found
    ]  # fmt: skip
    return sheets.grid(tiles, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("--models", type=Path, required=True, help="folder that holds the judge")
    parser.add_argument("--model", type=Path, default=WEIGHTS / "parsing" / "model.onnx")
    parser.add_argument("--people", type=int, default=0, help="faces of each set at most; 0 is all")
    parser.add_argument("--out", type=Path, help="folder for sheets")
    options = parser.parse_args()
    ours = parser_of(options.model, "softlight-parsing")
    judge = parser_of(options.models / "bisenetv2_448_as_bisenet19_512.onnx", "celebamask-19")
    for sets in (("pd", "cc0"), ("london",)):
        faces = parsing.load(options.labels, held_out=True, sets=sets)
        if options.people and len(faces) > options.people:
            faces = [faces[i] for i in np.linspace(0, len(faces) - 1, options.people).round().astype(int)]
        found = answers(faces, ours, judge, drawn=False)
        print(f"{len(faces)} pictures of held-out people in {' and '.join(sets)}\n")
        print(agreement(found, [c for c in CLASSES if c not in ("glasses", "hat")]))
        dressed = answers(faces, ours, judge, drawn=True)
        print("\nThe same with glasses, sunglasses, hats or masks drawn on\n")
        print(agreement(dressed, ["skin", "eyes", "glasses", "hat", "cloth"]) + "\n")
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            for i in range(0, min(len(found), 36), 12):
                sheets.write(sheet(found[i : i + 12]), options.out / f"{sets[0]}-{i // 12 + 1}.png")
            sheets.write(sheet(dressed[:12]), options.out / f"{sets[0]}-drawn.png")


if __name__ == "__main__":
    main()
