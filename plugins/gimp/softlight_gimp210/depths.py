"""8 bits per channel out of images of any precision, and into them; GIMP itself does the converting.

gimpfu's regions hold whatever the image holds once a plug-in says so: 8 bits in an 8-bit image, floats in
another. Until it says so they hold 8 bits, but GIMP puts masks and selections through sRGB's curve on the way
(measured: a mask written as 141 works like 68), and says so for the plug-in at its first look at a precision.
"""

from contextlib import contextmanager

import gimp
from gimpfu import PRECISION_U8_GAMMA, pdb

MYPY = False
if MYPY:
    from typing import Iterator  # noqa: F401


def tell_gimp():
    # type: () -> None
    """Have regions hold stored values from now on."""
    pdb.gimp_plugin_enable_precision()


def has_eight_bits(image):
    # type: (gimp.Image) -> bool
    """Whether regions of this image are 8 bits on its own curve."""
    return bool(pdb.gimp_image_get_precision(image) == PRECISION_U8_GAMMA)


def convert(scratch):
    # type: (gimp.Image) -> None
    """Make an image of our own one of 8 bits."""
    if not has_eight_bits(scratch):
        pdb.gimp_image_convert_precision(scratch, PRECISION_U8_GAMMA)


@contextmanager
def duplicate(image):
    # type: (gimp.Image) -> Iterator[gimp.Image]
    """Hand out a duplicate to do anything with; it shares the image's pixels until one of the two changes."""
    scratch = pdb.gimp_image_duplicate(image)
    try:
        pdb.gimp_image_undo_disable(scratch)
        yield scratch
    finally:
        gimp.delete(scratch)


@contextmanager
def empty_like(image):
    # type: (gimp.Image) -> Iterator[gimp.Image]
    """Hand out an 8-bit image without layers that layers go from and to without a change of colour."""
    precision = pdb.gimp_image_get_precision(image)
    scratch = pdb.gimp_image_new_with_precision(image.width, image.height, image.base_type, precision)
    try:
        pdb.gimp_image_undo_disable(scratch)
        profile = pdb.gimp_image_get_color_profile(image)
        pdb.gimp_image_set_color_profile(scratch, *profile)
        # In this order, so that the profile of a linear image becomes that of the same colours on a curve.
        convert(scratch)
        yield scratch
    finally:
        gimp.delete(scratch)
