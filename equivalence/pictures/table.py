"""Which pictures there are.

A *kind* is a picture of one pair, drawn for every pair that it fits; a *sheet* is of several
pairs or of none, and is asked for by its own name.  Each is one file, which knows ``make``, the
numbers, and ``draw``, the figure of them; a kind also ``fits``.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from equivalence.errors import BadInput
from equivalence.pairs import table
from equivalence.pairs.pair import Pair
from equivalence.pictures import curve, descent, loss, rates


@dataclass(frozen=True)
class Picture:
    """One picture that can be drawn.

    name: of its kind, or of the sheet; words: what it shows.
    file: the module with ``make``, ``draw`` and, of a kind, ``fits``.
    """

    name: str
    words: str
    file: ModuleType

    def fits(self, pair: Pair) -> bool:
        """Say whether a pair has such a picture."""
        return self.file.fits(pair)

    def figure(self, maker: Any, name: str) -> Any:
        """Return the matplotlib figure for the pair or sheet called ``name``."""
        return self.file.draw(self.file.make(maker, name))


# The first that fits a pair is the one that tells most of it.
KINDS = {
    kind.name: kind
    for kind in (
        Picture("curve", "E(p) and the points of a descent", curve),
        Picture("loss", "the loss of every epoch", loss),
    )
}
SHEETS = {
    sheet.name: sheet
    for sheet in (
        Picture("descent", "E(p) and the points of all five methods of text 001", descent),
        Picture("learning-rates", "rates too small and too large on one parabola", rates),
    )
}


def kinds_of(pair: Pair) -> tuple[str, ...]:
    """Return the kinds of pictures that a pair has, the most telling first."""
    return tuple(name for name, kind in KINDS.items() if kind.fits(pair))


def find(name: str, kind: str | None = None) -> Picture:
    """Return the picture of a pair, or the sheet, called ``name``; raise BadInput.

    kind: which of a pair's; by default the most telling.
    """
    if name in SHEETS and name not in table.PAIRS:
        if kind not in (None, name):
            raise BadInput(f"{name} is a picture of its own: it has no kinds, so leave --kind out")
        return SHEETS[name]
    if name not in table.PAIRS:
        close = get_close_matches(str(name), (*SHEETS, *table.PAIRS), n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise BadInput(
            f"nothing called {name!r} to draw: {hint}there are the sheets {', '.join(SHEETS)}, "
            "and the pairs; 'equivalence plot' lists them"
        )
    known = kinds_of(table.PAIRS[name])
    if not known:
        raise BadInput(f"no picture of {name}: its gradients are given, so it has no loss to draw")
    if kind is None:
        return KINDS[known[0]]
    if kind not in known:
        unknown = f"unknown kind {kind!r}" if kind not in KINDS else f"no {kind} of {name}"
        raise BadInput(f"{unknown}: the kinds of {name} are {', '.join(known)}")
    return KINDS[kind]
