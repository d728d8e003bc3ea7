"""What a person reads: the table of ratios, the crossover, the growth, the floor."""

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from equivalence.benchmark import growth, roofline
from equivalence.benchmark.cases import ENGINES, NUMPY, PEERS, WORDS
from equivalence.benchmark.records import drift

SHORT = {"train_on_batch": "on\nbatch"}
BUSY = 0.03  # the share of the cores from which on others disturbed the run
UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
SIZES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))


def report(all_results):
    """Return everything that there is to say about some results files."""
    parts = []
    for results in all_results:
        parts += [environment(results), tables(results), legend(results)]
        parts += [part(results) for part in SECTIONS]
    return Group(*(part for part in parts if part is not None))


def environment(results):
    """Return a line on the machine and the software, and a warning if it was busy."""
    facts = results.environment
    peers = facts["peers"] if _has_peers(results) else {}
    versions = {**{name: facts[name] for name in ("numpy", "tensorflow", "keras")}, **peers}
    words = ", ".join(f"{name} {version}" for name, version in versions.items())
    words += f"\n{facts['cores']} cores of {facts['cpu']}, {facts['blas']}"
    words += f" with {results.blas_threads} threads" if results.blas_threads else ""
    if results.others is None or results.others < BUSY:
        return Text(words)
    warning = (
        f"\nOther programs took {results.others:.0%} of the cores during the run: "
        "do not trust its times."
    )
    return Text.assemble(words, (warning, "bold yellow"))


def _has_peers(results):
    return any(r.case.engine in PEERS for r in results.records)


def columns(records):
    """Return the columns of some records but NumPy's, in the order of the engines."""
    order = (*ENGINES, *PEERS)
    found = dict.fromkeys(r.column for r in records if r.case.engine not in NUMPY)
    return sorted(found, key=lambda column: order.index(column.split()[0]))


def tables(results):
    """Return the times and ratios, a group a row; a table for each set of engines."""
    by_columns = {}
    for group in results.groups().values():
        by_columns.setdefault(tuple(columns(group.values())), []).append(group)
    return Group(*(_table(names, groups) for names, groups in by_columns.items()))


def _table(names, groups):
    rows = []
    for group in groups:
        cells = [_cell(group.get("numpy")), *(_cell(group.get(name)) for name in names)]
        factor = drift(group)
        rows.append((_what(group), *cells, f"\n{factor:.2f}" if factor else ""))
    heads = (WHAT, "numpy", *(SHORT.get(name, name) for name in names), "again")
    return _section("", heads, rows)


WHAT = "network, batch\noptimizer, dtype"


def _what(group):
    case = next(iter(group.values())).case
    return f"{case.network}, {case.batch}\n{case.optimizer}, {case.dtype}"


def _cell(record):
    """Return the time of a step and, but for NumPy, how many times as fast that is."""
    if record is None:
        return ""
    if record.case.engine in NUMPY or record.ratio is None:
        return duration(record.seconds)
    style = "green" if record.ratio >= 1 else ""
    return Text.assemble(duration(record.seconds), "\n", (times(record.ratio), style))


def legend(results):
    """Return what the table's numbers mean, and how far NumPy differs from itself."""
    factors = sorted(f for f in map(drift, results.groups().values()) if f)
    noise = ""
    if factors:
        noise = f"  again: NumPy measured at both ends of its group differs by {_percent(factors)}"
    return Text(f"The time of a step, and how many times as fast as NumPy that is.{noise}")


