"""Picture files in, picture and layer files out.

The formats are PNG and TIFF at every depth, JPEG and WebP with 8 bits, and for layers OpenRaster, or a folder
of raw pixels that any script can read. What a file says beside its pixels (ICC profile, EXIF, XMP, the
resolution) is kept wherever the target can hold it.
"""

from softlight.files.masks import read_mask
from softlight.files.reading import read_picture
from softlight.files.writing import check_target, write_picture, write_stack

__all__ = ["check_target", "read_mask", "read_picture", "write_picture", "write_stack"]
