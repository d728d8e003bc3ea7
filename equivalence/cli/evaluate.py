"""The command ``evaluate``: what Keras's fit, evaluate and predict report, held in balls."""

from rich.table import Table
from rich.text import Text

from equivalence.arithmetic import precisions
from equivalence.cli.show import _one
from equivalence.errors import choose


def evaluate(options, console, errors):
    """The command ``evaluate``: 1 where a number lies outside of its ball."""
    from equivalence.evaluation import holding
    from equivalence.machine.workers import Workers

    pair = _one(" ".join(options.name))
    choose("dtype", [options.dtype], precisions.NAMES)
    holding.checked(pair.name, options.dtype, options.epochs, options.validation)
    asked = pair.name, options.dtype, options.epochs, options.validation
    with errors.status("running"), Workers(1) as pool:
        said = pool.submit(holding.evaluate, *asked).result()
    console.print(Text(f"{pair.name}  {pair.where}", style="bold"), highlight=False)
    held = f", {options.validation:g} of the samples held back" if options.validation else ""
    console.print(Text(f"{options.dtype}, batches of {_size(pair)}{held}"), highlight=False)
    console.print(_table(said))
    outside = [row for row in said if not row.inside]
    words = f"{len(outside)} outside" if outside else "all inside"
    console.print(Text(f"{len(said)} numbers held, {words}."), highlight=False)
    return 1 if outside else 0


def _size(pair):
    return pair.batch_size or len(pair.data()[0])


def _table(said):
    table = Table("call", "epoch", "name", box=None, pad_edge=False)
    for title in ("Keras", "NumPy", "radius", "used"):
        table.add_column(title, justify="right")
    for row in said:
        used = f"{100 * row.used:.0f} %" if row.inside else "outside"
        numbers = f"{row.keras:.8g}", f"{row.reference:.8g}", f"{row.radius:.1e}"
        style = None if row.inside else "bold red"
        table.add_row(row.call, str(row.epoch), row.name, *numbers, used, style=style)
    return table
