"""The one door to the model store: what the command line, the engine and the runtime use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from softlight_models.entry import CatalogueEntry
from softlight_models.library import Imported, InstalledModel, Verdict
from softlight_models.overview import ModelState, Terms
from softlight_models.places import Places, user_places
from softlight_models.progress import Progress, silent


class Store:
    """All models of one user: embedded, installed, and those that could be.

    Cheap to make; it reads settings, policy and folders anew at every call, so that what another process
    changed is seen without a restart.

    Parameters
    ----------
    places : Places, optional
        Default: the user's own.

    Every method raises `ModelStoreError` with one sentence when it cannot do what was asked.
    """

    def __init__(self, places: Places | None = None) -> None:
        self.places = user_places() if places is None else places

    def entries(self) -> tuple[CatalogueEntry, ...]:
        """Return the catalogue: Softlight's entries and the user's own, by role and falling preference."""
        raise NotImplementedError

    def entry(self, model: str) -> CatalogueEntry:
        """Return the entry called `model`."""
        raise NotImplementedError

    def overview(self) -> tuple[ModelState, ...]:
        """Return the state of every model, embedded ones included, by role."""
        raise NotImplementedError

    def terms(self, models: Collection[str]) -> tuple[Terms, ...]:
        """Return what must be shown and accepted before `models` are downloaded or imported."""
        raise NotImplementedError

    def download(
        self, models: Collection[str], accepted: Collection[str] = (), progress: Progress = silent
    ) -> None:
        """Download and install `models`.

        Parameters
        ----------
        models : collection of str
            Ids of catalogue entries.
        accepted : collection of str
            Ids whose `terms` the user was shown and accepted now; accepted ones are remembered.
        progress : Progress
            Whatever it raises comes through; what was received stays and is gone on from next time.
        """
        raise NotImplementedError

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
        raise NotImplementedError

    def export(self, models: Collection[str], target: Path, progress: Progress = silent) -> None:
        """Write installed `models` into one bundle for a machine without a network."""
        raise NotImplementedError

    def verify(
        self, models: Collection[str] | None = None, progress: Progress = silent
    ) -> tuple[Verdict, ...]:
        """Hash every file of `models` (default: of all installed ones) and say what is right."""
        raise NotImplementedError

    def remove(self, model: str) -> None:
        """Delete an installed model; a linked file stays where it is."""
        raise NotImplementedError

    def prune(self) -> tuple[Path, ...]:
        """Delete what no model needs: broken-off downloads, unknown folders; return what was deleted."""
        raise NotImplementedError

    def choose(self, role: str, model: str | None) -> None:
        """Use `model` for `role` from now on (an embedded one too); None: the best one."""
        raise NotImplementedError

    def set_option(self, name: str, value: object) -> None:
        """Change the setting `name`: ``non-commercial`` (bool), ``offline`` (bool), ``mirrors`` (pairs)."""
        raise NotImplementedError

    def best(self, role: str) -> InstalledModel | None:
        """Return what `role` should use: the user's choice, else the best installed and allowed model.

        Files that changed since they were last verified are hashed; a model with a wrong file is passed over
        and `notes` says so. None: use the embedded model.
        """
        raise NotImplementedError

    def notes(self) -> tuple[str, ...]:
        """Return sentences on models that were chosen or installed but are not used, and why."""
        raise NotImplementedError