def _percent(factors):
    middle, worst = factors[len(factors) // 2], factors[-1]
    return f"{middle - 1:.0%} in the middle, {worst - 1:.0%} at worst"


def growing(results):
    """Return {column: records} of the steps that differ in size only: SGD, float32."""
    found = {}
    for record in results.records:
        if (record.case.optimizer, record.case.dtype) == ("SGD", "float32"):
            found.setdefault(record.column, []).append(record)
    names = ("numpy", *columns(results.records))
    return {name: found[name] for name in names if len({r.flops for r in found.get(name, ())}) > 1}


def crossovers(results):
    """Return the table of crossovers: between which two steps an engine overtakes NumPy."""
    rows = [
        (words(column), step(found.slower), step(found.faster))
        for column, records in growing(results).items()
        if column != "numpy"
        for found in [growth.crossover(records)]
    ]
    title = "From which work on an engine overtakes NumPy (SGD, float32)"
    return _section(title, ("", "still slower at", "always faster from"), rows)


def growths(results):
    """Return the table of growth: what a call costs, and the exponent of time against work."""
    rows = []
    for column, records in growing(results).items():
        g = growth.growth(records)
        exponent = (
            "" if g.exponent is None else f"{g.exponent:.2f} \N{PLUS-MINUS SIGN} {g.error:.2f}"
        )
        rows.append(
            (
                words(column),
                duration(g.overhead),
                exponent,
                str(g.points),
                f"{amount(g.rate)}FLOP/s",
            )
        )
    title = (
        "How the time of a step grows: time ~ work ^ exponent, fitted to the steps\n"
        f"that take {growth.BEYOND_OVERHEAD} times the shortest or more"
    )
    heads = ("", "shortest", "exponent", "steps", "speed of the largest")
    return _section(title, heads, rows)


def first_calls(results):
    """Return the table of first calls, and after how many steps each is paid back."""
    rows = []
    numpy = {group: found.get("numpy") for group, found in results.groups().items()}
    for column, records in growing(results).items():
        first = sorted(r.build + r.first_call for r in records)
        beside = [(r, numpy[r.case.group]) for r in records if numpy[r.case.group]]
        paid = [steps for pair in beside if (steps := growth.steps_to_pay(*pair))]
        back = f"{min(paid):,.0f} to {max(paid):,.0f} steps" if paid else "never"
        rows.append(
            (
                words(column),
                duration(first[len(first) // 2]),
                duration(first[-1]),
                "" if column == "numpy" else back,
            )
        )
    title = "The first call, with building, tracing and compiling (SGD, float32)"
    heads = ("", "middle", "longest", "paid back, where it is faster, after")
    return _section(title, heads, rows)


def floors(results):
    """Return the table of the two largest networks: the floor, and each engine's share of it."""
    largest = roofline.largest_networks(results)
    names = ["numpy", *columns(results.records)]
    rows = []
    for group in results.groups().values():
        record = next(iter(group.values()))
        found = roofline.floor(record, results)
        case = record.case
        if case.network not in largest or case.optimizer != "SGD" or found is None:
            continue
        shares = [f"{found.seconds / group[n].seconds:.0%}" if n in group else "" for n in names]
        rows.append(
            (
                _what(group),
                f"{amount(record.flops)}FLOP\n{amount(record.needed)}B",
                f"{duration(found.seconds)}\n{found.by}",
                *shares,
            )
        )
    if not rows:
        return None
    speeds = ", ".join(
        f"{library} {amount(speed)}FLOP/s in {dtype}"
        for (library, dtype), speed in results.matmuls.items()
    )
    copies = ", ".join(
        f"{amount(speed)}B/s at {size >> 20} MiB" for size, speed in results.copies.items()
    )
    heads = (WHAT, "work\ndata", "floor\nby")
    title = "The floor under a step, and the share of an engine's time that it is"
    return Group(
        _section(title, (*heads, *(SHORT.get(n, n) for n in names)), rows),
        Text(f"The fastest matmul: {speeds}.\nA copy on all cores: {copies}."),
    )


def certificates(results):
    """Return the table of what certifying a step costs, beside the step itself."""
    rows = [
        (
            f"{network}, batch {batch}",
            duration(seconds["numpy"]),
            duration(seconds["certificate"]),
            times(seconds["certificate"] / seconds["numpy"]),
        )
        for (network, batch), seconds in results.certificates.items()
        if seconds.keys() == {"numpy", "certificate"}
    ]
    title = "The certificate of a step, beside the step in NumPy (SGD, float32)"
    return _section(title, ("", "step", "certificate", "times"), rows)


def _section(title, heads, rows):
    """Return a table under its title, or nothing if it has no rows."""
    if not rows:
        return None
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for k, head in enumerate(heads):
        shown.add_column(head, justify="right" if k else "left", no_wrap=True)
    for row in rows:
        shown.add_row(*row)
    return Group(Text(f"\n{title}", style="bold"), shown) if title else shown


def words(column):
    """Return a column's name in words."""
    engine, _, device = column.partition(" GPU")
    return WORDS[engine] + (f" on GPU{device}" if device else "")


def step(record):
    """Return a record's work and where it occurs; a dash for none."""
    if record is None:
        return "-"
    return f"{amount(record.flops)}FLOP\n{record.case.network}, batch {record.case.batch}"


def times(ratio):
    """Return how many times as fast: ``23``, ``0.61``, ``1/170``."""
    return f"1/{1 / ratio:.0f}" if ratio < 0.095 else _two_digits(ratio)


def duration(seconds):
    """Return a time in its own unit: ``7.6 ms``."""
    size, unit = next((u for u in UNITS if seconds >= u[0]), UNITS[-1])
    return f"{_two_digits(seconds / size)} {unit}"


def amount(number):
    """Return a number with the prefix of its size and a space: ``1.7 M``."""
    size, prefix = next((s for s in SIZES if number >= s[0]), SIZES[-1])
    return f"{_two_digits(number / size)} {prefix}"


def _two_digits(x):
    return f"{x:.0f}" if x >= 9.95 else f"{x:.1f}" if x >= 0.995 else f"{x:.2f}"


# What follows the table of times, in this order.
SECTIONS = (crossovers, growths, first_calls, floors, certificates)
