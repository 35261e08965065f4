"""Draw the before/brush/after pictures of the documentation from the shipped samples and models.

    python tools/draw_docs.py

writes ``docs/dewrinkle-*.png``. Run it after a model or a filter has changed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from softlight.compositor import composite
from softlight.files import read_mask, read_picture
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.filters.dewrinkle.settings import DewrinkleSettings
from softlight.runtime import Runtime

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "core" / "softlight" / "samples"
CROPS = {"hopper.jpg": (140, 90, 380, 350), "astronaut.png": (150, 40, 300, 202)}
"""Left, top, right, bottom of the face in each sample."""
HEIGHT, GAP = 520, 8
BRUSH = np.array([235, 64, 52], np.float32)


def panel(pixels: np.ndarray, crop: tuple[int, int, int, int], title: str) -> Image.Image:
    """Draw one enlarged face with its title below."""
    face = Image.fromarray(pixels).crop(crop)
    width = round(HEIGHT * face.width / face.height)
    sheet = Image.new("RGB", (width, HEIGHT + 34), "white")
    sheet.paste(face.resize((width, HEIGHT), Image.Resampling.LANCZOS))
    font = ImageFont.load_default(20)
    ImageDraw.Draw(sheet).text((width / 2, HEIGHT + 17), title, fill="black", font=font, anchor="mm")
    return sheet


def main() -> None:
    """Draw all pictures."""
    runtime = Runtime("cpu")
    for name, crop in CROPS.items():
        photo = read_picture(SAMPLES / name)
        stem = name.partition(".")[0]
        mask = read_mask(SAMPLES / f"{stem}-mask.png", photo)
        after = composite(photo, dewrinkle(photo, mask, DewrinkleSettings(), runtime)).pixels[..., :3]
        before = photo.pixels[..., :3]
        weight = mask[..., None].astype(np.float32) / 255 * 0.55
        painted = np.rint(before * (1 - weight) + BRUSH * weight).astype(np.uint8)
        panels = [
            panel(pixels, crop, title)
            for pixels, title in ((before, "the photo"), (painted, "painted over"), (after, "De-wrinkle"))
        ]
        sheet = Image.new("RGB", (sum(p.width + GAP for p in panels) - GAP, panels[0].height), "white")
        left = 0
        for drawn in panels:
            sheet.paste(drawn, (left, 0))
            left += drawn.width + GAP
        (ROOT / "docs").mkdir(exist_ok=True)
        sheet.save(ROOT / "docs" / f"dewrinkle-{stem}.png", optimize=True)


if __name__ == "__main__":
    main()
