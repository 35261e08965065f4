"""One line of Krita's settings changes, and every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight.plugins import kritarc

NAME = "softlight_krita"
ON = b"enable_softlight_krita=true"

REAL = "\n".join(
    [
        "baseLength=60",
        "umlaut=Größe",
        "",
        "[MainWindow][Toolbar brushes]",
        "enable_softlight_krita=nonsense",
        "",
        "[python]",
        "enable_tenbrushes=true",
        "enable_krita_vision=false",
        "",
        "[theme]",
        "Theme=Krita dark",
        "",
    ]
).encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"[python]\n" + ON + b"\n"),
        (b"a=1\n", b"a=1\n\n[python]\n" + ON + b"\n"),
        (b"a=1", b"a=1\n\n[python]\n" + ON + b"\n"),
        (b"a=1\r\n", b"a=1\r\n\r\n[python]\r\n" + ON + b"\r\n"),
        (b"[python]", b"[python]\n" + ON + b"\n"),
        (b"[python]\nenable_other=true\n", b"[python]\n" + ON + b"\nenable_other=true\n"),
        (b"[python]\nenable_softlight_krita=false\n", b"[python]\n" + ON + b"\n"),
        (b"[python]\nenable_softlight_krita[$i]=false", b"[python]\n" + ON),
        (b"[python]\r\nenable_softlight_krita=false\r\nb=1\r\n", b"[python]\r\n" + ON + b"\r\nb=1\r\n"),
        (b"[python]\n" + ON + b"\n", b"[python]\n" + ON + b"\n"),
        (b"[a]\nenable_softlight_krita=true\n", b"[a]\n" + ON + b"\n\n[python]\n" + ON + b"\n"),
    ],
)
def test_switching_on(before: bytes, after: bytes) -> None:
    assert kritarc.with_plugin(before, NAME) == after
    assert kritarc.with_plugin(after, NAME) == after
    assert kritarc.value(after, "python", "enable_softlight_krita") == "true"


def test_the_rest_of_a_real_file_stays_byte_for_byte() -> None:
    changed = kritarc.with_plugin(REAL, NAME)
    assert changed == REAL.replace(b"[python]\n", b"[python]\n" + ON + b"\n")
    assert kritarc.without_plugin(changed, NAME) == REAL


def test_a_group_that_came_with_the_plug_in_goes_with_it() -> None:
    for before in (b"", b"a=1\n", b"a=1\n\n[theme]\nTheme=x\n"):
        assert kritarc.without_plugin(kritarc.with_plugin(before, NAME), NAME) == before


def test_what_the_docker_remembers_is_a_group_of_its_own() -> None:
    content = b"a=1\n\n[softlight]\nkeep={}\n\n[theme]\nTheme=x\n"
    assert kritarc.without_group(content, "softlight") == b"a=1\n\n[theme]\nTheme=x\n"
    assert kritarc.without_group(content, "soft") == content


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"ResourceDirectory=/data/me\n", "/data/me"),
        (b"ResourceDirectory[$e]=/data/me\n", "/data/me"),
        (b"ResourceDirectory=C:\\\\Users\\\\me\n", "C:\\Users\\me"),
        (b"ResourceDirectory=/Zo\xc3\xab\n", "/Zoë"),
        (b"[general]\nResourceDirectory=/data/me\n", None),
        (b"ResourceDirectoryOld=/x\n", None),
        (b"ResourceDirectory=/a\nResourceDirectory=/b\n", "/b"),
    ],
)
def test_reading_a_value_before_all_groups(content: bytes, value: str | None) -> None:
    assert kritarc.value(content, "", "ResourceDirectory") == value


LINES = st.lists(
    st.sampled_from(
        ["", "a=1", "[python]", "[x]", "[a][b]", "enable_other=true", "enable_softlight_krita=false", "# no"]
    )
)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_file_is_switched_on_once_and_keeps_its_other_lines(
    lines: list[str], end: str, ended: bool
) -> None:
    before = end.join(lines).encode() + (end.encode() if ended else b"")
    after = kritarc.with_plugin(before, NAME)
    assert kritarc.value(after, "python", "enable_softlight_krita") == "true"
    assert kritarc.with_plugin(after, NAME) == after
    away = (b"enable_softlight_krita", b"[python]")

    def others(content: bytes) -> list[bytes]:
        return [line for line in content.splitlines() if line and not line.startswith(away)]

    assert others(after) == others(before)
    off = kritarc.without_plugin(after, NAME)
    assert kritarc.value(off, "python", "enable_softlight_krita") is None
    assert others(off) == others(before)
