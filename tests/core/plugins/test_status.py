"""`status` names the reason for which Softlight would not appear: each that users were seen to run into."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from softlight.plugins import gimp, krita
from softlight.plugins.hosts import Host
from softlight.plugins.installing import install
from softlight.plugins.machine import System
from softlight.plugins.status import problems, strays
from tests.core.plugins.conftest import KINDS, SYSTEMS, Computer, touch

REPOSITORY = Path(__file__).parents[3]


def host_on(here: Computer, kind: str) -> Host:
    if kind == "krita":
        (host,) = krita.find(here.machine, assumed=True)
        return host
    here.gimp_profile("3.0" if kind == "gimp" else "2.10")
    (host,) = gimp.find(here.machine)
    return host


def told(host: Host, here: Computer) -> str:
    """The one reason, which is one sentence that ends with what to do."""
    (sentence,) = problems(host, here.machine)
    assert sentence.endswith(".") and not re.search(r"[.!?] [A-Z]", sentence), sentence
    return sentence


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_not_installed(linux: Computer, kind: str) -> None:
    assert told(host_on(linux, kind), linux) == "It is not installed; run 'softlight plugins install'."


def test_it_is_installed_for_another_version_of_gimp(linux: Computer) -> None:
    old = host_on(linux, "gimp")
    install(old, linux.machine)
    linux.gimp_profile("3.2")
    _, new = gimp.find(linux.machine)
    assert told(new, linux) == (
        f"It is installed for another version, in '{old.target}', and GIMP 3.2 has its own; "
        "run 'softlight plugins install'."
    )


def change_record(host: Host, **values: object) -> None:
    path = host.target / "engine.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **values}), "utf-8")


def remove_desktop_file(host: Host) -> None:
    (host.plugin_folder / "softlight_krita.desktop").unlink()


def switch_off(host: Host) -> None:
    assert host.kritarc is not None
    host.kritarc.write_text("[python]\nenable_softlight_krita=false\n")


def forget_settings(host: Host) -> None:
    assert host.kritarc is not None
    host.kritarc.unlink()


def python_that_fails(host: Host) -> None:
    python = host.target.parent.parent / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    change_record(host, cli=[str(python), "-I", "-m", "softlight"])


def python_of_another_version(host: Host) -> None:
    python = host.target.parent.parent / "python"
    python.write_text("#!/bin/sh\necho softlight 7.1\n")
    python.chmod(0o755)
    change_record(host, cli=[str(python), "-I", "-m", "softlight"])


DAMAGE: list[tuple[str, Callable[[Host], object], str]] = [
    ("gimp", lambda host: (host.target / "softlight.py").chmod(0o644), "is not executable, so GIMP skips it"),
    ("gimp210", lambda host: (host.target / "softlight.py").chmod(0o644), "softlight.py' is not executable"),
    ("gimp", lambda host: (host.target / "softlight.py").unlink(), "softlight.py' is missing"),
    ("gimp", lambda host: shutil.rmtree(host.target / "softlight_bridge"), "softlight_bridge/.*' is missing"),
    ("gimp", lambda host: (host.target / "filters.json").write_text("{"), "filters.json' is damaged"),
    ("krita", lambda host: shutil.rmtree(host.target / "carried"), "carried/softlight_bridge/.*' is missing"),
    ("krita", remove_desktop_file, "softlight_krita.desktop' is missing, which Krita finds the plug-in by"),
    ("krita", lambda host: shutil.rmtree(host.target), "is missing beside its description"),
    ("krita", switch_off, "It is switched off in '.*kritarc'"),
    ("krita", forget_settings, "It is switched off in '.*kritarc'"),
    ("gimp", lambda host: change_record(host, version="0.0.1"), "is of version 0.0.1, and this Softlight is"),
    ("gimp", lambda host: change_record(host, cli=["/gone/python", "-I"]), "Python '/gone/python' is gone"),
    ("krita", python_that_fails, "cannot start Softlight; install Softlight anew"),
    ("krita", python_of_another_version, "runs softlight 7.1, and the plug-in is of version"),
    ("gimp", lambda host: (host.target / "engine.json").unlink(), "was not made by"),
    ("gimp", lambda host: (host.target / "engine.json").write_text("{}"), "was not made by"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "damage", "words"), DAMAGE, ids=[words for *_, words in DAMAGE])
def test_what_was_damaged_since(
    linux: Computer, kind: str, damage: Callable[[Host], object], words: str
) -> None:
    host = host_on(linux, kind)
    install(host, linux.machine)
    assert problems(host, linux.machine) == ()
    damage(host)
    found = problems(host, linux.machine)
    assert re.search(words, found[0]), found
    assert "run 'softlight plugins install'" in found[0]


GIMP_SOURCES = REPOSITORY / "plugins" / "gimp" / "softlight_gimp"
KRITA_SOURCES = REPOSITORY / "plugins" / "krita" / "softlight_krita"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("softlight.py", "lies directly in GIMP's folder of plug-ins"),
        ("softlight_gimp", "must be called 'softlight', like the script in it"),
        ("Softlight", "must be called 'softlight'"),
        ("softlight-main/plugins/gimp/softlight_gimp", "lies too deep for GIMP to find"),
        ("copied/softlight", "lies too deep for GIMP to find"),
    ],
)
def test_copied_by_hand_to_a_wrong_place_of_gimp(linux: Computer, place: str, words: str) -> None:
    host = host_on(linux, "gimp")
    target = host.plugin_folder / place
    if target.suffix:
        shutil.copy(GIMP_SOURCES / "softlight.py", target)
    else:
        shutil.copytree(GIMP_SOURCES, target)
    assert words in told(host, linux)
    install(host, linux.machine)
    assert problems(host, linux.machine) == ()
    (stray,) = strays(host)
    assert str(target.parent if target.suffix else target) in stray and stray.endswith("delete it.")


@pytest.mark.parametrize(
    "place",
    [
        "softlight_krita",
        "pykrita/softlight-main/plugins/krita/softlight_krita",
        "pykrita/softlight_krita.zip/softlight_krita",
    ],
)
def test_copied_by_hand_to_a_wrong_place_of_krita(linux: Computer, place: str) -> None:
    host = host_on(linux, "krita")
    (host.profile / place).parent.mkdir(parents=True)
    shutil.copytree(KRITA_SOURCES, host.profile / place)
    sentence = told(host, linux)
    assert str(host.profile / place) in sentence
    assert f"directly in '{host.plugin_folder}'" in sentence
    install(host, linux.machine)
    assert problems(host, linux.machine) == ()


def test_copied_by_hand_to_the_right_place(linux: Computer) -> None:
    """It would appear and then not find its engine."""
    host = host_on(linux, "krita")
    host.plugin_folder.mkdir(parents=True)
    shutil.copytree(KRITA_SOURCES, host.target)
    assert "so it does not know its engine; delete it" in told(host, linux)


def test_an_engine_without_its_packages(linux: Computer) -> None:
    """As after `pip install --no-deps`, or with no onnxruntime."""
    host = host_on(linux, "gimp")
    install(host, linux.machine)
    linux.crippled = True
    assert told(host, linux).endswith("lacks a package that it needs; install Softlight anew.")


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("kind", ["gimp", "gimp210"])
def test_gimps_preferences_name_other_folders(
    computer: Callable[[System], Computer], system: System, kind: str
) -> None:
    here = computer(system)
    host = host_on(here, kind)
    install(host, here.machine)
    end = ";" if system == "windows" else ":"
    own = str(host.plugin_folder).replace("\\", "\\\\").replace("'", "\\'")
    for line, found in (
        (f'# (plug-in-path "/comment{end}/only")', True),
        (f'(plug-in-path "/elsewhere{end}${{gimp_dir}}/plug-ins{end}${{gimp_plug_in_dir}}/plug-ins")', True),
        (f'(plug-in-path "{own}")', True),
        (f'(plug-in-path "/elsewhere{end}${{gimp_plug_in_dir}}/plug-ins")', False),
    ):
        (host.profile / "gimprc").write_text(f"# GIMP gimprc\n{line}\n(undo-levels 5)\n", "utf-8")
        if found:
            assert problems(host, here.machine) == ()
        else:
            assert told(host, here) == (
                f"{host.label} does not look for plug-ins in '{host.plugin_folder}'; add that folder in its "
                "Preferences > Folders > Plug-ins."
            )


def test_several_reasons_are_all_told(linux: Computer) -> None:
    host = host_on(linux, "krita")
    install(host, linux.machine)
    remove_desktop_file(host)
    switch_off(host)
    change_record(host, cli=["/gone/python"])
    assert len(problems(host, linux.machine)) == 3


def test_a_host_that_is_too_old_is_the_reason_before_all_others(linux: Computer) -> None:
    linux.krita("5.0.2")
    (host,) = krita.find(linux.machine)
    assert told(host, linux) == "Krita 5.0.2 is too old for Softlight; update it to Krita 5.1 or newer."


def test_the_engine_is_tried_as_a_flatpak_would_start_it(linux: Computer) -> None:
    host = host_on(linux, "krita")
    install(host, linux.machine)
    cli = json.loads((host.target / "engine.json").read_text("utf-8"))["cli"]
    change_record(host, cli=["flatpak-spawn", "--host", *cli])
    assert problems(host, linux.machine) == ()


def test_somebody_elses_plug_ins_are_no_copies(linux: Computer) -> None:
    host = host_on(linux, "gimp")
    install(host, linux.machine)
    touch(host.plugin_folder / "resynth" / "resynth.py")
    assert strays(host) == ()
    assert problems(host, linux.machine) == ()
