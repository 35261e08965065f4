"""Recipe of the default `skin-inpainting` model.

    python -m training.label_portraits PORTRAITS MODELS LABELS
    python -m training.skin_inpainting LABELS OUT --minutes 60

Self-supervised: wrinkle-shaped holes in unwrinkled skin. The semantic branch gets what it will get in
use, the skin with a wrinkle in the hole, never the answer. After Kuaishou Y-Tech's four aids, each a
switch: --no-gan (encoder-decoder discriminator), --no-smooth (its labels smoothed by a Gaussian),
--no-tone (cosine skin-tone loss on offset RGB), --no-band (band-limited high-frequency loss).
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training import portraits, recipe, strokes
from training.networks import Discriminator, SkinInpainting, push_pull
from training.portraits import PATCH, Portrait

LEAST_SHARPNESS = 0.007
"""RMS of the fine band; softer portraits (a tenth) would teach smeared skin."""
GAN_FROM = 0.6
"""Share of the training after which the discriminator joins: before, it only slows the fill down."""


class Patches:
    """Draws batches: truth, wrinkled (n, 3, 128, 128) 0..1 and hole (n, 1, 128, 128)."""

    def __init__(self, faces: list[Portrait], seed: int, entries: int = 3000) -> None:
        self.faces = [f for f in faces if f.sharpness >= LEAST_SHARPNESS and (f.clean > 0).any()]
        self.random = np.random.default_rng(seed)
        self.torch_random = torch.Generator().manual_seed(seed)
        self.bank = strokes.bank(entries, seed)
        self.clean = [portraits.grid_points(f.clean > 0, 4) for f in self.faces]

    def batch(self, n: int, jitter: bool = True) -> tuple[Tensor, Tensor, Tensor]:
        side = int(self.random.choice([96, 112, 128, 128, 128, 144]))
        images, cleans, reliefs, feet = [], [], [], []
        while len(images) < n:
            i = int(self.random.integers(len(self.faces)))
            spots = self.clean[i]
            centre = spots[self.random.integers(len(spots))] + self.random.integers(-30, 31, 2)
            image, _, _, clean = portraits.cut(self.faces[i], centre, side, int(self.random.integers(8)))
            if (clean > 0).mean() < 0.25:
                continue
            relief, foot = portraits.stroke_window(self.bank, self.random)
            # Only holes teach, and a patch costs the same with many: up to four families of strokes.
            for _ in range(int(self.random.integers(1, 4))):
                more, wider = portraits.stroke_window(self.bank, self.random)
                relief, foot = np.where(foot > 0, relief, more), np.maximum(foot, wider)
            images.append(np.ascontiguousarray(image))
            cleans.append(np.ascontiguousarray(clean))
            reliefs.append(relief.astype(np.float32))
            feet.append(foot.astype(np.float32))
        truth = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
        clean = (torch.from_numpy(np.stack(cleans))[:, None] > 0).float()
        if side != PATCH:
            truth = F.interpolate(truth, (PATCH, PATCH), mode="bicubic", antialias=True).clamp(0, 1)
            clean = (F.interpolate(clean, (PATCH, PATCH), mode="bilinear") > 0.9).float()
        if jitter:
            truth = portraits.colour_jitter(truth, self.torch_random)
        relief = torch.from_numpy(np.stack(reliefs))[:, None]
        hole = torch.from_numpy(np.stack(feet))[:, None]
        if self.random.random() < 0.3:
            # A map is never exact: the hole is wider than the wrinkle by a few pixels.
            grow = int(self.random.choice([3, 5, 9]))
            hole = F.max_pool2d(hole, grow, 1, grow // 2)
        hole = hole * clean
        depth = torch.from_numpy(np.exp(self.random.uniform(np.log(0.03), np.log(0.4), (n, 1, 1, 1)))).float()
        tint = 1 + torch.tensor([-0.1, 0.06, 0.1]).view(1, 3, 1, 1) * 2 * torch.rand(n, 1, 1, 1)
        wrinkled = (truth * (1 + relief * hole * depth * tint)).clamp(0, 1)
        # A quarter of the time the hole tells the semantic branch nothing: a network that always saw the
        # averages under a drawn wrinkle trusted them, and was 1.2 dB worse where they were wrong.
        blind = (torch.rand(n, 1, 1, 1, generator=self.torch_random) < 0.25).float()
        wrinkled = wrinkled * (1 - blind) + push_pull(truth, 1 - hole) * blind
        return truth, wrinkled, hole


def gaussian(side: int, sigma: float, device: torch.device) -> Tensor:
    """The matrix (side, side) that blurs a row; weights are shared out anew at the edges."""
    place = torch.arange(side, device=device, dtype=torch.float32)
    weights = torch.exp(-((place[:, None] - place) ** 2) / (2 * sigma**2))
    return weights / weights.sum(1, keepdim=True)


def blur(x: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of (n, c, h, w).

    As two matrix products: four times as fast as convolutions for patches of 128 px, forth and back.
    """
    rows = gaussian(x.shape[2], sigma, x.device)
    columns = gaussian(x.shape[3], sigma, x.device)
    return rows @ x @ columns.T


