"""A catalogue entry decides what is fetched and written where: nothing in it is taken on trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from softlight_models.entry import HttpsSource, WheelSource
from softlight_models.entry_file import read_entry
from softlight_models.errors import ModelStoreError

SHA = "0123456789abcdef" * 4
GOOD = f"""
role = "face-restoration"
contract = "face-restoration-512"
title = "GFPGAN 1.4"
use_when = "A face is blurred."
vendor = "TencentARC"
year = 2022
preference = 60
origin = "where the facts come from"

[licence]
spdx = "Apache-2.0"
limit = "none"
terms = "Free for any use."
url = "https://models.example/licence"

[[files]]
network = "model"
name = "GFPGANv1.4.onnx"
size = 340256690
sha256 = "{SHA}"
crc32 = "0badcafe"

[[files.sources]]
url = "https://models.example/GFPGANv1.4.onnx"

[[files.sources]]
wheel = "face_models-1.5.0-py3-none-any.whl"
sha256 = "{SHA}"
size = 6852504
member = "face_models/gfpgan.onnx"
"""


def written(folder: Path, text: str, name: str = "gfpgan-1.4.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_entry_says_what_its_file_says(tmp_path: Path) -> None:
    entry = read_entry(written(tmp_path, GOOD))
    assert (entry.id, entry.role, entry.contract) == (
        "gfpgan-1.4",
        "face-restoration",
        "face-restoration-512",
    )
    assert (entry.year, entry.preference, entry.size, entry.pinned) == (2022, 60, 340256690, True)
    assert (entry.licence.spdx, entry.licence.limit) == ("Apache-2.0", "none")
    (file,) = entry.files
    assert (file.name, file.network, file.sha256, file.crc32) == ("GFPGANv1.4.onnx", "model", SHA, "0badcafe")
    web, wheel = file.sources
    assert web == HttpsSource("https://models.example/GFPGANv1.4.onnx")
    assert isinstance(wheel, WheelSource)
    assert (wheel.project, wheel.version, wheel.member) == ("face-models", "1.5.0", "face_models/gfpgan.onnx")


def test_windows_editors_may_write_it(tmp_path: Path) -> None:
    path = tmp_path / "gfpgan-1.4.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_entry(path).title == "GFPGAN 1.4"


def test_an_unknown_hash_makes_it_one_that_is_only_imported(tmp_path: Path) -> None:
    text = GOOD.replace(f'size = 340256690\nsha256 = "{SHA}"\n', "")
    entry = read_entry(written(tmp_path, text))
    assert (entry.pinned, entry.size) == (False, None)


WRONG = {
    "unknown-key": ('vendor = "TencentARC"', 'vendor = "x"\nvendr = "y"', "vendr is not a key"),
    "misspelt-hash": ("crc32 = ", "sha265 = ", "files.sha265 is not a key"),
    "no-title": ('title = "GFPGAN 1.4"\n', "", "title is missing"),
    "number-for-text": ('title = "GFPGAN 1.4"', "title = 14", "title is not a line of text"),
    "two-lines": ('title = "GFPGAN 1.4"', r'title = "a\nb"', "title is not a line of text"),
    "escape-sequence": ('title = "GFPGAN 1.4"', r'title = "a\u001b[31m"', "title is not a line of text"),
    "year-as-text": ("year = 2022", 'year = "2022"', "year is not a whole number"),
    "year-as-flag": ("year = 2022", "year = true", "year is not a whole number"),
    "zero-preference": ("preference = 60", "preference = 0", "preference is not a whole number from 1"),
    "limit": ('limit = "none"', 'limit = "free"', "licence.limit is none of"),
    "spdx": ('spdx = "Apache-2.0"', 'spdx = "Apache 2.0!"', "licence.spdx is not written"),
    "short-hash": (f'sha256 = "{SHA}"\ncrc32', 'sha256 = "0123"\ncrc32', "files.sha256 is not written"),
    "upper-case-hash": (
        f'sha256 = "{SHA}"\ncrc32', f'sha256 = "{SHA.upper()}"\ncrc32', "files.sha256 is not written"
    ),
    "crc32": ('"0badcafe"', '"badcafe"', "files.crc32 is not written"),
    "no-size": ("size = 340256690", "size = -1", "files.size is not a whole number"),
    "http": ('"https://models.example/GF', '"http://models.example/GF', "files.sources.url is not an https"),
    "file": ('"https://models.example/GF', '"file:///etc/', "files.sources.url is not an https"),
    "password": ('"https://models.example/GF', '"https://me:you@models.example/', "is not an https address"),
    "no-host": ('"https://models.example/GF', '"https:///', "is not an https address"),
    "bad-port": ('"https://models.example/GF', '"https://models.example:99999/', "is not an https address"),
    "licence-url": ("https://models.example/licence", "javascript:alert(1)", "licence.url is not an https"),
    "name-up": ('"GFPGANv1.4.onnx"', '"../GFPGANv1.4.onnx"', "files.name is not written"),
    "name-absolute": ('"GFPGANv1.4.onnx"', '"/etc/passwd"', "files.name is not written"),
    "name-windows": ('"GFPGANv1.4.onnx"', '"con.onnx"', "files.name is a name that is kept"),
    "name-record": ('"GFPGANv1.4.onnx"', '"installed.json"', "files.name is a name that is kept"),
    "name-part": ('"GFPGANv1.4.onnx"', '"model.onnx.part"', "files.name is a name that is kept"),
    "name-copy": ('"GFPGANv1.4.onnx"', '"model.onnx.copy"', "files.name is a name that is kept"),
    "name-wheel": ('"GFPGANv1.4.onnx"', '"model.onnx.whl"', "files.name is a name that is kept"),
    "name-new": ('"GFPGANv1.4.onnx"', '"model.onnx.part.json.new"', "files.name is a name that is kept"),
    "name-upper-case": ('"GFPGANv1.4.onnx"', '"model.onnx.PART"', "files.name is a name that is kept"),
    "name-dot": ('"GFPGANv1.4.onnx"', '"model.onnx."', "files.name is a name that is kept"),
    "name-long": ('"GFPGANv1.4.onnx"', f'"{"a" * 101}"', "files.name is not written"),
    "member-up": ("face_models/gfpgan.onnx", "face_models/../../x.onnx", "member leads out of the wheel"),
    "member-absolute": ("face_models/gfpgan.onnx", "/etc/passwd", "member leads out of the wheel"),
    "member-drive": ("face_models/gfpgan.onnx", "C:/gfpgan.onnx", "member leads out of the wheel"),
    "member-backslash": ("face_models/gfpgan.onnx", r"..\\gfpgan.onnx", "member leads out of the wheel"),
    "wheel-name": ("face_models-1.5.0-py3-none-any.whl", "../x.whl", "files.sources.wheel is not written"),
    "wheel-without-hash": (f'sha256 = "{SHA}"\nsize = 6', "size = 6", "files.sources.sha256 is missing"),
    "contract": ('"face-restoration-512"', '"face-restoration-9"', "is unknown to this version"),
    "role": ('role = "face-restoration"', 'role = "parsing"', "role is not face-restoration"),
    "network": ('network = "model"', 'network = "generator"', "files.network is not each of model"),
    "no-network": ('network = "model"\n', "", "files.network is not each of model"),
    "sources-as-text": ("[[files.sources]]\nurl", "[files.sources]\nurl", ""),
    "no-files": ("[[files]]", "[[fils]]", "files is not a list of tables"),
    "binary": ("GFPGAN 1.4", "\x00", ""),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "cause"), WRONG.values(), ids=WRONG)
def test_what_breaks_the_schema_is_refused_with_file_and_key(
    tmp_path: Path, old: str, new: str, cause: str
) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ModelStoreError) as raised:
        read_entry(path)
    said = str(raised.value)
    assert str(path) in said
    assert cause in said
    assert said.endswith("; correct or delete it.")
    assert "\n" not in said


def test_two_files_of_one_name_are_refused_though_their_case_differs(tmp_path: Path) -> None:
    text = GOOD + '\n[[files]]\nname = "gfpganV1.4.ONNX"\n'
    with pytest.raises(ModelStoreError, match="files.name has .gfpganv1.4.onnx. twice"):
        read_entry(written(tmp_path, text))


def test_data_beside_a_network_is_a_file_without_a_network(tmp_path: Path) -> None:
    text = GOOD + '\n[[files]]\nname = "GFPGANv1.4.data"\n'
    entry = read_entry(written(tmp_path, text))
    assert [file.network for file in entry.files] == ["model", None]
    assert not entry.pinned


@pytest.mark.parametrize(
    "name",
    [
        *("Gfpgan.toml", "a b.toml", "-a.toml", "a..b.toml", "a..toml"),
        *("con.toml", "nul.1.toml", "com1.toml"),
        f"{'a' * 101}.toml",
    ],
)
def test_an_id_must_be_a_folder_on_every_system(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelStoreError, match="file's name"):
        read_entry(written(tmp_path, GOOD, name))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/m", "http://localhost/m", "http://[::1]:80/m"])
def test_http_is_allowed_to_this_very_machine(tmp_path: Path, url: str) -> None:
    text = GOOD.replace("https://models.example/GFPGANv1.4.onnx", url)
    assert read_entry(written(tmp_path, text)).files[0].sources[0] == HttpsSource(url)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelStoreError, match="No such file or directory"):
        read_entry(tmp_path / "none.toml")
