"""The one door to the model store: what the command line, the engine and the runtime use."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from softlight_models.bundled import BundledModels
from softlight_models.catalogue import Catalogue, read_catalogue, with_own
from softlight_models.entry import CatalogueEntry, ModelFile
from softlight_models.errors import ModelStoreError
from softlight_models.gate import Gate
from softlight_models.json_files import changing
from softlight_models.library import Imported, InstalledFile, InstalledModel, Library, Verdict
from softlight_models.overview import ModelState, Terms
from softlight_models.places import Places, user_places
from softlight_models.policy import read_policies
from softlight_models.progress import Progress, silent
from softlight_models.pruning import delete_remains, prune, unknown_models
from softlight_models.selection import EMBEDDED, select
from softlight_models.settings import StoreSettings, read_settings, with_option, write_settings
from softlight_models.states import embedded_states, state_of


class Store:
    """All models of one user: embedded, installed, and those that could be.

    It reads settings, policy and folders anew at every call, so that what another process changed is seen
    without a restart.

    Parameters
    ----------
    places : Places, optional
        Default: the user's own.

    Every method raises `ModelStoreError` with one sentence when it cannot do what was asked.
    """

    def __init__(self, places: Places | None = None) -> None:
        self.places = user_places() if places is None else places
        self.library = Library(self.places)
        self._embedded = BundledModels()

    def entries(self) -> tuple[CatalogueEntry, ...]:
        """Return the catalogue: Softlight's entries and the user's own, by role and falling preference."""
        return self._catalogue().entries

    def entry(self, model: str) -> CatalogueEntry:
        """Return the entry called `model`."""
        return self._catalogue().entry(model)

    def settings(self) -> StoreSettings:
        """Return the user's settings."""
        return read_settings(self.places.settings)

    def set_option(self, name: str, value: object) -> None:
        """Change the setting `name`: ``non-commercial`` (bool), ``offline`` (bool), ``mirrors`` (pairs)."""
        with changing(self.places.settings):
            write_settings(self.places.settings, with_option(self.settings(), name, value))

    def overview(self) -> tuple[ModelState, ...]:
        """Return the state of every model, by role; embedded ones included."""
        gate = self._gate()
        catalogue = self._catalogue()
        states = list(embedded_states(self._embedded))
        states += [state_of(entry, self.library, gate) for entry in catalogue.entries]
        active: set[str] = set()
        for role in {state.role for state in states}:
            best, _ = select(role, catalogue.of_role(role), self.library, gate)
            active.add(EMBEDDED + role if best is None else best.entry.id)
        chosen = set(gate.settings.choices.items())
        states = [
            replace(state, active=state.id in active, chosen=(state.role, state.id) in chosen)
            for state in states
        ]
        return tuple(sorted(states, key=lambda state: (state.role, -state.preference, state.id)))

    def terms(self, models: Collection[str]) -> tuple[Terms, ...]:
        """Return what must be shown and accepted before `models` are downloaded or imported."""
        gate = self._gate()
        return tuple(gate.terms(self.entry(model)) for model in models)

    def download(
        self, models: Collection[str], accepted: Collection[str] = (), progress: Progress = silent
    ) -> None:
        """Download and install `models`; files that are there already are not fetched again.

        Parameters
        ----------
        models : collection of str
            Ids of catalogue entries.
        accepted : collection of str
            Ids whose `terms` the user was shown and accepted now; accepted ones are remembered.
        progress : Progress
            Whatever it raises comes through; what was received stays and is gone on from next time.

        Raises
        ------
        NotAccepted
            If terms were accepted neither now nor before.
        ModelStoreError
            If settings, policy, the line or the disk stand in the way.
        """
        from softlight_models.download import Wanted
        from softlight_models.network import NetworkRules
        from softlight_models.parallel import download_all

        gate = self._gate()
        entries = [self.entry(model) for model in dict.fromkeys(models)]
        for entry in entries:
            if why := gate.why_not_download(entry):
                raise ModelStoreError(why)
        gate.accept(entries, accepted)
        wanted = {entry.id: self._missing(entry) for entry in entries}
        try:
            download_all(
                [
                    (Wanted(file.name, file.size, file.sha256 or "", file.sources), self._target(entry, file))
                    for entry in entries
                    for file in wanted[entry.id]
                ],
                network=NetworkRules(offline=False, mirrors=gate.mirrors),
                progress=progress,
            )
        finally:
            # One model may be complete although another one failed.
            for entry in entries:
                self._record(entry, wanted[entry.id])
        for entry in entries:
            if self.library.get(entry) is None:
                raise ModelStoreError(
                    f"{entry.title} was removed by another program while it was downloaded; "
                    "download it again if you want it."
                )

    def import_files(
        self,
        paths: Sequence[Path],
        *,
        model: str | None = None,
        link: bool = False,
        confirmed: bool = False,
        accepted: Collection[str] = (),
        progress: Progress = silent,
    ) -> tuple[Imported, ...]:
        """Install models from files, folders or bundles; see `importing.import_files`."""
        from softlight_models.importing import import_files

        gate = self._gate()
        return import_files(
            self.library,
            self.entries(),
            paths,
            model=model,
            link=link,
            confirmed=confirmed,
            why_not=gate.why_not_import,
            accept=lambda entries: gate.accept(entries, accepted),
            progress=progress,
        )

    def export(self, models: Collection[str], target: Path, progress: Progress = silent) -> None:
        """Write installed `models` into one bundle for a machine without a network."""
        from softlight_models.bundle import export

        gate = self._gate()
        entries = [self.entry(model) for model in dict.fromkeys(models)]
        for entry in entries:
            if why := gate.why_not_use(entry):
                raise ModelStoreError(why)
        export(self.library, entries, target, progress)

    def verify(
        self, models: Collection[str] | None = None, progress: Progress = silent
    ) -> tuple[Verdict, ...]:
        """Hash every file of `models` (default: of all installed ones) and say what is right.

        Nothing is deleted: what was wrong may be right again when a drive is back.
        """
        catalogue = self._catalogue()
        known = {entry.id for entry in catalogue.entries}
        if models is None:
            models = [model for model in self.library.recorded() if model in known]
        return tuple(self._verdict(catalogue.entry(model), progress) for model in dict.fromkeys(models))

    def remove(self, model: str) -> None:
        """Delete an installed model and what is left of its downloads; a linked file stays where it is."""
        if model.startswith(EMBEDDED):
            raise ModelStoreError(f"The model {model} is a part of Softlight; choose another one instead.")
        entry = self.entry(model)
        chosen = model in self.settings().choices.values()
        self.library.remove(entry)
        delete_remains(self.library.folder(model), [file.name for file in entry.files])
        if chosen:
            with changing(self.places.settings):
                settings = self.settings()
                choices = {role: chosen for role, chosen in settings.choices.items() if chosen != model}
                write_settings(self.places.settings, replace(settings, choices=choices))

    def prune(self, unknown: bool = False) -> tuple[Path, ...]:
        """Delete what no model needs (broken-off downloads, former versions); return what was deleted.

        Parameters
        ----------
        unknown : bool
            Also the models that `unknown` names.
        """
        return prune(self.library, self._catalogue(), unknown)

    def unknown(self) -> tuple[str, ...]:
        """Return the ids of installed models that the catalogue does not have: nothing uses them here."""
        return unknown_models(self.library, self._catalogue())

    def choose(self, role: str, model: str | None) -> None:
        """Use `model` for `role` from now on (an embedded one too); None: the best one."""
        roles = {entry.role for entry in self.entries()} | set(self._embedded.roles())
        if role not in roles:
            raise ModelStoreError(f'There is no role "{role}"; there are {", ".join(sorted(roles))}.')
        if model is not None:
            self._require_usable(role, model)
        with changing(self.places.settings):
            settings = self.settings()
            choices = {key: value for key, value in settings.choices.items() if key != role}
            if model is not None:
                choices[role] = model
            write_settings(self.places.settings, replace(settings, choices=choices))

    def best(self, role: str, without: Collection[str] = ()) -> InstalledModel | None:
        """Return what `role` should use: the user's choice, else the best installed and allowed model.

        Files that changed since they were last verified are hashed; a model with a wrong file is passed over
        and `notes` says so. None: use the embedded model. Never raises: a filter must run all the same.

        Parameters
        ----------
        role : str
        without : collection of str
            Ids of models that the caller tried and found to be of no use.
        """
        return self._selected(role, without)[0]

    def notes(self, role: str | None = None) -> tuple[str, ...]:
        """Return sentences on models that were chosen or installed but are not used, and why.

        Parameters
        ----------
        role : str, optional
            Default: all roles, and the user's own entries that cannot be read.
        """
        if role is not None:
            return self._selected(role)[1]
        try:
            catalogue = self._catalogue()
        except ModelStoreError as error:
            return (str(error),)
        roles = sorted({entry.role for entry in catalogue.entries})
        notes = [*catalogue.problems, *(note for role in roles for note in self._selected(role)[1])]
        return tuple(dict.fromkeys(notes))

    def _selected(
        self, role: str, without: Collection[str] = ()
    ) -> tuple[InstalledModel | None, tuple[str, ...]]:
        try:
            gate = self._gate()
            # Most users have none, and a job need not read the catalogue for that.
            if not gate.settings.choices and not self.library.recorded():
                return None, ()
            return select(role, self._catalogue().of_role(role), self.library, gate, without)
        except ModelStoreError as error:
            return None, (str(error),)

    def _require_usable(self, role: str, model: str) -> None:
        """Raise `ModelStoreError` if `model` cannot be chosen for `role`."""
        if model == EMBEDDED + role and role in self._embedded.roles():
            return
        entry = self.entry(model)
        if entry.role != role:
            raise ModelStoreError(
                f"{entry.title} is a model for {entry.role}, not for {role}; choose another."
            )
        if why := self._gate().why_not_use(entry):
            raise ModelStoreError(why)
        if self.library.get(entry) is None:
            raise ModelStoreError(f"{entry.title} is not installed; download or import it first.")

    def _verdict(self, entry: CatalogueEntry, progress: Progress) -> Verdict:
        try:
            model = self.library.get(entry)
            if model is None:
                return Verdict(entry.id, False, f"{entry.title} is not installed; download or import it.")
            model.rehash(progress)
        except ModelStoreError as error:
            return Verdict(entry.id, False, str(error))
        return Verdict(entry.id, True, f"{entry.title} is what was installed.")

    def _missing(self, entry: CatalogueEntry) -> list[ModelFile]:
        """Return the files of `entry` that are not installed, or are not what they should be."""
        recorded: dict[str, InstalledFile] = {}
        with contextlib.suppress(ModelStoreError):
            recorded = {file.name: file for file in self.library.files(entry.id)}
        return [
            file
            for file in entry.files
            if file.name not in recorded
            # The new version may lie there under the old one's record, if a download was killed in between.
            or recorded[file.name].sha256 != file.sha256
            or not self._holds(recorded[file.name].path(self.library.folder(entry.id)), file.sha256)
        ]

    def _record(self, entry: CatalogueEntry, files: Sequence[ModelFile]) -> None:
        """Record those of `files` that were downloaded."""
        there = [
            InstalledFile(file.name, target.stat().st_size, file.sha256)
            for file in files
            if (target := self._target(entry, file)).is_file()
            and file.sha256 is not None
            and self._holds(target, file.sha256)
        ]
        if there:
            self.library.add(entry, there)

    def _target(self, entry: CatalogueEntry, file: ModelFile) -> Path:
        return self.library.folder(entry.id) / file.name

    def _holds(self, path: Path, sha256: str | None) -> bool:
        try:
            return self.library.checked.sha256(path) == sha256
        except ModelStoreError:
            return False

    def _gate(self) -> Gate:
        """Return the rules as they are now."""
        return Gate(self.settings(), read_policies(self.places.policies), self.places.accepted)

    def _catalogue(self) -> Catalogue:
        return with_own(self._softlights_own, self.places.own_entries)

    @cached_property
    def _softlights_own(self) -> Catalogue:
        """The entries inside the package; they cannot change while it runs."""
        return read_catalogue()
