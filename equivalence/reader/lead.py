"""What the page of a pair shows before the code: its listing, its pictures, its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from markupsafe import Markup

from equivalence.judge.distance import told_apart
from equivalence.reader.listing import Listing, listing
from equivalence.steps.pair import Pair

FEW = 12  # so many weights have room in a table
# After how many epochs a column stands, besides the last.
AFTER = (1, 2, 10, 20, 100, 200, 1000, 2000, 10_000)


@dataclass(frozen=True)
class Numbers:
    """A table: what it says, the epochs of its columns, and a row for each number.

    rows: what it is, and (NumPy's number, TensorFlow's or "") after each of the epochs.
    """

    words: str
    head: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class Lead:
    """What is known of a pair beside its code.

    where: the sections of the texts that it answers; note: what a reader should know.
    listing: its one program, or None; figures: <svg> elements; numbers: or None.
    """

    where: str
    note: str = ""
    listing: Listing | None = None
    figures: list[Markup] = field(default_factory=list)
    numbers: Numbers | None = None


def without_runs(pair: Pair) -> Lead:
    """Return the Lead of a pair of which nothing is run."""
    return Lead(pair.where, pair.note, listing(pair))


def with_runs(pair: Pair, maker: Any) -> Lead:
    """Return the Lead of a pair, with pictures and numbers of its run.

    maker: a ``pictures.making.Maker``.  Without matplotlib there are numbers alone, and of a
    pair that has no loss, neither.
    """
    from equivalence.pictures import table

    kinds = table.kinds_of(pair)
    if not kinds:
        return without_runs(pair)
    run = table.KINDS[kinds[0]].file.make(maker, pair.name)
    figures = []
    if find_spec("matplotlib"):
        from equivalence.pictures import paper

        with paper.look():
            drawn = [table.KINDS[kind].file.draw(run) for kind in dict.fromkeys((kinds[0], "loss"))]
            figures = [Markup(paper.svg(f, f"figure{k}-")) for k, f in enumerate(drawn, 1)]
    return Lead(pair.where, pair.note, listing(pair), figures, numbers(run))


def numbers(run: Any) -> Numbers:
    """Return the loss and, of few weights, each weight after some epochs, on both sides."""
    sides = list(run.sides.values())
    losses = [side.loss for side in sides]
    found = {"E": [np.concatenate([[np.nan], loss]) for loss in losses]}
    sizes = [weight[0].size for weight in run.any.weights.values()]
    if sum(sizes) <= FEW:
        for name, weight in run.any.weights.items():
            for place in np.ndindex(weight.shape[1:]):
                label = name if weight[0].size == 1 else f"{name}[{','.join(map(str, place))}]"
                found[label] = [side.weights[name][(slice(None), *place)] for side in sides]
    last = len(run.any.loss)
    after = [0, *(count for count in AFTER if count < last), last]
    rows = [
        (label, [_cell([values[count] for values in of_sides]) for count in after])
        for label, of_sides in found.items()
    ]
    unit = run.any.unit
    words = f"E is the loss in the {unit}, and each weight what it is after it."
    if len(sides) > 1:
        words += " Where TensorFlow has another number than NumPy, it stands below."
    return Numbers(words, [unit, *(f"{count:,}" for count in after)], rows)


def _cell(values: list[Any]) -> tuple[str, str]:
    """Return NumPy's number, and TensorFlow's where it is another, with digits to tell them."""
    if np.isnan(values).all():
        return "", ""
    same = len({float(value) for value in values}) == 1
    words = [f"{value:.6g}" for value in values] if same else told_apart(values)
    words = [word.replace("-", "\N{MINUS SIGN}") for word in words]
    return words[0], "" if len(set(words)) == 1 else words[1]
