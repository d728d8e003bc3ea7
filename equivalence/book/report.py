"""The command ``equivalence book``: every printed figure beside what both sides print."""

from rich import box
from rich.table import Table

from equivalence.book import check, sensitivity
from equivalence.book.figures import FIGURES

SIDES = ("numpy", "tensorflow")


def show(console, errors, tell=lambda record: None):
    """Run every reproducible figure on both sides and print the tables; 0 if all agree.

    tell: takes a record of each pair.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in (("pair", "left"), ("seed", "left"), ("dtype", "left")):
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
        by_hand = list(check.by_hand())
        agree = [sum(r.agrees for r in by_hand if r.side == side) for side in SIDES]
        wrong += [r for r in by_hand if not r.agrees]
        table.add_row(
            "data and worked steps", "000", "float64", str(len(by_hand) // 2), *map(str, agree)
        )
        starts = _celsius()
        spreads = [sensitivity.measure(pair) for pair in CHAOTIC]
    console.print(table)
    for reading in wrong:
        console.print(_difference(reading), style="bold red", markup=False)
    console.print(_celsius_table(starts))
    for spread in spreads:
        console.print(_spread_table(spread))
    console.print(_unreproducible())
    matched = all(found == wanted for _, wanted, found in starts)
    return 0 if not wrong and matched else 1


CHAOTIC = ("quadratic-rmse-momentum", "quadratic-rmse-adam")


def _difference(reading):
    f = reading.figure
    return (
        f"seed {f.seed}, {f.section}, epoch {f.epoch}, {f.tensor}: the book prints {f.printed}, "
        f"{reading.side} gives {' '.join(reading.value)}"
    )


def _celsius():
    """Return (start kernel and side, printed, found) for the Celsius figures."""
    rows = []
    for printed, start in check.CELSIUS_STARTS.items():
        for side in SIDES:
            values = check.celsius_from(start, side)
            found = " ".join(check.as_printed(v, p) for v, p in zip(values, printed.split()))
            rows.append((f"{start} {side}", printed, found))
    return rows


def _celsius_table(rows):
    title = "Seed 004, Dense(1): the start was random; from these kernels the figures come out"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("start kernel, side", "the book prints", "found"):
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
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
    for figure in FIGURES:
        if not figure.reproducible:
            groups.setdefault((figure.pair, figure.why), []).append(figure)
    for (pair, why), figures in groups.items():
        table.add_row(pair, str(len(figures)), why)
    return table
