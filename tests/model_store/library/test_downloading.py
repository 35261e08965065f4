"""What was downloaded becomes a model when it is whole, and is not fetched twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from softlight_models.errors import ModelStoreError
from softlight_models.store import Store
from tests.model_store.library.one_model import CONTENT, ROLE, file_of
from tests.model_store.own_store import again, put, served, write_entry


def test_one_model_is_installed_although_another_fails(shelf: Store) -> None:
    with served({"/one.onnx": CONTENT, "/two.onnx": b"not the second"}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        write_entry(shelf.places, "two", b"it is the second", url=f"{server.address}/two.onnx")
        with pytest.raises(ModelStoreError, match="model.onnx"):
            shelf.download(["one", "two"], ["one", "two"])
        model = shelf.best(ROLE)
        assert model is not None and model.entry.id == "one"
        assert shelf.library.get(shelf.entry("two")) is None
        server.asked.clear()
        with pytest.raises(ModelStoreError):
            shelf.download(["one", "two"])
        assert "/one.onnx" not in server.asked, "what is installed is not fetched again"


def test_a_damaged_model_is_downloaded_again(shelf: Store) -> None:
    with served({"/one.onnx": CONTENT}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        path = put(shelf, "one", CONTENT)
        path.write_bytes(b"damaged")
        assert shelf.best(ROLE) is None
        shelf.download(["one"], ["one"])
        assert path.read_bytes() == CONTENT
        assert shelf.best(ROLE) is not None


def test_a_linked_file_that_was_changed_is_replaced_by_a_copy_of_our_own(
    shelf: Store, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.onnx"
    elsewhere.write_bytes(CONTENT)
    shelf.library.add(shelf.entry("one"), [file_of(CONTENT, elsewhere)])
    elsewhere.write_bytes(b"changed")
    with served({"/one.onnx": CONTENT}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        shelf.download(["one"], ["one"])
    model = shelf.best(ROLE)
    assert model is not None and model.paths["model"] == shelf.library.folder("one") / "model.onnx"
    assert elsewhere.read_bytes() == b"changed"


def test_a_download_that_is_cancelled_leaves_no_model_and_goes_on_later(shelf: Store) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, total: int, text: str) -> None:
        if done:
            raise Stop

    with served({"/one.onnx": CONTENT}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        server.half = threading.Event()
        with pytest.raises(Stop):
            shelf.download(["one"], ["one"], stop)
        server.half.set()
        assert shelf.best(ROLE) is None
        (state,) = [state for state in shelf.overview() if state.id == "one"]
        assert (state.state, state.installed) == ("partial", False)
        shelf.download(["one"])
        assert shelf.best(ROLE) is not None


def test_two_that_download_the_same_model_fetch_it_once(shelf: Store) -> None:
    with served({"/one.onnx": CONTENT}) as server:
        write_entry(shelf.places, "one", CONTENT, url=f"{server.address}/one.onnx")
        server.half = threading.Event()
        heard: list[str] = []

        def hear(done: int, total: int, text: str) -> None:
            heard.append(text)
            if "waiting" in text:
                server.half.set()  # type: ignore[union-attr]

        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(again(shelf).download, ["one"], ["one"], hear) for _ in range(2)]
            for each in both:
                each.result()
        assert server.asked == ["/one.onnx"]
        assert any("another Softlight is downloading it" in text for text in heard)
        assert shelf.best(ROLE) is not None
