"""The groups that filters made, known by the parasite that says how."""

from __future__ import annotations

from gi.repository import Gimp

from softlight_gimp import records

MARK = "softlight-result"
"""Name of the parasite; a group that has it is a result of ours."""


def attach(group: Gimp.Item, record: records.Record) -> None:
    """Store `record` with a group."""
    stored = Gimp.Parasite.new(MARK, Gimp.PARASITE_PERSISTENT, records.to_text(record).encode("ascii"))
    group.attach_parasite(stored)


def read(group: Gimp.Item) -> records.Record:
    """Return what is stored with a result.

    Raises
    ------
    Refusal
        When it cannot be read.
    """
    stored = group.get_parasite(MARK)
    data = bytes(stored.get_data()) if stored is not None else b""
    return records.from_text(data.decode("ascii", "replace"))


def enclosing_result(item: Gimp.Item | None) -> Gimp.GroupLayer | None:
    """Return the innermost group of ours that `item` is, or lies in, or whose layer it masks."""
    if isinstance(item, Gimp.LayerMask):
        # What GIMP takes for selected when a layer with a mask is clicked.
        item = Gimp.Layer.from_mask(item)
    while item is not None:
        if isinstance(item, Gimp.GroupLayer) and item.get_parasite(MARK) is not None:
            return item
        item = item.get_parent()
    return None
