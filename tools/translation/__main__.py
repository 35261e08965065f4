"""``python -m tools.translation [LANGUAGE …]``: renew the template, all languages, and what programs read.

A LANGUAGE that there is no file of yet is begun.
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
    renewed,
    written,
)
from tools.translation.sources import texts


def main(begun: list[str]) -> None:
    """Do it, and say how far each language is."""
    template = catalogue(texts())
    TEMPLATE.write_bytes(written(template))
    print(f"{TEMPLATE.name}: {len(template)} texts")
    for language in sorted({*languages(), *begun}):
        found = renewed(language, template)
        (FOLDER / f"{language}.po").write_bytes(written(found))
        target = compiled_path(language)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(compiled(language))
        missing = sum(1 for one in found if one.id and (one.fuzzy or not _whole(one.string)))
        print(f"{language}: {missing} missing")


def _whole(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    main(sys.argv[1:])
