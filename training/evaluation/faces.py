"""The held-out people, the networks under test, and how tables are printed."""

from __future__ import annotations

import argparse
import csv
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from softlight.runtime import Runtime
from softlight.runtime.memory import Memory
from softlight.tiles import TILE, run_tiled
from softlight_models.bundled import BundledModels
from softlight_models.contracts import contract
from softlight_models.contracts.describe import MODEL
from training import networks, portraits, teachers
from training.evaluation import measures
from training.wrinkle_labels import WRINKLE

Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]
SETS = ("pd", "cc0", "london")
AGES = {"up to 35": 35, "36 to 55": 55, "56 and more": 200}
"""Age groups and the highest age of each."""


@dataclass(frozen=True, eq=False)
class Face:
    """A labelled portrait at the canonical scale; see `label_portraits.py`."""

    name: str
    age: int | None
    image: Bytes
    skin: Bytes
    clothes: Bytes
    hair: Bytes
    features: Bytes
    oval: Bytes
    labels: Bytes
    clean: Bytes
    mesh: Array
    native: float

    @property
    def person(self) -> str:
        """London's two pictures of a person share a number; elsewhere the file's name says who it is."""
        if self.name.startswith("london"):
            return self.name.split("_")[0]
        return portraits.person(self.name)

    @property
    def age_group(self) -> str | None:
        """One of `AGES`, or None where the age is not known."""
        return next((name for name, most in AGES.items() if self.age is not None and self.age <= most), None)

    @cached_property
    def tone(self) -> str:
        return measures.tone_group(measures.typology_angle(measures.unit(self.image), self.clean > 0))

    @cached_property
    def sharpness(self) -> float:
        """RMS of the mean channel's pore band on clean skin, as the recipes have it."""
        band = measures.pore_band(measures.unit(self.image).mean(2))[self.clean > 0]
        return float(band.std())

    @property
    def wrinkledness(self) -> float:
        """Share of the skin that the pseudo-labels call wrinkle."""
        return float((self.labels == WRINKLE).sum() / max(1, (self.skin > 190).sum()))


def held_out(options: argparse.Namespace, sets: Sequence[str] = SETS) -> Iterator[Face]:
    """Held-out portraits in the order of their names, `--people` of each set at most, evenly spread."""
    with (options.portraits / "MANIFEST.csv").open() as manifest:
        ages = {r["file"].removesuffix(".jpg"): r["age"] for r in csv.DictReader(manifest)}
    for name in sets:
        paths = sorted((options.labels / name).glob("*.npz"))
        paths = [p for p in paths if portraits.is_held_out(p.relative_to(options.labels).as_posix())]
        if options.people and options.people < len(paths):
            paths = [paths[i] for i in np.linspace(0, len(paths) - 1, options.people).round().astype(int)]
        for path in paths:
            stem = path.relative_to(options.labels).with_suffix("").as_posix()
            with np.load(path, allow_pickle=False) as data:
                maps = {k: data[k] for k in data.files if k != "native"}
                age = ages.get(stem, "")
                yield Face(stem, int(age) if age.isdigit() else None, native=float(data["native"]), **maps)


MODELS = {"skin-inpainting": (networks.SkinInpainting, "fill"), "wrinkle-map": (networks.WrinkleMap, "map")}
"""Network and name of the output of each role."""


class FileSession:
    """A model file, called as a runtime's session is; its tensors are a contract's by their order."""

    def __init__(self, path: Path, contract_name: str) -> None:
        self._session = teachers.session(path)
        self._outputs = [tensor.name for tensor in contract(contract_name).network().outputs]

    def run(self, **inputs: Array) -> dict[str, Array]:
        names = [tensor.name for tensor in self._session.get_inputs()]
        answer = self._session.run(None, dict(zip(names, inputs.values(), strict=True)))
        return dict(zip(self._outputs, answer, strict=False))  # some have outputs that nobody needs


class CheckpointSession:
    """A network of a recipe's checkpoint, with its averaged weights, called as a runtime's session is."""

    side = TILE

    def __init__(self, network: torch.nn.Module, weights: dict[str, torch.Tensor], output: str) -> None:
        network.load_state_dict(weights)
        self._network, self._output = network.eval(), output

    def run(self, **inputs: Array) -> dict[str, Array]:
        """Arrays by the contract's names (`image`, then `hole`), and the output by its own."""
        values = [torch.from_numpy(np.ascontiguousarray(inputs[n])) for n in ("image", "hole") if n in inputs]
        with torch.no_grad():
            return {self._output: self._network(*values).numpy()}


class CheckpointRuntime:
    """A runtime whose models come from checkpoints, and from the package where none is given."""

    notes: tuple[str, ...] = ()

    def __init__(self, checkpoints: Sequence[Path]) -> None:
        self._sessions: dict[str, CheckpointSession] = {}
        for path in checkpoints:
            state = torch.load(path, map_location="cpu", weights_only=True)
            # Only the inpainting's recipe trains a critic.
            role = "skin-inpainting" if "critic" in state else "wrinkle-map"
            network, output = MODELS[role]
            self._sessions[role] = CheckpointSession(network(), state["average"], output)
        self._checkpoints = tuple(checkpoints)

    @cached_property
    def _shipped(self) -> Runtime:
        return Runtime("cpu", models=BundledModels())

    @property
    def memory(self) -> Memory:
        return self._shipped.memory

    def fingerprint(self) -> str:
        return f"{self._shipped.fingerprint()} {self._checkpoints}"

    def model(self, role: str) -> Any:
        model = self._shipped.model(role)
        if role in self._sessions:
            return dataclasses.replace(model, sessions={MODEL: self._sessions[role]})
        return model

    def session(self, role: str) -> Any:
        return self.model(role).session()


Fill = Callable[[Array, NDArray[np.bool_]], Array]
"""(picture, hole) -> picture with the hole filled; float32 RGB in 0..1."""
WrinkleMap = Callable[[Array], Array]
"""picture -> wrinkle and skin probability, (height, width, 2); any size."""


def fill_of(runtime: CheckpointRuntime) -> Fill:
    """The skin-inpainting network alone, tiled as in the filter."""
    session = runtime.session("skin-inpainting")

    def fill(image: Array, hole: NDArray[np.bool_]) -> Array:
        plane = hole.astype(np.float32)[..., None]
        found = run_tiled(lambda i, h: session.run(image=i, hole=h)["fill"], hole, 3, image, plane)
        return np.where(hole[..., None], found, image)

    return fill


def map_of(runtime: CheckpointRuntime) -> WrinkleMap:
    """The wrinkle-map network, tiled as in the filter."""
    session = runtime.session("wrinkle-map")

    def run(image: Array) -> Array:
        everywhere = np.ones(image.shape[:2], bool)
        return run_tiled(lambda i: session.run(image=i)["map"], everywhere, 2, image)

    return run


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options that the evaluation scripts share."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder with MANIFEST.csv")
    parser.add_argument("labels", type=Path, help="folder that label_portraits.py wrote")
    parser.add_argument("--models", type=Path, help="folder of the judges' weights")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        nargs="+",
        default=[],
        help="of the recipes; default: shipped weights",
    )
    parser.add_argument("--out", type=Path, help="folder for pictures; without it none are made")
    parser.add_argument("--people", type=int, default=0, help="at most so many portraits of each set")
    parser.add_argument("--threads", type=int, default=1)
    return parser


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    return options


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
