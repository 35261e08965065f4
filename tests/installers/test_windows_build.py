"""How the Windows installer is made: what goes in is checked, and the same goes out each time."""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from installers.windows import interpreter, pictures
from installers.windows.build import HERE, append, compile_window, described
from installers.windows.interpreter import BuildError, check_signatures, search_path
from installers.windows.setup.payload import open_payload
from installers.windows.signature import SignatureFault, _split, signer

ROOT = Path(__file__).parents[2]
LANGUAGES = {"ENGLISH", "GERMAN", "FRENCH", "SPANISH", "JAPANESE", "SIMPCHINESE"}
LONGEST = 1023
"""Characters of a text of NSIS; it cuts off what is longer."""
EPOCH = 1_700_000_000


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    try:
        return interpreter.fetch(tmp_path_factory.mktemp("python"))
    except BuildError as reason:
        if "cannot be trusted" in str(reason) or "checked" in str(reason):
            raise
        pytest.skip(f"no package index: {reason}")


def test_every_program_of_cpython_is_signed_by_its_publisher(python: dict[str, bytes]) -> None:
    assert signer(python["python.exe"]) == signer(python["python313.dll"]) == "Python Software Foundation"
    assert signer(python["vcruntime140.dll"]) == "Microsoft Corporation"
    assert set(interpreter.SMALL) <= set(python)


def test_a_changed_program_is_found_out(python: dict[str, bytes]) -> None:
    program = python["python.exe"]
    for place in (100, 5000, 60_000):
        changed = bytearray(program)
        changed[place] ^= 1
        with pytest.raises(SignatureFault, match="its content is not what was signed"):
            signer(bytes(changed))
    with pytest.raises(SignatureFault, match="something was added after its signature"):
        signer(program + b"more")
    with pytest.raises(BuildError, match=r"'python.exe' of CPython cannot be trusted: its content is not"):
        check_signatures({"python.exe": bytes(changed)})


def test_a_signature_of_something_else_is_found_out(python: dict[str, bytes]) -> None:
    """A changed program whose signature names its new digest: what was signed named another."""
    changed = bytearray(python["python.exe"])
    _, before = _split(bytes(changed))
    changed[5000] ^= 1
    _, after = _split(bytes(changed))
    digests = [hashlib.sha256(hashed).digest() for hashed in (before, after)]
    assert bytes(changed).count(digests[0]) >= 1
    with pytest.raises(SignatureFault, match="its digest is not what was signed"):
        signer(bytes(changed).replace(*digests))


def test_what_is_not_signed_is_refused(python: dict[str, bytes]) -> None:
    with pytest.raises(SignatureFault, match="it is no Windows program"):
        signer(b"MZ" + bytes(2000))
    with pytest.raises(SignatureFault, match="it is no Windows program"):
        signer(b"")
    unsigned = bytearray(python["python.exe"])
    (header,) = struct.unpack_from("<I", unsigned, 0x3C)
    struct.pack_into("<II", unsigned, header + 24 + 112 + 8 * 4, 0, 0)
    with pytest.raises(SignatureFault, match="it is not signed"):
        signer(bytes(unsigned))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interpreter, "SIGNERS", {"Python Software Foundation"})
        with pytest.raises(BuildError, match="is signed by 'Microsoft Corporation', who should not have"):
            check_signatures({"vcruntime140.dll": python["vcruntime140.dll"]})


def test_this_python_looks_for_modules_nowhere_else() -> None:
    assert search_path("site-packages") == b"python313.zip\r\n.\r\nsite-packages\r\n"


def test_every_sentence_is_there_in_every_language() -> None:
    text = (HERE / "sentences.nsh").read_text("utf-8")
    found = re.findall(r'^LangString (\w+) \$\{LANG_(\w+)\} "([^"\n]+)"$', text, re.MULTILINE)
    assert len(found) == text.count("LangString ")
    names = {name for name, _, _ in found}
    assert {(name, language) for name, language, _ in found} == {
        (name, language) for name in names for language in LANGUAGES
    }
    used = set(re.findall(r"\$\((\w+)\)", (HERE / "softlight.nsi").read_text("utf-8")))
    assert used == names
    for name, language, sentence in found:
        assert len(sentence) < LONGEST, (name, language)
    for name in names:
        assert len({sentence for one, _, sentence in found if one == name}) == len(LANGUAGES), name
    shown = set(re.findall(r"MUI_LANGUAGE (\w+)", (HERE / "softlight.nsi").read_text("utf-8")))
    assert {language.upper() for language in shown} == LANGUAGES


def test_nsis_takes_the_script_and_gives_the_same_bytes_each_time(tmp_path: Path) -> None:
    if shutil.which("makensis") is None:
        pytest.skip("makensis is not installed (apt-get install nsis)")
    made = []
    for number in ("first", "second"):
        work = tmp_path / number
        (work / "setup/lib").mkdir(parents=True)
        (work / "tree/a").mkdir(parents=True)
        for name in ("tree/python.exe", "tree/a/ü.py", "setup/python.exe", "setup/lib/b.py"):
            (work / name).write_text(name, "utf-8")
        pictures.draw(work)
        payload = described(work / "tree", "0.1.0", "directml")
        exe = work / "softlight.exe"
        compile_window(work / "setup", exe, "0.1.0", payload, ROOT, EPOCH)
        append(exe, work / "tree", payload, EPOCH, quick=False)
        made.append(exe.read_bytes())
    assert made[0] == made[1]
    assert made[0][:2] == b"MZ"
    archive, found = open_payload(exe)
    with archive:
        assert found == payload and archive.read("a/ü.py").decode() == "tree/a/ü.py"
        assert all(entry.compress_type == zipfile.ZIP_LZMA for entry in archive.infolist())


def test_the_small_python_has_what_setup_imports() -> None:
    """What the embeddable Python keeps in files of its own, and `setup` loads through Softlight's modules."""
    separate = {"_asyncio", "_ctypes", "_decimal", "_elementtree", "_lzma", "_multiprocessing", "_queue"}
    separate |= {"_socket", "_sqlite3", "_ssl", "_uuid", "_zoneinfo", "pyexpat", "select", "unicodedata"}
    # As that Python starts, without what this environment and its tests have loaded.
    paths = [str(ROOT / part) for part in (".", "core", "plugins/bridge", "model_store")]
    asked = (
        f"import sys; sys.path[:0] = {paths!r}; import installers.windows.setup.__main__; print(*sys.modules)"
    )
    command = [sys.executable, "-I", "-S", "-c", asked]
    loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert {f"{name}.pyd" for name in separate & loaded} <= set(interpreter.SMALL)
