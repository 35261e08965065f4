from enum import IntEnum

from gi.repository import GObject

class AbyssPolicy(IntEnum):
    NONE = ...

class Color(GObject.Object):
    @staticmethod
    def new(string: str) -> Color: ...

class Rectangle:
    @staticmethod
    def new(x: int, y: int, width: int, height: int) -> Rectangle: ...

class Buffer(GObject.Object):
    def flush(self) -> None: ...
    def get(
        self, rect: Rectangle, scale: float, format_name: str | None, repeat_mode: AbyssPolicy
    ) -> bytes: ...
    def set(self, rect: Rectangle, format_name: str, src: bytes | bytearray | memoryview) -> None: ...
