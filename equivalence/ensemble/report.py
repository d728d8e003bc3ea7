"""What ``equivalence throughput`` prints."""

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from equivalence.ensemble.measurement import CERTIFIED, FREE_RUNNING, NAIVE

WORDS = {FREE_RUNNING: "verified", CERTIFIED: "certified", NAIVE: "naive"}
MEANING = (
    "verified: both sides took the step and every weight and slot was compared;\n"
    "certified: every number of the step lies in its enclosure, on both sides;\n"
    "naive: one net, compared after every eager step, or every fit(epochs=1)"
)


def naive_rates(measurements):
    """Return engine -> steps a second of its naive loop."""
    return {m.engine: m.rate for m in measurements if m.measured == NAIVE}


def table(measurements):
    """Return the table of all measurements, with their ratios to the naive loops."""
    rates = naive_rates(measurements)
    shown = _table("", "nets", "steps", "s", "core s", "steps/s", *(f"x {e}" for e in rates))
    for m in measurements:
        ratios = ["" if m.measured == NAIVE else _short(m.rate / rate) for rate in rates.values()]
        counts = f"{m.nets:,}", _short(m.steps)
        times = f"{m.seconds:.1f}", f"{m.core_seconds:.1f}", f"{m.rate:,.0f}"
        shown.add_row(f"{WORDS[m.measured]}, {m.engine}", *counts, *times, *ratios)
    return Group(shown, MEANING)


def _short(number):
    """Return a number in few characters: 76,714 or 1,009k."""
    return f"{number:,.0f}" if number < 1e5 else f"{number / 1000:,.0f}k"


def distances(measurements):
    """Return the largest free-running distance up to each epoch, a column an engine."""
    free = [m for m in measurements if m.measured == FREE_RUNNING]
    shown = _table("largest ULP up to epoch", *(m.engine for m in free))
    for epoch in sorted({epoch for m in free for epoch in m.ulp_by_epoch}):
        reached = [m.ulp_by_epoch.get(epoch) for m in free]
        shown.add_row(f"{epoch:,}", *("" if ulp is None else f"{ulp:,.0f}" for ulp in reached))
    same = [f"{m.nets - m.parted:,} of {m.nets:,}" for m in free]
    shown.add_row("nets with equal bits throughout", *same)
    return shown


def summary(measurements):
    """Return the last lines: the certificates and the memory."""
    certified = [m for m in measurements if m.measured == CERTIFIED]
    outside = sum(m.outside for m in certified)
    used = max((m.usage for m in certified), default=0)
    undecided = max((m.undecided for m in certified), default=0)
    words = f"{outside} nets outside their enclosures" if outside else "every net in its enclosures"
    peak = max(m.peak_bytes for m in measurements)
    return Text.assemble(
        (words, "bold red" if outside else "green"),
        f", bound used {used:.1%}, {undecided} undecidable\n",
        f"peak memory {peak / 2**20:,.0f} MiB",
    )


def _table(first, *names):
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    shown.add_column(first, no_wrap=True)
    for name in names:
        shown.add_column(name, justify="right", no_wrap=True)
    return shown
