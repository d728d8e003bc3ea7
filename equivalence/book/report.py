"""The command ``equivalence book``: every printed figure beside what both sides print."""

from rich import box
from rich.table import Table

from equivalence.book import check, sensitivity
from equivalence.book.columns import EVERY
from equivalence.book.programs import PROGRAMS, SIDES
from equivalence.texts import TEXTS

CHAOTIC = ("quadratic-rmse-momentum", "quadratic-rmse-adam")


def show(console, errors, tell=lambda record: None):
    """Run every reproducible figure on both sides and print the tables; 0 if all agree.

    tell: takes a record of each pair.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in (("pair", "left"), ("text", "left"), ("dtype", "left")):
        table.add_column(name, justify=justify, no_wrap=True)
    for name in ("figures", "NumPy", "TensorFlow"):
        table.add_column(name, justify="right")
    wrong = []
    with errors.status("running the books' programs on both sides") as status:
        for (pair, dtype), figures in check.runs().items():
            status.update(f"running {pair} on both sides")
            found = {s: list(check.readings(pair, dtype, figures, s)) for s in SIDES}
            agree = {side: sum(r.agrees for r in found[side]) for side in SIDES}
            wrong += [r for side in SIDES for r in found[side] if not r.agrees]
            seeds = ", ".join(sorted({f.seed for f in figures}))
            counts = [f"{agree[side]}" for side in SIDES]
            table.add_row(pair, seeds, dtype, str(len(figures)), *counts)
            tell({"book": pair, "seed": seeds, "dtype": dtype, "figures": len(figures), **agree})
        for name in PROGRAMS:
            status.update(f"running {name} on both sides")
            ((_, found_of_both),) = check.of_programs([name])
            agree = {s: sum(r.agrees for r in found_of_both if r.side == s) for s in SIDES}
            wrong += [r for r in found_of_both if not r.agrees]
            seeds = ", ".join(sorted({r.figure.seed for r in found_of_both}))
            count, dtype = len(found_of_both) // 2, PROGRAMS[name].dtype
            table.add_row(name, seeds, dtype, str(count), *(f"{agree[s]}" for s in SIDES))
            tell({"book": name, "seed": seeds, "dtype": dtype, "figures": count, **agree})
        spreads = [sensitivity.measure(pair) for pair in CHAOTIC]
    console.print(table)
    for reading in wrong:
        console.print(_difference(reading), style="bold red", markup=False)
    console.print(_starts_table())
    console.print(_neurons_table())
    for spread in spreads:
        console.print(_spread_table(spread))
    console.print(_unreproducible())
    return 1 if wrong else 0


def _difference(reading):
    f = reading.figure
    where = f"{TEXTS[f.seed].name} {f.section}, epoch {f.epoch}, {f.tensor}"
    return f"{where}: the text prints {f.printed}, {reading.side} gives {' '.join(reading.value)}"


def _starts_table():
    """Return from what the figures of programs come out whose start a book does not give."""
    title = "Where a book gives no start: from these its figures come out"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("program", "from"):
        table.add_column(name)
    for name, program in PROGRAMS.items():
        if program.note:
            table.add_row(name, program.note)
    return table


def _neurons_table():
    """Return the range of the sums of errors of neurons from other random starts."""
    title = f"Text 002, sums of errors: from {sensitivity.COPIES} random starts they lie between"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("neuron", "epoch", "the book prints", "from", "to"):
        table.add_column(name, justify="right")
    for pair in sensitivity.NEURONS:
        for epoch, (printed, low, high) in sensitivity.of_starts(pair).items():
            table.add_row(pair, str(epoch), printed, f"{low:.3g}", f"{high:.3g}")
    return table


def _spread_table(spread):
    title = (
        f"{spread.pair}: losses of {sensitivity.COPIES} float32 runs that differ in the last bit "
        f"of each step; 1 ULP grew to {spread.growth:,.0f} ULP"
    )
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("epoch", "the book prints", "from", "to"):
        table.add_column(name, justify="right")
    for epoch, printed in spread.printed.items():
        low, high = spread.losses[epoch]
        table.add_row(str(epoch), printed, f"{low:.4f}", f"{high:.4f}")
    return table


def _unreproducible():
    """Return why each group of the remaining figures cannot come out."""
    table = Table(
        title="Figures that hang on what the books do not give",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("pair", "figures", "why"):
        table.add_column(name)
    groups = {}
    for figure in EVERY:
        if not figure.reproducible:
            groups.setdefault((figure.pair, figure.why), []).append(figure)
    for (pair, why), figures in groups.items():
        table.add_row(pair, str(len(figures)), why)
    return table
