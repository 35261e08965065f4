"""Recipe of the detail of the default `face-restoration` model, after that of `face_restoration.py`.

    python -m training.face_detail LABELS OUT --restorer RESTORER.pt --minutes 20

The restorer is frozen: identity and PSNR stay what they were. Beside its answer a second one is learnt, what
may be added to be as sharp as a photo: what is likely and not known comes out of the restorer too weak, and
in each neighbourhood it is made as strong as it is in the clean face, at the scales of `SCALES`. No tone may
change. How much of it is shown is decided in use.

A discriminator (hinge, with its features, given the restored face) did less: after 22 minutes the detail had
a standard deviation of .001, and the gradients' energy had not grown.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from training import recipe
from training.face_restoration import CROP, CROPS, SCALES, Faces, load, told_by
from training.face_restorer import DetailedRestoration
from training.muon import Muon

ENERGY, PIXELS, TONE = 10.0, 2.0, 20.0
"""What the strength of the gradients, pixels, and means over 8 px count."""
STRONG = 1 / 3
"""What too strong counts beside too weak. The mean of the energy is asked for: of strengths spread as an
exponential is, three quarters lie below its root. Counted alike (the median) .54 to .75 of it came."""
LATTICE, PERIOD, CELLS = 20.0, 8, 3
"""What a pattern of that period (px) counts that goes on over so many of its cells each way. The network
paints cells of 4 px: without it gradients were as strong as asked, in a lattice seen in eyes and teeth."""
NEAR, STEP = 16, 8
"""Px of a neighbourhood, and from one to the next, at each scale."""


def strengths(faces: Tensor) -> Iterator[Tensor]:
    """Yield how strong the gradients of faces are in each neighbourhood, for each scale and direction.

    Parameters
    ----------
    faces : Tensor
        (n, 3, side, side), 0..1.
    """
    for scale in SCALES:
        seen = F.avg_pool2d(faces, scale)
        for axis in (2, 3):
            energy = F.avg_pool2d(torch.diff(seen, dim=axis).square(), NEAR, STEP)
            # Not the root of 0, whose slope has no end.
            yield (energy + 1e-6).sqrt()


def detail_error(face: Tensor, clean: Tensor, weight: Tensor) -> Tensor:
    """Return the error of faces with detail; all (n, channels, side, side), the weight with one of them."""
    missed = (face - clean) * weight
    error = PIXELS * missed.abs().mean() + TONE * F.avg_pool2d(missed, 8).abs().mean()
    cells = F.pixel_unshuffle(missed, PERIOD)
    error = error + LATTICE * F.avg_pool2d(cells, CELLS, 1).abs().mean()
    for ours, theirs in zip(strengths(face), strengths(clean), strict=True):
        counted = F.adaptive_avg_pool2d(weight, ours.shape[2:])
        missing = theirs - ours
        error = error + ENERGY * (torch.maximum(missing, -STRONG * missing) * counted).mean()
    return error


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    state = recipe.load(options.restorer)
    if state is None:
        raise SystemExit(f"{options.restorer} is not there; train face_restoration.py first.")
    people = load(options.labels, held_out=False)
    print(f"{len(people)} faces", flush=True)
    faces = Faces(people, options.seed + 1, device)
    network = DetailedRestoration(people[0].shares.shape[2]).to(device, memory_format=torch.channels_last)
    network.restorer.load_state_dict(state["average"])
    network.restorer.requires_grad_(False)

    def error(share: float) -> Tensor:
        batch = faces.batch(CROPS * options.batch, options.wrong, CROP)
        with recipe.half_precision(device):
            with torch.no_grad():
                reading = network.restorer.read(
                    batch.bad.contiguous(memory_format=torch.channels_last), batch.shares
                )
                restored = network.restorer.finish(batch.bad, reading)
            face = restored + network.detail(reading)
        return detail_error(face.float(), batch.clean, told_by(batch.parts))

    recipe.run(options, "face_detail", network, error, stepping=Muon)


def main() -> None:
    parser = recipe.arguments(__doc__)
    parser.add_argument("--restorer", type=Path, required=True, help="checkpoint of face_restoration.py")
    parser.add_argument("--wrong", type=float, default=0.5, help="share of wrong parsings")
    parser.set_defaults(rate=1e-3)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
