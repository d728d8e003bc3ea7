"""What a person reads of a table of axes: who has whose bits, and where others part."""

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from equivalence.axes.table import NUMPY
from equivalence.machine import switches
from equivalence.results.picture import differences, legend, sign

# Pairs of classes whose parting is printed; the results file has all.
MOST_PARTINGS = 28


def show(joined, console):
    """Print a Joined table."""
    steps = max(row.result.steps for row in joined.rows)
    results = [row.result for row in joined.rows]
    console.print(f"\n{joined.pair} {joined.dtype}, {steps} steps", style="bold")
    console.print(Group(_grid(joined), *legend(results)))
    console.print("equal letters: equal bits of every weight and slot at every step")
    for line in _partings(joined):
        console.print(line, soft_wrap=True)
    console.print(differences([r for r in results if not r.expected]))


def _grid(joined):
    """One line an engine and device, one column a setting: the class and the verdict."""
    settings = dict.fromkeys(row.result.spec.switches for row in joined.rows)
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("", no_wrap=True)
    for setting in settings:
        grid.add_column(switches.label(setting).replace("=", "\n").replace(" ", "\n"))
    grid.add_row(NUMPY, joined.letter(NUMPY))
    lines = {}
    for row in joined.rows:
        spec = row.result.spec
        lines.setdefault((f"{spec.twin}/{spec.engine}", spec.device), {})[spec.switches] = row
    several = len({device for _, device in lines}) > 1
    for (engine, device), rows in lines.items():
        cells = [_cell(joined, rows[s]) if s in rows else "" for s in settings]
        grid.add_row(f"{engine} {device}" if several else engine, *cells)
    return grid


def _cell(joined, row):
    return Text.assemble(f"{joined.letter(row.name)} ", sign(row.result))


def _partings(joined):
    """Yield a line for every two classes, the farthest apart first."""
    known = sorted(joined.partings.items(), key=lambda item: -item[1].largest_ulp)
    for (a, b), parting in known[:MOST_PARTINGS]:
        yield Text.assemble(
            (f"{a} {b}", "bold"), f"  {_ulp(parting.largest_ulp)} ULP; part at {parting.sentence()}"
        )
    if len(known) > MOST_PARTINGS:
        yield Text(f"and {len(known) - MOST_PARTINGS} more: --json FILE has all")


def _ulp(value):
    return f"{value:.0f}" if value < 1e6 else f"{value:.0e}"


def show_positions(spreads, console):
    """Print Spreads: one line a function and dtype, one column an engine."""
    engines = dict.fromkeys(s.engine for s in spreads)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("function", no_wrap=True)
    table.add_column("dtype", no_wrap=True)
    for engine in engines:
        table.add_column(f"{engine}: results,\nULP apart, used", justify="right", no_wrap=True)
    lines, lengths = {}, {}
    for spread in spreads:
        lines.setdefault((spread.name, spread.dtype), {})[spread.engine] = spread
        if spread.lengths:
            where = f"{spread.name} {spread.dtype} {spread.engine}"
            lengths.setdefault(spread.lengths, []).append(where)
    for (name, dtype), found in lines.items():
        table.add_row(name, dtype, *(_spread(found.get(engine)) for engine in engines))
    console.print(table)
    console.print(
        "results: different results of one input at most, in arrays of 1 to 33 elements\n"
        "used: the largest share of the rounding model's ball that any element used\n"
        "equal elements of one array come out different at these lengths:"
    )
    for found, names in lengths.items():
        console.print(f"  {', '.join(map(str, found))}: {'; '.join(names)}", soft_wrap=True)


def _spread(spread):
    """Return the cell of one Spread."""
    if spread is None:
        return ""
    style = "" if spread.holds else "bold red"
    return Text(f"{spread.distinct} {spread.ulp:3.0f} {spread.used:5.0%}", style=style)
