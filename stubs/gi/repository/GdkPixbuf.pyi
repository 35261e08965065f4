from enum import IntEnum

from gi.repository import GLib, GObject

class Colorspace(IntEnum):
    RGB = ...

class InterpType(IntEnum):
    BILINEAR = ...
    NEAREST = ...

class Pixbuf(GObject.Object):
    @staticmethod
    def new(
        colorspace: Colorspace, has_alpha: bool, bits_per_sample: int, width: int, height: int
    ) -> Pixbuf: ...
    @staticmethod
    def new_from_bytes(
        data: GLib.Bytes,
        colorspace: Colorspace,
        has_alpha: bool,
        bits_per_sample: int,
        width: int,
        height: int,
        rowstride: int,
    ) -> Pixbuf: ...
    def composite(
        self,
        dest: Pixbuf,
        dest_x: int,
        dest_y: int,
        dest_width: int,
        dest_height: int,
        offset_x: float,
        offset_y: float,
        scale_x: float,
        scale_y: float,
        interp_type: InterpType,
        overall_alpha: int,
    ) -> None: ...
    def copy(self) -> Pixbuf: ...
    def copy_area(
        self,
        src_x: int,
        src_y: int,
        width: int,
        height: int,
        dest_pixbuf: Pixbuf,
        dest_x: int,
        dest_y: int,
    ) -> None: ...
    def fill(self, pixel: int) -> None: ...
    def get_height(self) -> int: ...
    def get_rowstride(self) -> int: ...
    def get_width(self) -> int: ...
    def new_subpixbuf(self, src_x: int, src_y: int, width: int, height: int) -> Pixbuf: ...
    def read_pixel_bytes(self) -> GLib.Bytes: ...
    def saturate_and_pixelate(self, dest: Pixbuf, saturation: float, pixelate: bool) -> None: ...
    def scale_simple(self, dest_width: int, dest_height: int, interp_type: InterpType) -> Pixbuf: ...
