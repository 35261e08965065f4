"""Who may download and use which model, and the record of the licences that were accepted.

Everything here answers before the first byte: a reason is one sentence, no reason is an empty text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from softlight_models import json_files
from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError, NotAccepted
from softlight_models.overview import Terms
from softlight_models.policy import REMEDY, Policy
from softlight_models.schema import reason
from softlight_models.settings import StoreSettings


@dataclass(frozen=True)
class Gate:
    """The rules as they stand now: the user's settings, the studio's policies, the accepted licences."""

    settings: StoreSettings
    policies: tuple[Policy, ...]
    accepted_path: Path
    """Where accepted licences are recorded."""

    def why_not_use(self, entry: CatalogueEntry) -> str:
        """Return why `entry` may not be used, downloaded or imported."""
        for policy in self.policies:
            if why := policy.why_forbidden(entry):
                return why
        if entry.licence.limit == "non-commercial" and not self.settings.non_commercial:
            return (
                f"{entry.title} may not be used commercially, and such models are switched off; "
                "allow non-commercial models in the settings if your use is none."
            )
        return ""

    def why_not_download(self, entry: CatalogueEntry) -> str:
        """Return why `entry` may not be downloaded, its licence aside."""
        if why := self.why_not_use(entry):
            return why
        if not entry.pinned:
            return (
                f"The checksum of {entry.title} is not known, so it cannot be downloaded safely; "
                "get the file yourself and import it."
            )
        if not all(file.sources for file in entry.files):
            return f"No source is known for {entry.title}; get the file yourself and import it."
        return self.why_offline()

    def why_offline(self) -> str:
        """Return why no connection may be made."""
        for policy in self.policies:
            if policy.offline:
                return f"The studio's policy {policy.path} forbids connections; import the file, or {REMEDY}."
        if self.settings.offline:
            return "Softlight is set to offline; switch that off in the settings, or import the file."
        return ""

    def why_not_import(self, entry: CatalogueEntry) -> str:
        """Return why `entry` may not be imported, its licence aside."""
        for policy in self.policies:
            if not policy.allow_import and not policy.unreadable:
                return f"The studio's policy {policy.path} forbids importing models; {REMEDY}."
        return self.why_not_use(entry)

    @property
    def mirrors(self) -> tuple[tuple[str, str], ...]:
        """The studio's mirrors, then the user's."""
        return tuple(pair for policy in self.policies for pair in policy.mirrors) + self.settings.mirrors

    def terms(self, entry: CatalogueEntry) -> Terms:
        """Return what is to be shown and accepted."""
        return Terms(
            model=entry.id,
            title=entry.title,
            size=entry.size,
            licence=entry.licence.spdx,
            limit=entry.licence.limit,
            terms=entry.licence.terms,
            url=entry.licence.url,
            accepted=_recorded(self.accepted_path).get(entry.id, {}).get("terms") == _fingerprint(entry),
        )

    def accept(self, entries: Sequence[CatalogueEntry], accepted: Collection[str]) -> None:
        """Record the licences of `entries` that were `accepted` (ids) now.

        Raises
        ------
        NotAccepted
            If one was accepted neither now nor before in these words; then nothing is recorded.
        """
        recorded = _recorded(self.accepted_path)
        now = [entry for entry in entries if recorded.get(entry.id, {}).get("terms") != _fingerprint(entry)]
        missing = [entry for entry in now if entry.id not in accepted]
        if missing:
            names = ", ".join(f"{entry.title} ({entry.licence.spdx})" for entry in missing)
            raise NotAccepted(
                f"The licence of {names} was not accepted; read and accept it first.",
                tuple(entry.id for entry in missing),
            )
        if now:
            self._record(now)

    def _record(self, entries: Sequence[CatalogueEntry]) -> None:
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        with json_files.changing(self.accepted_path):
            recorded = _recorded(self.accepted_path)
            for entry in entries:
                recorded[entry.id] = {
                    "licence": entry.licence.spdx,
                    "limit": entry.licence.limit,
                    "terms": _fingerprint(entry),
                    "accepted": moment,
                }
            json_files.write(self.accepted_path, recorded)


def _fingerprint(entry: CatalogueEntry) -> str:
    """Return what changes when the licence that was accepted changes."""
    licence = entry.licence
    words = json.dumps([licence.spdx, licence.limit, licence.terms, licence.url])
    return hashlib.sha256(words.encode()).hexdigest()


def _recorded(path: Path) -> dict[str, dict[str, str]]:
    """Return the accepted licences by model."""
    try:
        table = json_files.read_table(path)
        if table is None:
            return {}
        records = {model: table.table(model) for model in table}
        return {model: {key: record.text(key) for key in record} for model, record in records.items()}
    except (OSError, ValueError) as error:
        raise ModelStoreError(
            f"The record of accepted licences {path} cannot be read ({reason(error)}); "
            "delete it and accept the licences again."
        ) from None
