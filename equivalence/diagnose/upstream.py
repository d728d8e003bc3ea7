"""Where Keras's own numbers depart from its formula: by which known upstream defect.

What Keras computed is held against its recipe, in its own precision.  Where it lies outside, the
rows of ``defects`` that such a run meets are built into the recipe, one alone, then more
together, until it holds.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from equivalence import defects, trees
from equivalence.diagnose.recipe import Recipe, Seen
from equivalence.diagnose.searching import distance, hold
from equivalence.diagnose.variant import DEFECT, Variant

FLOAT32_RATES = "keras-float64-schedule"  # the defect by which rates are float32 numbers


@dataclass(frozen=True)
class Meeting:
    """What ``defects`` asks of a program: its network, its optimizer, its precision."""

    network: Any
    optimizer: Any
    dtype: str


@dataclass(frozen=True)
class Own:
    """What Keras's object computed of the recipe's data, as it took them.

    runs: its weights behind each step as it goes freely; None of one part alone.
    engine: how it was run, as ``engines`` calls it.
    again: ``(way) -> runs`` of another way of running it, of ``running.WAYS``; None of one part
        alone.
    """

    recipe: Recipe
    seen: Seen
    engine: str = "graph"
    runs: Any = None
    again: Any = None


@dataclass(frozen=True)
class Departure:
    """Where Keras's own numbers leave the formula.

    rows: of ``defects`` that explain it, () where none does.
    fit, without: the distance of Keras's numbers from the formula with these built in, and
        without them, relative to a tensor's largest number.
    steps: of Keras's own that were held.
    dtype: Keras's own precision.
    """

    where: Any
    rows: tuple = ()
    fit: float = 0.0
    without: float = 0.0
    steps: int = 0
    dtype: str = "float32"

    @property
    def names(self):
        return " + ".join(row.name for row in self.rows)

    @property
    def known(self):
        """What to call the rows in a sentence."""
        several = len(self.rows) > 1
        return f"{'known defects' if several else 'a known defect'} of Keras, {self.names}"

    @property
    def what(self):
        return "; ".join(getattr(row, "row", row).what for row in self.rows)


def met(recipe, dtype, engine="graph"):
    """Return the rows of ``defects`` that a run of Keras of this recipe meets."""
    last = len(recipe.inputs)

    def look():
        source = trees.reference().SGD() if recipe.optimizer is None else recipe.optimizer.source
        return defects.matching(Meeting(recipe.network, source, dtype), "keras", engine, last)

    kind = "defects", dtype, engine, last
    return recipe.passed.get(kind, (recipe.network, recipe.optimizer), look)


@dataclass(frozen=True)
class Counted:
    """A schedule whose defect is one of rounding: it counts steps in floats of its precision."""

    schedule: Any
    dtype: str

    def rate(self, iterations):
        return np.float64(self.schedule.rate(np.asarray(iterations, self.dtype)[()]))


def built_in(recipe, rows, dtype):
    """Return the recipe with the defects of these rows."""
    optimizer = trees.reference().SGD() if recipe.optimizer is None else recipe.optimizer
    made = defects.modelled(Meeting(recipe.network, optimizer, dtype), rows)
    if recipe.optimizer is None:
        return recipe.with_(network=made.network)
    rate = made.optimizer.learning_rate
    if rate is not optimizer.learning_rate:
        made = replace(made, optimizer=replace(made.optimizer, learning_rate=Counted(rate, dtype)))
    return recipe.with_(network=made.network, optimizer=made.optimizer)


def in_precision(seen, rows):
    """Return what was seen as it is held beside these rows: a rate of float32 rounds as such."""
    narrow = any(row.name == FLOAT32_RATES for row in rows)
    return replace(seen, dtype="float32") if narrow else seen


def departure(own):
    """Return the Departure of Keras's own numbers from its formula, None where there is none.

    Where an enclosure is unbounded nothing is known of a number, and Keras is not blamed for it.
    """
    dtype = own.seen.dtype
    held = hold(own.recipe, own.seen, known=True)
    if held.holds:
        return None
    rows = met(own.recipe, dtype, own.engine)
    for count in range(1, len(rows) + 1):
        for some in combinations(rows, count):
            recipe = built_in(own.recipe, some, dtype)
            if hold(recipe, in_precision(own.seen, some), known=True).holds:
                far = (distance(r, own.seen) for r in (recipe, own.recipe))
                return Departure(held.where, some, *far, own.seen.steps, dtype)
    return Departure(held.where, steps=own.seen.steps, dtype=dtype)


# ------------------------------------------------------------------ defects as causes of yours


def having(name):
    """Return the change of a recipe to one with the defect of this name, where it meets it."""

    def change(recipe):
        dtype = "float32" if "float32" in recipe.sees else "float64"
        rows = [row for row in met(recipe, dtype) if row.name == name]
        if rows:
            yield "", built_in(recipe, rows, dtype)

    return change


def _row(defect):
    return Variant(
        part="code",
        name=defect.name,
        yours=f"does what Keras does by a known defect: {defect.what}",
        keras="means its formula, without it",
        who=f"{defect.seen}: {defect.where}",
        mend="nothing of yours is to be mended; `equivalence defects` has a program that shows it",
        symptom="your numbers are Keras's, and neither are the formula's",
        change=having(defect.name),
        kind=DEFECT,
        alone=True,
    )


ROWS = tuple(
    _row(defect) for defect in (*defects.ROWS, *defects.SCHEDULE_ROWS, *defects.FUNCTION_DEFECTS)
)
