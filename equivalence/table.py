"""A results file as a table for a text: pair by engine, in Markdown."""

from equivalence.judge import BIT_IDENTICAL, DIFFERENT, KINK, ROUNDING_IDENTICAL, SKIPPED

SIGNS = {BIT_IDENTICAL: "=", ROUNDING_IDENTICAL: "≈", KINK: "~", DIFFERENT: "≠", SKIPPED: ""}
KEY = (
    "`=` bit-identical, `≈` rounding-identical; `!` a known defect of Keras, and what its "
    "model reaches; `~` undecidable; `≠` different"
)


def sign(record):
    """Return the sign of one run: of a known defect also what its model reaches."""
    if record["verdict"] == DIFFERENT and record["expected"]:
        reached = (v for v in (BIT_IDENTICAL, ROUNDING_IDENTICAL, KINK) if v in record["reason"])
        return "!" + SIGNS[next(reached, DIFFERENT)]
    return SIGNS[record["verdict"]]


def markdown(records):
    """Return the lines of a table: a row for each pair, a column for dtype, twin and engine."""
    columns = list(dict.fromkeys((r["dtype"], r["twin"], r["engine"]) for r in records))
    columns.sort(key=lambda column: (column[0], column[1] != "tape"))
    signs = {(r["pair"], r["dtype"], r["twin"], r["engine"]): sign(r) for r in records}
    head = ["pair", *(f"{dtype} {twin} {engine}" for dtype, twin, engine in columns)]
    rows = [
        [pair, *(signs.get((pair, *column), "") for column in columns)]
        for pair in dict.fromkeys(r["pair"] for r in records)
    ]
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), "", KEY]
