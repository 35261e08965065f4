"""An image's own metadata say that AI changed it, so that what is exported says so too."""

from __future__ import annotations

from typing import NamedTuple

from gi.repository import Gimp

from softlight_bridge.source_types import says_ai
from softlight_gimp import source_type

MARKED = (
    "The image's metadata now say that it was edited with AI; what you export says so too if you switch on "
    "'Save XMP' when you export."
)
"""In a new profile of GIMP 3.0 and 3.2 it is off, in the dialog as for scripts."""
UNMARKED = (
    "GIMP did not take the mark 'edited with AI' into the image's metadata, so that what you export does not "
    "have it; say it where you publish the picture."
)


class Mark(NamedTuple):
    """What is to be done for an image to be marked."""

    image: Gimp.Image
    metadata: Gimp.Metadata | None
    """To be set; None when the image is marked already, or cannot be."""
    needed: bool
    """Whether the image was not marked before."""

    def set(self) -> None:
        """Change the image's metadata: one undo step, or a part of the present one."""
        if self.metadata is not None:
            self.image.set_metadata(self.metadata)

    def notes(self) -> tuple[str, ...]:
        """Return what the user is told afterwards; nothing about an image that was marked before."""
        if not self.needed:
            return ()
        return (MARKED,) if says_ai(source_type.read(_text(self.image))) else (UNMARKED,)


def prepare(image: Gimp.Image, term: str | None) -> Mark:
    """Find out what has to be set for an image to have this Digital Source Type; None: nothing."""
    text = _text(image)
    if term is None or says_ai(source_type.read(text)):
        return Mark(image, None, False)
    changed = source_type.marked(text, term)
    return Mark(image, None if changed is None else Gimp.Metadata.deserialize(changed), True)


def _text(image: Gimp.Image) -> str:
    metadata = image.get_metadata()
    return source_type.EMPTY if metadata is None else metadata.serialize()
