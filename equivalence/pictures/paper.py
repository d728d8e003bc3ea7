"""The paper that pictures are drawn on: figures without a display, and files that repeat.

Nothing here touches matplotlib's global state, so a program that imports it keeps its own
backend and settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from equivalence.pictures.style import LOOK, QUIET

# A time or a version in a file would make another file of the same picture.
METADATA: dict[str, dict[str, None]] = {".png": {"Software": None}, ".svg": {"Date": None}}
MARGIN = 0.12  # inches around the title
AROUND: dict[str, Any] = {"w_pad": MARGIN, "h_pad": MARGIN / 2}  # and around panels
LINES = 0.27, 0.19  # inches that a line of the title takes, and one of the words below
LETTERS = 14.6  # of the words below, to an inch


@contextmanager
def look() -> Iterator[None]:
    """Have matplotlib's settings as pictures need them, for a while."""
    with matplotlib.rc_context(LOOK):
        yield


def figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches, which keeps what stands on it apart."""
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(**AROUND))


def title(paper: Figure, what: str, where: str) -> None:
    """Write at the top what a figure shows, and below it of which run and text."""
    width, height = paper.get_size_inches()
    below = fill(where, int(width * LETTERS))
    taken = 2 * MARGIN + LINES[0] + LINES[1] * (below.count("\n") + 1)
    left, top = MARGIN / width, 1 - MARGIN / height
    paper.text(left, top, what, fontsize=13, fontweight="bold", va="top")
    paper.text(left, top - LINES[0] / height, below, fontsize=9.5, color=QUIET, va="top")
    below_title = (0, 0, 1, 1 - taken / height)
    paper.set_layout_engine(ConstrainedLayoutEngine(**AROUND, rect=below_title))


def save(paper: Figure, path: Path) -> None:
    """Write a figure as PNG or SVG, by the ending of ``path``."""
    paper.savefig(path, metadata=METADATA[path.suffix.lower()])


def svg(paper: Figure, prefix: str = "") -> str:
    """Return a figure as an <svg> element, its words as text, for a page of HTML.

    prefix: of its elements' names, so that several figures of a page keep theirs apart.
    """
    stream = StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        paper.savefig(stream, format="svg", metadata=METADATA[".svg"], transparent=True)
    text = stream.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    return re.sub(r'( id="|url\(#|href="#)', rf"\1{prefix}", text).strip()
