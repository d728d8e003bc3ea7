"""The command ``show``: the numbers of a run, epoch by epoch, both sides beside each other."""

import csv
import io
import sys
from contextlib import ExitStack

from rich.text import Text

from equivalence.arithmetic import precisions
from equivalence.cli.files import check_writable
from equivalence.errors import BadInput, choose
from equivalence.pairs.table import named

SIDES = {"both": ("numpy", "tensorflow"), "numpy": ("numpy",), "tensorflow": ("tensorflow",)}


def show(options, console, errors):
    """The command ``show``."""
    from equivalence.listings import sides, start

    pair = _one(" ".join(options.name))
    asked = SIDES[choose("side", [options.side], tuple(SIDES))[0]]
    choose("dtype", [options.dtype], precisions.NAMES)
    changes = start.changes(options.set or [])
    counting = sides.Counting.of(pair)
    # A PowerShell hands 2,20,200 over as three words.
    epochs = None if options.epochs is None else [n for part in options.epochs for n in part]
    wanted = counting.wanted(epochs, options.every)
    sides.program_from(pair, options.dtype, changes)  # a wrong change is refused before anything
    file = None if options.csv in (None, "-") else options.csv
    check_writable(file)
    records = _records(pair, asked, options.dtype, wanted, changes, errors)
    if options.csv is not None:
        return _write(records, wanted, counting.unit, file, console)
    _print(pair, records, wanted, counting, options, changes, console)
    return 0


def _one(name):
    """Return the one pair that a name or section stands for; raise BadInput for several."""
    pairs = named(name)
    if len(pairs) > 1:
        names = ", ".join(pair.name for pair in pairs)
        raise BadInput(f"{name} has several pairs, of which one is shown: {names}")
    return pairs[0]


def _records(pair, asked, dtype, wanted, changes, errors):
    """Return {side: its numbers}, TensorFlow's from a process of its own."""
    from equivalence.listings.sides import record_of
    from equivalence.machine.workers import Workers

    what, found = (dtype, wanted, changes), {}
    with ExitStack() as stack:
        stack.enter_context(errors.status("running"))
        if "tensorflow" in asked:
            pool = stack.enter_context(Workers(1))
            answer = pool.submit(record_of, pair.name, "tensorflow", *what)
        if "numpy" in asked:
            found["numpy"] = record_of(pair.name, "numpy", *what)
        if "tensorflow" in asked:
            found["tensorflow"] = answer.result()
    return found


# -------------------------------------------------------------- for a terminal


def _print(pair, records, wanted, counting, options, changes, console):
    from equivalence.listings import lines

    write = lambda line: console.print(line, highlight=False, no_wrap=True, crop=False)
    both = len(records) == 2
    where = f"{pair.name}  {pair.where}"
    write(Text(where, style="bold"))
    told = f"{_by(pair, records)}, {options.dtype}{_from(changes)}"
    console.print(Text(told), highlight=False, soft_wrap=True)
    if options.data:
        _print_data(pair, options, changes, console, write)
    totals, seen = [], ""
    for count in wanted:
        shown = lines.arrays(*(records.get(side, {}).get(count) for side in SIDES["both"]))
        write(Text(f"\n{_heading(counting, count)}", style="bold"))
        layout = lines.beside if both else lines.alone
        for line in layout(shown, options.digits, console.width):
            seen += line.plain
            write(line)
        totals.append(lines.compared(shown))
    if both:
        write(Text())
        for sentence in _sentences(totals, seen, options.digits):
            console.print(Text(sentence), highlight=False)


def _heading(counting, count):
    """Return the heading of an epoch: the texts count from 0."""
    if counting.unit == "step":
        return f"step {count}"
    many = "epochs" if count > 1 else "epoch"
    return f"epoch = {count - 1}  (after {count:,} {many})"


def _by(pair, records):
    """Return which sides are shown, in the order of their columns."""
    twin = "Keras" if pair.keras else "GradientTape"
    words = {"numpy": "NumPy", "tensorflow": f"TensorFlow ({twin}, in a graph)"}
    return " | ".join(words[side] for side in records)


def _from(changes):
    changed = ", ".join(f"{name} = {value:g}" for name, value in changes.items())
    return f", from {changed}" if changed else ""


def _print_data(pair, options, changes, console, write):
    """Print what the run starts from and learns: inputs, targets and weights."""
    from equivalence.listings import lines, sides, start

    program = sides.program_from(pair, options.dtype, changes)
    letters = start.data_letters(program.network)
    given = dict(zip(letters, (program.inputs, program.targets), strict=True))
    given |= dict(zip(program.layout.weights, program.weights, strict=True))
    write(Text("\ngiven", style="bold"))
    shown = [lines.Shown(name, array, None) for name, array in given.items()]
    for line in lines.alone(shown, options.digits, console.width):
        write(line)


def _sentences(totals, seen, digits):
    """Yield what the comparison comes to, and what the signs in the numbers mean."""
    from equivalence.listings.lines import DIFFERS, FURTHER_ON

    numbers, differ = sum(n for n, _, _ in totals), sum(d for _, d, _ in totals)
    if not differ:
        yield f"NumPy and TensorFlow are bit-identical in all {numbers:,} numbers shown."
        return
    ulp = max(u for _, _, u in totals)
    yield f"{differ:,} of {numbers:,} numbers differ, by at most {ulp:,.3g} ULP."
    if DIFFERS in seen:
        yield f"{DIFFERS} stands before the first digit that differs."
    if FURTHER_ON in seen:
        yield f"{FURTHER_ON} stands behind a number that differs further on than {digits} digits."


# ------------------------------------------------------------------- as a table


def _write(records, wanted, unit, file, console):
    """Write every number as a line of CSV: to a file, or to where the command prints."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([unit, "tensor", "index", *records])
    for row in _rows(records, wanted):
        table.writerow(row)
    if file is None:
        sys.stdout.write(text.getvalue())
        return 0
    try:
        with open(file, "w", encoding="utf-8", newline="") as out:
            out.write(text.getvalue())
    except OSError as error:
        raise BadInput(f"cannot write {file!r}: {error.strerror}") from None
    console.print(f"wrote {file}", markup=False)
    return 0


def _rows(records, wanted):
    """Yield count, tensor, index and the value of each side, shortest decimals that are exact."""
    import numpy as np

    from equivalence.listings import lines

    for count in wanted:
        for shown in lines.arrays(*(records.get(side, {}).get(count) for side in SIDES["both"])):
            sides = [getattr(shown, side) for side in records]
            there = next(array for array in sides if array is not None)
            for index in np.ndindex(there.shape):
                values = ["" if array is None else str(array[index]) for array in sides]
                yield count, shown.name, " ".join(map(str, index)), *values
