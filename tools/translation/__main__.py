"""``python -m tools.translation [LANGUAGE …]``: renew the template, all languages, and what programs read.

A LANGUAGE that there is no file of yet is begun. ``python -m tools.translation check [LANGUAGE …]`` changes
nothing, and says what is wrong with these languages, or with all.
"""

from __future__ import annotations

import sys

from tools.translation.catalogue import (
    FOLDER,
    TEMPLATE,
    catalogue,
    compiled,
    compiled_path,
    languages,
    read,
    renewed,
    written,
)
from tools.translation.checks import problems
from tools.translation.sources import texts


def check(chosen: list[str]) -> int:
    """Print what is wrong, and return how much that is."""
    count = 0
    for language in chosen or languages():
        found = problems(read(FOLDER / f"{language}.po"))
        count += len(found)
        print("\n".join([*(f"{language}: {one}" for one in found), f"{language}: {len(found)} to be mended"]))
    return count


def renew(begun: list[str]) -> None:
    """Renew all files, and say how far each language is."""
    template = catalogue(texts())
    TEMPLATE.write_bytes(written(template))
    print(f"{TEMPLATE.name}: {len(template)} texts")
    for language in sorted({*languages(), *begun}):
        found = renewed(language, template)
        (FOLDER / f"{language}.po").write_bytes(written(found))
        target = compiled_path(language)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(compiled(language))
        print(f"{language}: {len(problems(found))} to be mended")


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        sys.exit(1 if check(sys.argv[2:]) else 0)
    renew(sys.argv[1:])
