"""What ``make docs`` does to the pages before they are built."""

import re
from pathlib import Path

from mkdocs.structure.files import File

from equivalence.diagnose import pages

ROOT = Path(__file__).parents[1]
LEMMA = re.compile(r"\*\*(L\d+'*), ")
CAUSE = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
OUTSIDE = re.compile(r"\]\(\.\./(results/[^)]*)\)")


def on_files(files, config):
    """Add the pictures that lie outside of the folder of pages, and a page for every cause."""
    for picture in sorted((ROOT / "results").glob("*.png")):
        address = f"results/{picture.name}"
        files.append(File.generated(config, address, abs_src_path=str(picture)))
    for name, text in pages.pages().items():
        files.append(File.generated(config, f"causes/{name}.md", content=text))
    return files


def on_page_markdown(markdown, page, config, files):
    """Give every lemma of the design an anchor, every cause of the index a link to its page.

    Pictures are taken from where they are.
    """
    if page.file.src_uri == "causes.md":
        markdown = CAUSE.sub(r"| [\1](causes/\1.md) |", markdown)
    markdown = LEMMA.sub(lambda at: f'<a id="{_anchor(at[1])}"></a>{at[0]}', markdown)
    return OUTSIDE.sub(r"](\1)", markdown)


def _anchor(label):
    """Return the anchor of a lemma: that of L4'' is L4-2."""
    primes = label.count("'")
    return label.rstrip("'") + (f"-{primes}" if primes else "")
