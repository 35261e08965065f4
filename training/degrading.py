"""`softlight.degradation` in torch, on the device where a recipe trains: the same steps for each picture.

Recipes need neither OpenCV nor a processor's time for this. Pictures are (3, height, width), perceptual RGB.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from softlight.degradation.steps import (
    Blur,
    FilmDamage,
    Grain,
    Jpeg,
    Kernel,
    Noise,
    Random,
    Shrink,
    Step,
    kernel_of,
)


def degrade(image: Tensor, steps: Sequence[Step], random: Random) -> Tensor:
    """Return a picture after all that happened to it; see `softlight.degradation.photos.degrade`.

    Parameters
    ----------
    image : Tensor
        (3, height, width), 0..1; never changed.
    steps : sequence of Step
    random : numpy.random.Generator
        Seeds the noise too: the same seed gives the same picture on one device.
    """
    dice = torch.Generator(image.device).manual_seed(int(random.integers(2**31)))
    for step in steps:
        image = _changed(image, step, random, dice).clamp(0, 1)
    return image


def to_light(image: Tensor) -> Tensor:
    """Return light of stored values (IEC 61966-2-1)."""
    return torch.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055).clamp_min(0) ** 2.4)


def from_light(light: Tensor) -> Tensor:
    """Return stored values of light."""
    return torch.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clamp_min(1e-6) ** (1 / 2.4) - 0.055)


def _changed(image: Tensor, step: Step, random: Random, dice: torch.Generator) -> Tensor:
    match step:
        case Blur():
            return from_light(_spread(to_light(image), step))
        case Shrink():
            return _shrunk(image, step)
        case Noise():
            return _noisy(image, step, dice)
        case Jpeg():
            return _compressed(image, step)
        case FilmDamage():
            return _aged(image, step, random)


def _spread(light: Tensor, blur: Blur) -> Tensor:
    if blur.kernel is Kernel.GAUSSIAN:
        reach = max(1, round(4 * blur.size))
        line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=light.device) / blur.size) ** 2)
        line = (line / line.sum()).to(light.dtype)
        planes = F.pad(light[:, None], (reach, reach, reach, reach), mode="reflect")
        return F.conv2d(F.conv2d(planes, line.view(1, 1, 1, -1)), line.view(1, 1, -1, 1))[:, 0]
    kernel = torch.from_numpy(kernel_of(blur)).to(light)
    reach = kernel.shape[0] // 2
    planes = F.pad(light[:, None], (reach, reach, reach, reach), mode="reflect")
    return F.conv2d(planes, kernel[None, None])[:, 0]


def _shrunk(image: Tensor, shrink: Shrink) -> Tensor:
    height, width = image.shape[1:]
    size = (max(1, round(height / shrink.factor)), max(1, round(width / shrink.factor)))
    small = F.interpolate(image[None], size, mode="area")
    if shrink.pixelated:
        return F.interpolate(small, (height, width), mode="nearest")[0]
    return F.interpolate(small, (height, width), mode="bicubic", align_corners=False)[0]


def _noisy(image: Tensor, noise: Noise, dice: torch.Generator) -> Tensor:
    def normal(channels: int) -> Tensor:
        return torch.randn((channels, *image.shape[1:]), generator=dice, device=image.device)

    if noise.grain is Grain.SHOT:
        photons = 1 / max(noise.strength, 1e-4) ** 2
        return from_light((torch.poisson(to_light(image) * photons, generator=dice) / photons).clamp(0, 1))
    if noise.grain is Grain.IMPULSE:
        hit = torch.rand(image.shape[1:], generator=dice, device=image.device) < noise.strength
        lost = torch.rand(image.shape[1:], generator=dice, device=image.device) < 0.5
        return torch.where(hit, lost.to(image), image)
    if noise.grain is Grain.FILM:
        grain = _spread(normal(1), Blur(Kernel.GAUSSIAN, max(noise.size / 2.355, 0.3)))
        return image + noise.strength * grain / grain.std().clamp_min(1e-6)
    return image + noise.strength * normal(3)


def _compressed(image: Tensor, jpeg: Jpeg) -> Tensor:
    stored = (image * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "JPEG", quality=jpeg.quality)
    found = torch.from_numpy(np.array(Image.open(file))).to(image.device)
    return found.permute(2, 0, 1).to(image.dtype) / 255


def _aged(image: Tensor, damage: FilmDamage, random: Random) -> Tensor:
    brown = image.new_tensor([0.78, 0.72, 0.6])[:, None, None]
    least = image.new_tensor([0.16, 0.14, 0.11])[:, None, None]
    aged = image + damage.fading * (image.mean(0, keepdim=True) * brown + least - image)
    height, width = image.shape[1:]
    y = torch.arange(height, device=image.device, dtype=image.dtype)[:, None]
    x = torch.arange(width, device=image.device, dtype=image.dtype)
    cover = torch.zeros_like(image[0])
    for _ in range(damage.scratches):
        place, lean = random.uniform(0, width), random.normal(0, 0.05) * width
        away = (x - place - lean * y / height).abs()
        cover = torch.maximum(cover, random.uniform(0.4, 1) * (1 - away).clamp(0, 1))
    for _ in range(damage.dust):
        (column, row), reach = random.uniform((0, 0), (width, height)), random.uniform(0.6, 3)
        away = ((x - column) ** 2 + (y - row) ** 2).sqrt()
        cover = torch.maximum(cover, random.uniform(0.5, 1) * (reach - away + 0.5).clamp(0, 1))
    tone = random.uniform(0.8, 1) if random.random() < 0.7 else random.uniform(0, 0.15)
    return aged + cover * (tone - aged)
