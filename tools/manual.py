"""Build the manual of `docs/` as a site that needs no network.

    python -m tools.manual build/manual

Sphinx with MyST and Furo makes it. Links that lead nowhere and missing pictures are errors. The order of the
pages is that of the lists in `docs/index.md`, which so can be read on a code-hosting page as well; the model
cards, which lie beside the weights, come along.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WEIGHTS = ROOT / "model_store" / "softlight_models" / "weights"
CARD = re.compile(r"\.\./model_store/softlight_models/weights/([a-z-]+)/MODEL_CARD\.md")
"""How a page links a model card."""
LISTED = re.compile(r"^- \[.+?\]\(([\w./-]+)\.md\)", re.MULTILINE)
"""An entry of the table of contents."""
LISTS = ("index", "model-cards")
"""The pages whose lists are the table of contents."""
FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
"""What a browser fetches by itself when it shows a page: the attribute of each element."""
ELSEWHERE = re.compile(r"^(?:https?:)?//")
IN_STYLES = re.compile(r"url\(\s*[\"']?(?:https?:)?//[^)]*\)|@import[^;]*//[^;]*;")


def main() -> int:
    """Build into the folder that the command line names, and return the exit status."""
    parser = argparse.ArgumentParser(description="Build the manual as a site that needs no network.")
    parser.add_argument("out", type=Path, help="the folder for the site; it is replaced")
    out = parser.parse_args().out.absolute()
    status = build(out)
    if status:
        return status
    outside = fetched_from_elsewhere(out)
    if outside:
        print("The manual would fetch from elsewhere:", *outside, sep="\n", file=sys.stderr)
        return 1
    print(f"The manual is {out / 'index.html'}")
    return 0


def build(out: Path) -> int:
    """Build the site in `out`, and return the exit status."""
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        return render(Path(folder), out)


def render(source: Path, out: Path) -> int:
    """Let Sphinx make a site of what was staged, and return its exit status; warnings are errors."""
    options = ["-W", "--keep-going", "-n", "-q", "-b", "html", "-d", str(source / ".doctrees")]
    command = [sys.executable, "-m", "sphinx", *options, str(source), str(out)]
    return subprocess.run(command, check=False).returncode


def stage(source: Path) -> None:
    """Put together in the folder `source` what the site is made of."""
    for path in DOCS.iterdir():
        if path.suffix in {".md", ".py", ".png", ".css"}:
            shutil.copy(path, source)
    cards = source / "model-cards"
    cards.mkdir()
    for card in WEIGHTS.glob("*/MODEL_CARD.md"):
        shutil.copy(card, cards / f"{card.parent.name}.md")
    for page in source.glob("*.md"):
        text = CARD.sub(r"model-cards/\1.md", page.read_text("utf-8"))
        if page.stem in LISTS:
            text += contents(text)
        page.write_text(text, "utf-8")


def contents(page: str) -> str:
    """Return Sphinx's table of contents, in the order of the lists below the headings of a page."""
    parts = []
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        pages = LISTED.findall(section)
        if pages:
            caption = section.partition("\n")[0]
            parts.append(f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```\n")
    return "\n" + "\n".join(parts)


def fetched_from_elsewhere(site: Path) -> list[str]:
    """Return what the pages and styles of a site would make a browser fetch over a network."""
    found = []
    for page in sorted(site.rglob("*.html")):
        reader = Reader()
        reader.feed(page.read_text("utf-8"))
        found += [f"{page.relative_to(site)}: {one}" for one in reader.fetched if ELSEWHERE.match(one)]
    for style in sorted(site.rglob("*.css")):
        text = style.read_text("utf-8")
        found += [f"{style.relative_to(site)}: {one[0]}" for one in IN_STYLES.finditer(text)]
    return found


class Reader(HTMLParser):
    """Collects what a page lets a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note the address, if it is one."""
        address = dict(attributes).get(FETCHED.get(tag, ""))
        if address:
            self.fetched.append(address)


if __name__ == "__main__":
    sys.exit(main())
