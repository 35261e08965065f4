"""What a host and the engine tell each other about models: what there is, and what shall be done with one.

One message asks for an action of the model store, and one answers it with all models as they then are; in
between, progress is told as for a job. A host that hangs up has cancelled the action.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from softlight_bridge import checking
from softlight_bridge.packing import Packed

ACTIONS = ("list", "download", "import", "choose", "remove", "verify", "set")
LIMITS = ("none", "attribution", "copyleft", "non-commercial")
"""What a licence asks of its user, the mildest first."""
STATES = ("embedded", "installed", "damaged", "partial", "available", "import-only", "forbidden")
"""How a model stands: it came with Softlight; all of it is there; a file of it has changed since then; some
of its files are there; it could be downloaded; it could only be imported, since nobody knows its checksum;
the user's settings or the studio's policy forbid it."""
OPTIONS = ("non-commercial", "offline")
"""Settings that a host may switch on and off."""
MOST_MODELS = 1000
LARGEST_FILE = 1 << 50
"""Bytes; a petabyte is no model."""
LONGEST_PATH = 32768
"""Characters: what Windows takes, which is more than others do."""


class Terms(NamedTuple):
    """What a user must see and accept before the first byte of a model comes."""

    licence: str
    """SPDX identifier, such as "Apache-2.0" or "LicenseRef-S-Lab-1.0"."""
    limit: str
    """One of `LIMITS`."""
    text: str
    """The licence in one plain sentence."""
    url: str
    """Where all of it can be read; empty where nobody knows."""
    size: int | None
    """Bytes to download; None where the size is unknown."""


class ModelLine(NamedTuple):
    """One model, as a list shows it."""

    id: str
    """Its name in the catalogue: "gfpgan-1.4"."""
    title: str
    role: str
    """What it does in a filter: "face-restoration"; `softlight_bridge.model_words` makes words of it."""
    use_when: str
    """A sentence on when to take it."""
    vendor: str
    year: int | None
    terms: Terms
    state: str
    """One of `STATES`."""
    why: str
    """A sentence on why it cannot be downloaded or used; empty when nothing is in the way."""
    installed: bool
    """Whether all its files are there; those of an embedded one always are."""
    downloadable: bool
    """Whether a download would install or repair it, once its terms are accepted."""
    size_on_disk: int
    """Bytes, 0 when it is not installed."""
    chosen: bool
    """Whether the user chose it for its role."""
    active: bool
    """Whether its role uses it now, chosen or not."""


class ModelList(NamedTuple):
    """All models, and what is set about them."""

    models: tuple[ModelLine, ...]
    """Those of one role one after another."""
    folder: str
    """Where downloaded models lie."""
    non_commercial: bool
    """Whether models may be used that are not for commercial use."""
    offline: bool
    """Whether every connection is forbidden."""
    said: tuple[str, ...]
    """Sentences for the user: what the action did, and what is wrong with a model."""


class ModelAction(NamedTuple):
    """What shall be done; see `softlight_bridge.client.Engine` for what each takes."""

    action: str
    """One of `ACTIONS`."""
    models: tuple[str, ...] = ()
    """Which models; none means all where that makes sense."""
    accepted: tuple[str, ...] = ()
    """The models whose terms the user has seen and accepted."""
    path: str = ""
    """Of a file or folder to import."""
    link: bool = False
    """Import: leave the file where it is."""
    confirmed: bool = False
    """Import: the user says that the file is what it is called, though nobody knows its checksum."""
    name: str = ""
    """A role for "choose", one of `OPTIONS` for "set"."""
    value: bool = False
    """What to set an option to."""


def pack_action(action: ModelAction) -> Packed:
    """An action as header and blobs."""
    header = {**action._asdict(), "type": "models"}
    header["models"], header["accepted"] = list(action.models), list(action.accepted)
    return header, []


def unpack_action(header: dict[str, Any]) -> ModelAction:
    """The inverse of `pack_action`.

    Raises
    ------
    WireError
        When it is not what this protocol sends.
    """
    action = checking.one_of(header, "action", ACTIONS)
    return ModelAction(
        action=action,
        models=checking.sentences(header, "models", MOST_MODELS),
        accepted=checking.sentences(header, "accepted", MOST_MODELS),
        path=checking.text(header, "path", LONGEST_PATH),
        link=checking.flag(header, "link"),
        confirmed=checking.flag(header, "confirmed"),
        name=checking.one_of(header, "name", OPTIONS) if action == "set" else checking.text(header, "name"),
        value=checking.flag(header, "value"),
    )


def pack_list(models: ModelList) -> Packed:
    """All models as header and blobs."""
    header = {**models._asdict(), "type": "models", "said": list(models.said)}
    header["models"] = [{**line._asdict(), "terms": line.terms._asdict()} for line in models.models]
    return header, []


def unpack_list(header: dict[str, Any]) -> ModelList:
    """The inverse of `pack_list`.

    Raises
    ------
    WireError
        When it is not what this protocol sends.
    """
    return ModelList(
        models=tuple(_line(one) for one in checking.items(header, "models", MOST_MODELS)),
        folder=checking.text(header, "folder", LONGEST_PATH),
        non_commercial=checking.flag(header, "non_commercial"),
        offline=checking.flag(header, "offline"),
        said=checking.sentences(header, "said", MOST_MODELS),
    )


def _line(described: Any) -> ModelLine:
    if not isinstance(described, dict):
        raise checking.garbled("models")
    return ModelLine(
        id=checking.text(described, "id"),
        title=checking.text(described, "title"),
        role=checking.text(described, "role"),
        use_when=checking.text(described, "use_when", 2000),
        vendor=checking.text(described, "vendor"),
        year=None if described.get("year") is None else checking.whole(described, "year", 0, 9999),
        terms=_terms(checking.part(described, "terms")),
        state=checking.one_of(described, "state", STATES),
        why=checking.text(described, "why", 2000),
        installed=checking.flag(described, "installed"),
        downloadable=checking.flag(described, "downloadable"),
        size_on_disk=checking.whole(described, "size_on_disk", 0, LARGEST_FILE),
        chosen=checking.flag(described, "chosen"),
        active=checking.flag(described, "active"),
    )


def _terms(described: dict[str, Any]) -> Terms:
    unknown = described.get("size") is None
    return Terms(
        licence=checking.text(described, "licence"),
        limit=checking.one_of(described, "limit", LIMITS),
        text=checking.text(described, "text", 2000),
        url=checking.text(described, "url", 2000),
        size=None if unknown else checking.whole(described, "size", 0, LARGEST_FILE),
    )
