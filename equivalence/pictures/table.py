"""Which pictures there are.

A *kind* is a picture of one pair, drawn for every pair that it fits; a *sheet* is of several
pairs or of none, and is asked for by its own name.  Each is one file, which knows ``make``, the
numbers, and ``draw``, the figure of them; a kind also ``fits``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

from equivalence.errors import BadInput, unknown
from equivalence.pairs import table
from equivalence.pictures import (
    activations,
    clusters,
    codes,
    curve,
    descent,
    digits,
    distance,
    fit,
    information,
    loss,
    net,
    rates,
    regions,
    samples,
    series,
    surface,
    units,
    values,
)
from equivalence.steps.pair import Pair
from equivalence.texts import found


@dataclass(frozen=True)
class Picture:
    """One picture that can be drawn.

    name: of its kind, or of the sheet; words: what it shows.
    file: the module with ``make``, ``draw`` and, of a kind, ``fits``.
    """

    name: str
    words: str
    file: Any

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
        Picture("fit", "the points, and what was learned through them", fit),
        Picture("regions", "which class the network says where", regions),
        Picture("clusters", "points, and the ways of the means", clusters),
        Picture("digits", "digits, and what the network makes of them", digits),
        Picture("map", "the units of Kohonen's map", units),
        Picture("series", "a series, and what the network foretells", series),
        Picture("samples", "what a generator makes, beside what is real", samples),
        Picture("values", "the grid world, with the value and way of the best action", values),
        Picture("loss", "the loss of every epoch", loss),
        Picture("net", "the weights on the edges of a small network", net),
        Picture("codes", "the two numbers that stand for each digit", codes),
        Picture("distance", "how far both sides' weights are apart, in ULP", distance),
    )
}
SHEETS = {
    sheet.name: sheet
    for sheet in (
        Picture("descent", "E(p) and the points of all five methods of text 001", descent),
        Picture("surface", "four ways down a bowl, on its contours and on itself", surface),
        Picture("activations", "all activation functions and their derivatives", activations),
        Picture("information", "softmax, information and cross entropy of text 002", information),
        Picture("learning-rates", "rates too small and too large on one parabola", rates),
    )
}


@cache
def functions() -> dict[str, Picture]:
    """Return the picture of each activation by its name, which no pair has."""
    one = SimpleNamespace(make=activations.make_one, draw=activations.draw_one)
    words = "an activation function and its derivative"
    return {name: Picture(name, words, one) for name in activations.names()}


def kinds_of(pair: Pair) -> tuple[str, ...]:
    """Return the kinds of pictures that a pair has, the most telling first."""
    return tuple(name for name, kind in KINDS.items() if kind.fits(pair))


def named(name: str) -> str:
    """Return the sheet, activation or pair that a name is, or the one pair of a section.

    Raises BadInput for what is none, and for a section with several pairs.
    """
    if name in SHEETS or name in functions() or name in table.PAIRS:
        return name
    if not found(name):
        known = (*SHEETS, *functions(), *table.PAIRS)
        raise unknown("sheet, activation, pair or section", name, known, "equivalence plot")
    pairs = [row.name for row in table.named(name)]
    if len(pairs) > 1:
        raise BadInput(f"several pairs answer {name}: name one of {', '.join(pairs)}")
    return pairs[0]


def find(name: str, kind: str | None = None) -> Picture:
    """Return the picture of a pair, the sheet or the activation called ``name``.

    kind: which of a pair's; by default the most telling.
    Raises BadInput for a kind that there is not.
    """
    alone = SHEETS.get(name) or functions().get(name)
    if alone:
        if kind not in (None, name):
            raise BadInput(f"{name} is a picture of its own: it has no kinds, so leave --kind out")
        return alone
    kinds = kinds_of(table.find(name))
    if not kinds:
        raise BadInput(f"no picture of {name}: its gradients are given, so it has no loss to draw")
    if kind is None:
        return KINDS[kinds[0]]
    if kind not in kinds:
        what = f"unknown kind {kind!r}" if kind not in KINDS else f"no {kind} of {name}"
        raise BadInput(f"{what}: the kinds of {name} are {', '.join(kinds)}")
    return KINDS[kind]
