"""Templates of skin defects, drawn once and used again under flips and turns.

Each is a picture of *dyes*: how much melanin and blood the skin has there, how much light its relief
takes, and how much it gives as gloss. Sizes are at 180 px between the eyes, 2.86 px per mm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.blemish_shapes import clouds, dome, grid, jittered, scatter, spot, stroke

Array = NDArray[np.float32]

MM = 2.86
"""Px per mm at 180 px between the eyes (63 mm, the mean of adults)."""
DYES = ("melanin", "blood", "shade", "gloss")
"""Planes of a template. Shade is a loss of all light, as on a slope; negative where it is lit."""
SIDE = 512
"""Side of a field in px."""
LINES = 129
"""Side of a template of lines in px."""


def _stack(melanin: Array, blood: Array, shade: Array, gloss: Array) -> Array:
    """Return the planes of a template, (4, n, n), which fade out before its border."""
    y, x = grid(len(melanin) // 2)
    fade = np.clip(4 * (1 - np.hypot(y, x) / (len(melanin) / 2)), 0, 1)
    return np.asarray(fade * np.stack([melanin, blood, shade, gloss]), np.float32)


def pimple(random: np.random.Generator) -> Array:
    """Return an inflamed papule of 1 to 6 mm, (4, n, n): red, raised, with a halo, a third with a head."""
    radius = MM / 2 * float(np.clip(np.exp(random.normal(np.log(1.6), 0.45)), 0.9, 6))
    y, x = grid(3 * radius)
    core = spot(random, y, x, radius * 0.8, radius * random.uniform(0.1, 0.22), 0.22)
    halo = spot(random, y, x, radius * random.uniform(1.0, 1.6), radius * random.uniform(0.2, 0.32), 0.22)
    blood = core * random.uniform(0.5, 0.8) + halo * random.uniform(0.2, 0.5)
    light = random.uniform(0, 2 * np.pi)
    bump = random.uniform(0, 0.07)
    shade = -bump * dome(core, light)
    gloss = np.zeros_like(core)
    melanin = core * random.uniform(0, 0.3)
    if random.random() < 0.35:  # a pustule: its head is pale and yellowish, and hides the blood below
        head = spot(random, y, x, radius * random.uniform(0.25, 0.45), 0.35, 0.1)
        blood *= 1 - head * random.uniform(0.4, 0.9)
        shade -= 0.08 * head
        melanin += 0.25 * head
    if random.random() < 0.5:
        offset = radius * 0.3
        shift = (y - offset * np.sin(light), x - offset * np.cos(light))
        gloss = random.uniform(0.03, 0.18) * spot(
            random, *shift, radius * random.uniform(0.15, 0.3), 0.4, 0.1
        )
    return _stack(melanin, blood, shade, gloss)


def mark(random: np.random.Generator) -> Array:
    """Return what a pimple leaves: a flat spot between red and brown, 1 to 7 mm, or a small scar."""
    radius = MM / 2 * float(np.clip(np.exp(random.normal(np.log(1.7), 0.5)), 1, 7))
    y, x = grid(2.6 * radius)
    flat = spot(random, y, x, radius, radius * random.uniform(0.1, 0.22), 0.25)
    brown = random.beta(0.7, 0.7)
    shade = np.zeros_like(flat)
    if random.random() < 0.25:
        shade += random.uniform(0.03, 0.1) * dome(flat, random.uniform(0, 2 * np.pi)) + 0.03 * flat
        flat = flat * random.uniform(0, 0.5)
    return _stack(flat * brown, flat * (1 - brown), shade, np.zeros_like(flat))


def redness(random: np.random.Generator) -> Array:
    """Return a local, irregular, soft red patch of 4 to 14 mm."""
    radius = MM / 2 * random.uniform(4, 14)
    y, x = grid(2.5 * radius)
    soft = spot(random, y, x, radius, radius * random.uniform(0.2, 0.4), 0.2)
    n = len(soft)
    mottled = soft * np.clip(1 + 0.35 * clouds(random, n + n % 2, 5, 20)[:n, :n], 0, 2)
    nothing = np.zeros_like(soft)
    return _stack(nothing, mottled, nothing, nothing)


def mole(random: np.random.Generator) -> Array:
    """Return a mole of 1 to 6 mm: brown and sharp; a third raised, with a lit and a dark side."""
    radius = MM / 2 * float(np.clip(np.exp(random.normal(np.log(1.4), 0.5)), 1, 6))
    y, x = grid(1.8 * radius + 3)
    edge = random.uniform(0.25, 0.45) + radius * random.uniform(0.02, 0.08)
    disc = spot(random, y, x, radius, edge, 0.15)
    darker = spot(random, y, x, radius * 0.6, radius * 0.3, 0.1)
    melanin = disc * (1 - 0.25 * random.random() * (1 - darker))
    shade, gloss = np.zeros_like(disc), np.zeros_like(disc)
    if random.random() < 0.33:
        light = random.uniform(0, 2 * np.pi)
        shade -= random.uniform(0.03, 0.12) * dome(disc, light)
        offset = radius * 0.4
        shift = (y - offset * np.sin(light), x - offset * np.cos(light))
        gloss += random.uniform(0, 0.1) * spot(random, *shift, radius * 0.25, 0.4, 0.1)
    return _stack(melanin, disc * random.uniform(0, 0.15), shade, gloss)


def freckle_field(random: np.random.Generator) -> Array:
    """Return freckles of 0.5 to 2 mm in clusters, (SIDE, SIDE), 0 to about 1."""
    field = np.zeros((SIDE, SIDE), np.float32)
    where = np.exp(clouds(random, SIDE, 30, 160) * random.uniform(0.4, 0.9))
    for millimetres, spacing in ((0.7, 7), (1.0, 9), (1.4, 13), (1.9, 24)):
        places = jittered(random, SIDE, spacing * random.uniform(0.8, 1.3))
        places = (places + random.normal(0, spacing / 2, places.shape)).astype(np.float32) % SIDE
        likely = where[tuple(np.minimum(places, SIDE - 1).astype(int).T)] * random.uniform(0.15, 0.45)
        places = places[random.random(len(places)) < likely]
        heights = random.gamma(3, 1 / 6, len(places)).astype(np.float32)
        field = np.maximum(field, scatter(places, heights, SIDE, MM / 2 * millimetres, 2))
    return np.minimum(field, 1.6)


def razor_field(random: np.random.Generator) -> Array:
    """Return red dots of 0.4 to 1.4 mm round hairs, (SIDE, SIDE)."""
    field = np.zeros((SIDE, SIDE), np.float32)
    for millimetres in (0.5, 0.8, 1.2):
        places = jittered(random, SIDE, random.uniform(9, 14))
        places = places[random.random(len(places)) < 0.4]
        heights = random.gamma(2, 0.35, len(places)).astype(np.float32)
        field = np.maximum(field, scatter(places, heights, SIDE, MM / 2 * millimetres, 2))
    return np.minimum(field, 1.6)


def pore_field(random: np.random.Generator) -> Array:
    """Return coarse skin as a loss of light, (SIDE, SIDE): pores in a leathery relief; mean 0, std 1."""
    pores = np.zeros((SIDE, SIDE), np.float32)
    places = jittered(random, SIDE, random.uniform(3.4, 5.5))
    sizes = random.integers(0, 3, len(places))
    for size, radius in enumerate((0.6, 0.85, 1.15)):
        some = places[sizes == size]
        heights = random.gamma(6, 1 / 6, len(some)).astype(np.float32)
        pores += scatter(some, heights, SIDE, radius, 2)
        pores -= 0.25 * scatter((some + random.uniform(0.7, 1.2)) % SIDE, heights, SIDE, radius * 1.2, 2)
    relief = clouds(random, SIDE, 2.2, 7)
    field = (pores - pores.mean()) / pores.std() + random.uniform(0.4, 1.2) * relief
    return (field / field.std()).astype(np.float32)


def scratch(random: np.random.Generator) -> Array:
    """Return one to three scratches of 4 to 20 mm side by side, (LINES, LINES), 0 to about 1, with breaks."""
    y, x = grid(LINES // 2)
    breaks = np.clip(0.8 + 0.6 * clouds(random, LINES + 1, 6, 40)[: len(y), : len(x)], 0, 1.2)
    field = np.zeros_like(y)
    angle = random.uniform(0, 2 * np.pi)
    for _ in range(int(random.integers(1, 4))):
        down, right = random.normal(0, 4, 2)
        length = MM * random.uniform(4, 20)
        sigma, bend = random.uniform([0.5, -0.12], [1.0, 0.12])
        turned = angle + random.normal(0, 0.12)
        line = stroke(y - down, x - right, turned, length, sigma, bend, 0) * breaks
        halo = stroke(y - down, x - right, turned, length, 4 * sigma, bend, 0)
        field = np.maximum(field, random.uniform(0.6, 1) * (line + 0.2 * halo))
    return field.astype(np.float32)


def line_family(random: np.random.Generator) -> Array:
    """Return fine lines side by side as a loss of light, (LINES, LINES), about 1 deep; their rims are lit."""
    y, x = grid(LINES // 2)
    field = np.zeros_like(y)
    angle, spacing = random.uniform([0, 3.5], [2 * np.pi, 9])
    ridge, bend = random.uniform([0.2, -0.08], [0.7, 0.08])
    count = int(random.integers(4, 13))
    for number in range(count):
        off = (number - count / 2 + random.normal(0, 0.25)) * spacing
        shift = random.normal(0, 12)
        down = off * np.cos(angle) + shift * np.sin(angle)
        right = shift * np.cos(angle) - off * np.sin(angle)
        length = random.uniform(14, 70)
        turned = angle + random.normal(0, 0.1)
        line = stroke(y - down, x - right, turned, length, random.uniform(0.5, 0.95), bend, ridge)
        field += random.uniform(0.3, 1) * line
    return field.astype(np.float32)


class Bank:
    """All templates, drawn from a seed; takes four seconds and 60 MB.

    Attributes
    ----------
    stamps : dict from kind to list of float32 arrays (4, n, n)
        Planes of `DYES`; for pimple, mark, redness and mole.
    tones, blotches, mottle, freckles, razor, pores : lists of float32 arrays (SIDE, SIDE)
        Periodic fields. The first three have mean 0 and standard deviation 1, with wavelengths of 36 to
        216, 50 to 200 and 5 to 18 px.
    scratches, lines : lists of float32 arrays (LINES, LINES)
    """

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        makers = {"pimple": (pimple, 400), "mark": (mark, 300), "redness": (redness, 60), "mole": (mole, 300)}
        self.stamps = {kind: [make(random) for _ in range(n)] for kind, (make, n) in makers.items()}
        self.tones = [clouds(random, SIDE, 36, 216) for _ in range(8)]
        self.blotches = [clouds(random, SIDE, 50, 200) for _ in range(8)]
        self.mottle = [clouds(random, SIDE, 5, 18) for _ in range(6)]
        self.freckles = [freckle_field(random) for _ in range(8)]
        self.razor = [razor_field(random) for _ in range(6)]
        self.pores = [pore_field(random) for _ in range(8)]
        self.scratches = [scratch(random) for _ in range(40)]
        self.lines = [line_family(random) for _ in range(40)]
