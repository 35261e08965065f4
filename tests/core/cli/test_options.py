from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from softlight.cli.options import add_filter_options, build_parser, filter_arguments
from softlight.filters.dewrinkle.settings import SPEC, DewrinkleSettings, Target
from softlight.filters.shared_parameters import LayerKind
from softlight.filters.specification import Choice, FilterSpec, Parameter, settings_from_arguments

REQUIRED = ["dewrinkle", "photo.png", "--mask", "mask.png", "-o", "out.ora"]

EVERY_KIND = FilterSpec(
    name="sample",
    label="Sample",
    help="Has every kind of parameter.",
    parameters=(
        Parameter("share", "number", "Share", "100 % is 1.", 0.5, minimum=0.0, maximum=1.0),
        Parameter(
            "size", "number", "Size", "Found when left out.", None, minimum=1.0, maximum=9.0, unit="px"
        ),
        Parameter(
            "way", "choice", "Way", "Which way.", "up", choices=(Choice("up", "Up"), Choice("down", "Down"))
        ),
        Parameter("keep_moles", "flag", "Keep moles", "Leave moles alone.", True),
    ),
)


def dewrinkle_settings(*options: str) -> DewrinkleSettings:
    parsed = build_parser().parse_args([*REQUIRED, *options])
    return settings_from_arguments(SPEC, DewrinkleSettings, filter_arguments(parsed, SPEC))


def parse_sample(*options: str) -> dict[str, object]:
    parser = argparse.ArgumentParser()
    add_filter_options(parser, EVERY_KIND)
    return filter_arguments(parser.parse_args(options), EVERY_KIND)


def test_options_left_out_leave_the_defaults() -> None:
    assert dewrinkle_settings() == DewrinkleSettings()


def test_every_setting_of_dewrinkle_has_an_option() -> None:
    regions = [parameter.name for parameter in SPEC.parameters if parameter.group == "Regions"]
    given = ["--target=everything", "--strength=0.5", "--keep-texture=0.25", "--feather=0.1"]
    given += ["--face-size=300", "--layer=normal", "--faces=3,1", "--no-protect"]
    given += [f"--{name.replace('_', '-')}=0.{number}" for number, name in enumerate(regions)]
    assert dewrinkle_settings(*given) == DewrinkleSettings(
        target=Target.EVERYTHING,
        strength=0.5,
        faces="1,3",
        protect=False,
        keep_texture=0.25,
        feather=0.1,
        face_size=300.0,
        layer=LayerKind.NORMAL,
        **{name: number / 10 for number, name in enumerate(regions)},
    )
    assert len(regions) == 9


def test_face_size_can_be_left_to_the_filter_by_name() -> None:
    assert dewrinkle_settings("--face-size=auto").face_size is None


def test_each_kind_of_parameter_becomes_an_option() -> None:
    assert parse_sample() == {}
    assert parse_sample("--share", "1e-1", "--size", "2", "--way", "down", "--no-keep-moles") == {
        "share": 0.1,
        "size": 2.0,
        "way": "down",
        "keep_moles": False,
    }
    assert parse_sample("--keep-moles", "--size", "auto") == {"keep_moles": True, "size": None}


def test_the_help_shows_defaults_and_percent_signs() -> None:
    parser = argparse.ArgumentParser()
    add_filter_options(parser, EVERY_KIND)
    text = " ".join(parser.format_help().split())
    assert "100 % is 1. Default: 0.5." in text
    assert "Found when left out. Default: auto." in text
    assert "--way up|down Which way. Default: up." in text


@pytest.mark.parametrize(
    "arguments", [["--help"], ["dewrinkle", "--help"], ["doctor", "--help"], ["--version"]]
)
def test_help_waits_for_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from softlight.cli import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "except SystemExit as leaving:\n"
        "    assert leaving.code == 0\n"
        "heavy = {'numpy', 'cv2', 'PIL', 'onnxruntime', 'tifffile', 'imagecodecs'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(("usage: softlight", "softlight 0."))
