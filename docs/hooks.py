"""What ``make docs`` does to the pages before they are built."""

import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]
LEMMA = re.compile(r"\*\*(L\d+'*), ")
OUTSIDE = re.compile(r"\]\(\.\./(results/[^)]*)\)")


def on_files(files, config):
    """Add the pictures that lie outside of the folder of pages."""
    for picture in sorted((ROOT / "results").glob("*.png")):
        address = f"results/{picture.name}"
        files.append(File.generated(config, address, abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Give every lemma of the design an anchor, and take the pictures from where they are."""
    markdown = LEMMA.sub(lambda at: f'<a id="{_anchor(at[1])}"></a>{at[0]}', markdown)
    return OUTSIDE.sub(r"](\1)", markdown)


def _anchor(label):
    """Return the anchor of a lemma: that of L4'' is L4-2."""
    primes = label.count("'")
    return label.rstrip("'") + (f"-{primes}" if primes else "")