def inside(x: Tensor, hole: Tensor) -> Tensor:
    """Mean of x over the hole."""
    return (x * hole).sum() / (hole.sum() * x.shape[1] + 1)


def pixel_loss(fill: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """L1, mostly on what a low-pass of 1.5 px leaves.

    The grain below it cannot be foreseen: at full weight its sign is most of the gradient, and noise.
    """
    fine = inside((fill - truth).abs(), hole)
    return 0.3 * fine + 3 * inside((blur(fill, 1.5) - blur(truth, 1.5)).abs(), hole)


def tone_loss(fill: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Cosine distance of RGB vectors offset by -0.25.

    The origin moved towards skin makes the angle, and so the hue, count more than from black.
    """
    a, b = blur(fill, 2.0) - 0.25, blur(truth, 2.0) - 0.25
    return inside(1 - F.cosine_similarity(a, b, dim=1, eps=0.05)[:, None], hole)


def band_loss(fill: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Difference in local energy of the band between 0.7 and 2 px.

    Texture shall be as strong as the truth's, wherever its grains lie.
    """
    energy = lambda x: torch.sqrt(blur((blur(x, 0.7) - blur(x, 2.0)) ** 2, 3.0) + 1e-6)  # noqa: E731
    fill, truth = fill.mean(1, keepdim=True), truth.mean(1, keepdim=True)
    return inside((energy(fill) - energy(truth)).abs(), hole)


def smoothed_labels(hole: Tensor, smooth: bool) -> Tensor:
    """What the discriminator should say per pixel: 1 in the fill, fading over its border."""
    return torch.maximum(hole * 0.5, blur(hole, 2.0)) if smooth else hole


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    patches = Patches(portraits.load(options.labels, held_out=False), options.seed, options.strokes)
    network = SkinInpainting().to(device, memory_format=torch.channels_last)
    critic = Discriminator().to(device, memory_format=torch.channels_last)
    critic_optimiser = torch.optim.AdamW(critic.parameters(), lr=2e-4, betas=(0.5, 0.99))

    def judged(picture: Tensor) -> Tensor:
        with recipe.half_precision(device):
            return critic(picture.contiguous(memory_format=torch.channels_last)).float()

    def teach_critic(pasted: Tensor, hole: Tensor) -> None:
        labels = smoothed_labels(hole, options.smooth)
        error = ((judged(pasted.detach()) - labels) ** 2 * (1 + 4 * labels)).mean()
        critic_optimiser.zero_grad()
        error.backward()
        torch.nn.utils.clip_grad_norm_(critic.parameters(), 1.0)
        critic_optimiser.step()

    def error(share: float) -> Tensor:
        truth, wrinkled, hole = (t.to(device) for t in patches.batch(options.batch))
        with recipe.half_precision(device):
            fill = network(wrinkled.contiguous(memory_format=torch.channels_last), hole)
        pasted = fill.float() * hole + truth * (1 - hole)
        error = pixel_loss(pasted, truth, hole)
        if options.tone:
            error = error + 0.5 * tone_loss(pasted, truth, hole)
        if options.band:
            error = error + 0.3 * band_loss(pasted, truth, hole)
        if options.gan and share > options.gan_from:
            teach_critic(pasted, hole)
            # Least squares (Mao et al. 2017): the fill wants to be seen as photographed.
            error = error + 0.004 * inside(judged(pasted) ** 2, hole)
        return error

    kept = {"critic": critic, "critic_optimiser": critic_optimiser}
    recipe.run(options, "skin_inpainting", network, error, kept)


def main() -> None:
    parser = recipe.arguments(__doc__)
    strokes.add_argument(parser)
    for aid in ("gan", "smooth", "tone", "band"):
        parser.add_argument(f"--no-{aid}", dest=aid, action="store_false")
    parser.add_argument("--gan-from", type=float, default=GAN_FROM)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
