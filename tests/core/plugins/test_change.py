"""Files and folders are replaced together, or not at all, whatever happens in between."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from softlight.plugins.change import Item, leftovers, recover, replace_all
from tests.core.plugins.conftest import tree
from tests.full_disks import mounted

NEW = {"a.py": b"new", "inner/b.py": b"also new"}


def furnished(folder: Path) -> dict[str, bytes | None]:
    """An old version of everything, and something else beside it."""
    (folder / "ours" / "inner").mkdir(parents=True)
    (folder / "ours" / "a.py").write_bytes(b"old")
    (folder / "ours" / "gone.py").write_bytes(b"old")
    (folder / "settings").write_bytes(b"old settings")
    (folder / "settings").chmod(0o600)
    (folder / "other").write_bytes(b"other")
    return tree(folder)


def items(folder: Path) -> list[Item]:
    executable = frozenset({"a.py"})
    return [
        Item(folder / "ours", NEW, executable),
        Item(folder / "settings", b"new settings"),
        Item(folder / "third", b"third"),
    ]


def test_everything_is_replaced(tmp_path: Path) -> None:
    furnished(tmp_path)
    replace_all(items(tmp_path))
    assert tree(tmp_path) == {
        "other": b"other",
        "ours": None,
        "ours/a.py": b"new",
        "ours/inner": None,
        "ours/inner/b.py": b"also new",
        "settings": b"new settings",
        "third": b"third",
    }
    if os.name == "posix":
        assert (tmp_path / "ours/a.py").stat().st_mode & 0o777 == 0o755
        assert (tmp_path / "ours/inner/b.py").stat().st_mode & 0o777 == 0o644
        assert (tmp_path / "settings").stat().st_mode & 0o777 == 0o600


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "kritarc").write_bytes(b"old")
    (tmp_path / "kritarc").symlink_to("dotfiles/kritarc")
    replace_all([Item(tmp_path / "kritarc", b"new")])
    assert (tmp_path / "kritarc").is_symlink()
    assert (tmp_path / "dotfiles" / "kritarc").read_bytes() == b"new"
    assert leftovers(tmp_path / "kritarc") == []


@pytest.mark.parametrize("fails", range(6))
@pytest.mark.parametrize("reason", [OSError(errno.EACCES, "no"), KeyboardInterrupt()])
def test_whichever_rename_fails_all_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: int, reason: BaseException
) -> None:
    before = furnished(tmp_path)
    calls = 0
    original: dict[str, Callable[..., None]] = {"rename": os.rename, "replace": os.replace}

    def failing(name: str) -> Callable[..., None]:
        def call(source: object, target: object) -> None:
            nonlocal calls
            calls += 1
            if calls == fails + 1:
                raise reason
            original[name](source, target)

        return call

    monkeypatch.setattr(os, "rename", failing("rename"))
    monkeypatch.setattr(os, "replace", failing("replace"))
    if fails < 4:  # the old folder away, the new one, and two files in their places
        with pytest.raises(type(reason)):
            replace_all(items(tmp_path))
        assert tree(tmp_path) == before
    else:
        replace_all(items(tmp_path))
        assert tree(tmp_path) != before


def test_when_going_back_fails_as_well_the_old_version_is_kept_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = furnished(tmp_path)
    with monkeypatch.context() as broken:

        def fail(source: object, target: object) -> None:
            raise OSError(errno.EIO, "the disk has gone")

        broken.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="the disk has gone"):
            replace_all(items(tmp_path))
    assert not (tmp_path / "ours").exists()
    assert recover([item.target for item in items(tmp_path)])
    assert tree(tmp_path) == before
    assert not recover([item.target for item in items(tmp_path)])


@pytest.mark.parametrize("stops", ["before", "between", "after"])
def test_a_killed_process_leaves_what_can_be_recovered(tmp_path: Path, stops: str) -> None:
    """A power cut: the process ends for good around the rename that puts the new folder in place."""
    before = furnished(tmp_path)
    program = f"""
        import os
        from pathlib import Path
        from softlight.plugins.change import replace_all
        from tests.core.plugins.test_change import items
        rename, replace, stops = os.rename, os.replace, {stops!r}
        def renaming(source, target):
            if stops == "before":
                os._exit(9)
            rename(source, target)
            if stops == "between":
                os._exit(9)
        def replacing(source, target):
            replace(source, target)
            os._exit(9)
        os.rename, os.replace = renaming, replacing
        replace_all(items(Path({str(tmp_path)!r})))
    """
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 9, done.stderr
    targets = [item.target for item in items(tmp_path)]
    assert any(leftovers(target) for target in targets)
    assert recover(targets)
    after = tree(tmp_path)
    if stops == "after":
        assert after["ours/a.py"] == b"new"
        assert {name for name in after if "softlight" in name} == set()
    else:
        assert after == before


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk:
        before = furnished(disk)
        for full in (
            [Item(disk / "ours", {"a.py": b"new", "large.py": bytes(200_000)})],
            [*items(disk), Item(disk / "large", bytes(200_000))],
        ):
            with pytest.raises(OSError) as caught:
                replace_all(full)
            assert caught.value.errno == errno.ENOSPC
            assert tree(disk) == before


def test_nobody_elses_files_are_taken_for_leftovers(tmp_path: Path) -> None:
    for name in (".softlight-ours.old", ".softlight-0123456789abcdef-others.old", "softlight.part"):
        (tmp_path / name).write_bytes(b"")
    before = tree(tmp_path)
    assert not recover([tmp_path / "ours"])
    assert tree(tmp_path) == before
