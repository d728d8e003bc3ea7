"""A results file as a table for a text: pair by engine, in Markdown."""

from equivalence.engines.table import NAMES
from equivalence.judge.verdict import (
    BIT_IDENTICAL,
    DIFFERENT,
    KINK,
    OVERFLOW,
    ROUNDING_IDENTICAL,
    SKIPPED,
    Verdict,
)

SIGNS = {
    BIT_IDENTICAL: "=",
    ROUNDING_IDENTICAL: "≈",
    KINK: "?",
    OVERFLOW: "^",
    DIFFERENT: "≠",
    SKIPPED: "",
}
KEY = (
    "`=` bit-identical, `≈` rounding-identical; `!` a known defect of Keras, and what its "
    "model reaches; `?` undecidable; `^` overflow; `≠` different"
)


def sign(record):
    """Return the sign of one run: of a known defect also what its model reaches."""
    if record["verdict"] == DIFFERENT and record["expected"]:
        return "!" + SIGNS[Verdict(record["with_models"])]
    return SIGNS[record["verdict"]]


def markdown(records):
    """Return the lines of a table: a row for each pair, a column for each dtype and twin.

    A cell has a sign for each engine, in the order that its column's head says.
    """
    columns = sorted(
        {(r["dtype"], r["twin"]) for r in records}, key=lambda c: (c[0], c[1] != "tape")
    )
    engines = {
        column: [e for e in NAMES if any(_place(r) == (*column, e) for r in records)]
        for column in columns
    }
    signs = {(r["pair"], *_place(r)): sign(r) for r in records}
    head = ["pair", *(f"{' '.join(column)}: {' '.join(engines[column])}" for column in columns)]
    rows = [
        [pair, *(_cell(pair, column, engines[column], signs) for column in columns)]
        for pair in dict.fromkeys(r["pair"] for r in records)
    ]
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), "", KEY]


def _place(record):
    return record["dtype"], record["twin"], record["engine"]


def _cell(pair, column, engines, signs):
    return " ".join(signs.get((pair, *column, engine)) or "." for engine in engines)
