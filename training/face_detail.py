"""Recipe of the detail of the default `face-restoration` model, after that of `face_restoration.py`.

    python -m training.face_detail LABELS OUT --restorer RESTORER.pt --minutes 20

The restorer is frozen: identity and PSNR stay what they were. Beside its answer a second one is learnt, what
may be added to look as sharp as a photo: a discriminator compares faces with it and clean ones, given the
restored one (hinge loss); its features of both shall agree (Wang et al., pix2pixHD, CVPR 2018), and no
tone may change. How much of it is shown is decided in use.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import recipe
from training.face_restoration import CROP, CROPS, Faces, load, told_by
from training.face_restorer import DetailedRestoration
from training.muon import Muon
from training.networks import unshuffle

FEATURES, PIXELS, TONE = 4.0, 4.0, 20.0
"""What features of the discriminator, pixels, and means over 8 px count beside its judgement."""
JUDGE_RATE = 4e-4
JUDGED = 0.05
"""Share of the training after which the judgement counts: one that knows nothing only disturbs."""


class Judge(nn.Module):
    """Says of each cell of 16 px whether a face there looks photographed, given the restored one."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        widths = (width, 2 * width, 2 * width)
        self.head = nn.Conv2d(4 * 6, widths[0], 3, padding=1)
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in zip(widths, widths[1:], strict=False)
        )
        self.tail = nn.Conv2d(widths[-1], 1, 3, padding=1)
        for module in (self.head, *self.down, self.tail):
            nn.utils.parametrizations.spectral_norm(module)

    def forward(self, face: Tensor, restored: Tensor) -> list[Tensor]:
        """Return the features of each level, and last the judgement: above 0 for a photo."""
        x = self.head(unshuffle(torch.cat([face, restored], 1) - 0.5, 6))
        found = [x]
        for down in self.down:
            x = down(F.leaky_relu(x, 0.2))
            found.append(x)
        return [*found, self.tail(F.leaky_relu(x, 0.2))]


def judged(real: list[Tensor], made: list[Tensor]) -> Tensor:
    """Return the discriminator's own error (hinge)."""
    return F.relu(1 - real[-1]).mean() + F.relu(1 + made[-1]).mean()


def detail_error(
    made: list[Tensor], real: list[Tensor], face: Tensor, clean: Tensor, weight: Tensor, share: float
) -> Tensor:
    """Return the error of faces with detail, where `share` of the training is over."""
    missed = (face - clean) * weight
    error = PIXELS * missed.abs().mean() + TONE * F.avg_pool2d(missed, 8).abs().mean()
    for ours, theirs in zip(made[:-1], real[:-1], strict=True):
        error = error + FEATURES * F.l1_loss(ours, theirs.detach())
    return error - made[-1].mean() if share > JUDGED else error


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
    judge = Judge().to(device, memory_format=torch.channels_last)
    learnt = recipe.optimiser_of(judge, JUDGE_RATE)

    def error(share: float) -> Tensor:
        batch = faces.batch(CROPS * options.batch, options.wrong, CROP)
        with torch.no_grad(), recipe.half_precision(device):
            reading = network.restorer.read(
                batch.bad.contiguous(memory_format=torch.channels_last), batch.shares
            )
            restored = network.restorer.finish(batch.bad, reading)
        with recipe.half_precision(device):
            face = restored + network.detail(reading)
            real = judge(batch.clean, restored)
            loss = judged(real, judge(face.detach(), restored))
            learnt.zero_grad()
            loss.backward()
            learnt.step()
            judge.requires_grad_(False)
            made = judge(face, restored)
            with torch.no_grad():
                real = judge(batch.clean, restored)
        judge.requires_grad_(True)
        return detail_error(made, real, face.float(), batch.clean, told_by(batch.parts), share)

    recipe.run(options, "face_detail", network, error, {"judge": judge, "learnt": learnt}, Muon)


def main() -> None:
    parser = recipe.arguments(__doc__)
    parser.add_argument("--restorer", type=Path, required=True, help="checkpoint of face_restoration.py")
    parser.add_argument("--wrong", type=float, default=0.5, help="share of wrong parsings")
    parser.set_defaults(rate=1e-3)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
