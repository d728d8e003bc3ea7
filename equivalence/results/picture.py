"""What a person reads: the table of runs, the differences, the environment."""

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from equivalence.arithmetic.precisions import NAMES
from equivalence.engines.table import ENGINES, TWINS
from equivalence.judge.verdict import (
    AGREE,
    BIT_IDENTICAL,
    DIFFERENT,
    KINK,
    OVERFLOW,
    ROUNDING_IDENTICAL,
    SKIPPED,
)
from equivalence.machine.switches import label
from equivalence.results.fitting import Column, FittingTable

SIGNS = {
    BIT_IDENTICAL: ("=", "green"),
    ROUNDING_IDENTICAL: ("\N{ALMOST EQUAL TO}", "cyan"),
    DIFFERENT: ("\N{NOT EQUAL TO}", "bold red"),
    KINK: ("?", "yellow"),
    OVERFLOW: ("^", "yellow"),
    SKIPPED: (".", "dim"),
}
KNOWN = ("!", "yellow")  # different, as a known upstream defect has it
LONG_FORM = 30  # runs up to which every run has its own line
LEGEND = (
    (SIGNS[BIT_IDENTICAL], "bit-identical: every weight and slot equal at every step"),
    (SIGNS[ROUNDING_IDENTICAL], "rounding-identical: every step inside its proven enclosure"),
    (KNOWN, "different, as a known upstream defect has it; certified with its model"),
    (SIGNS[DIFFERENT], "different: see below"),
    (SIGNS[KINK], "undecidable: rounding decides, as where a divisor may be 0"),
    (SIGNS[OVERFLOW], "overflow: the run left the range of its floats"),
    (SIGNS[SKIPPED], "skipped, or no such twin"),
)


def sign(result):
    """Return the sign of a result as styled text."""
    character, style = KNOWN if _known(result) else SIGNS[result.verdict]
    return Text(character, style=style if result.expected else "bold red")


def _known(result):
    """Say whether a result is different as a known defect has it."""
    return result.verdict == DIFFERENT and result.expected


def table(results, long=False):
    """Return the table of all results: a line a run when few, else a picture of all."""
    return _long(results) if long or len(results) <= LONG_FORM else _picture(results)


def _picture(results):
    """One line a pair, dtype and place, one sign a twin and engine: the worst of all seeds."""
    rows: dict[tuple, dict] = {}
    seeds = {result.spec.seed for result in results}
    for result in results:
        spec = result.spec
        seed = spec.seed if len(seeds) <= 2 else None
        key = (spec.pair, spec.dtype, seed, spec.device, spec.switches)
        rows.setdefault(key, {}).setdefault((spec.twin, spec.engine), []).append(result)
    columns = _columns(results)
    picture = FittingTable(
        [
            Column("pair"),
            Column("dtype"),
            *(
                Column(f"{twin}\n{' '.join(letter for _, letter in engines)}")
                for twin, engines in columns.items()
            ),
            Column("epochs", "right", spare=1),
            Column("worst\nULP", "right", spare=2),
            Column("bound\nused", "right", spare=3),
            Column("sharp\nto", "right", spare=4),
        ]
    )
    for (pair, dtype, seed, device, setting), runs in rows.items():
        seeded = "" if seed is None else f"seed={seed}"
        more = (device if device != "CPU:0" else "", seeded, label(setting) if setting else "")
        shown = " ".join(word for word in (pair, *more) if word)
        signs = [_signs(runs, twin, engines) for twin, engines in columns.items()]
        all_runs = [result for of_engine in runs.values() for result in of_engine]
        picture.add_row(shown, dtype, *signs, *_numbers(all_runs))
    many = f"; each sign the worst of {len(seeds)} seeds" if len(seeds) > 2 else ""
    return Group(picture, _engine_legend(columns) + many, *legend(results))


def _columns(results):
    """Return (engine, letter) of each twin's engines: the usual ones, and what ran."""
    ran = {result.spec.engine for result in results}
    shown = sorted(
        (e for e in ENGINES.values() if e.usual or e.name in ran), key=lambda e: not e.usual
    )
    return {twin: tuple((e.name, e.letter) for e in shown if twin in e.twins) for twin in TWINS}


def _engine_legend(columns):
    words = ", ".join(f"{letter} {ENGINES[name].words}" for name, letter in columns["keras"])
    return (
        f"{words}; blank: not asked for, or no such run\n"
        "(--twin tape asks for its XLA runs, --engine fit for the optimizers' own)"
    )


def _signs(runs, twin, engines):
    """Return the signs of one twin's engines: of several runs, the worst."""
    signs = [sign(worst(runs[twin, e])) if (twin, e) in runs else Text(" ") for e, _ in engines]
    return Text(" ").join(signs)


def worst(results):
    """Return the result that is most in need of being looked at."""
    order = (BIT_IDENTICAL, ROUNDING_IDENTICAL, SKIPPED, KINK, OVERFLOW, DIFFERENT)
    return max(results, key=lambda r: (not r.expected, order.index(r.verdict)))


def legend(results):
    """Return what the signs mean that occur among the results."""
    seen = {sign(r).plain for r in results}
    return [Text.assemble((s, style), "  ", words) for (s, style), words in LEGEND if s in seen]


def _numbers(results):
    """Return epochs, worst ULP, bound used and resolution of the certified runs among results."""
    epochs = sorted({r.epochs for r in results if r.epochs})
    span = "-".join(f"{e:g}" for e in dict.fromkeys((epochs[0], epochs[-1]))) if epochs else ""
    certified = [r for r in results if r.verdict in AGREE]
    if not certified:
        return span, "", "", ""
    used = max(r.usage for r in certified)
    worst = max((r.ulp for r in certified if r.ulp is not None), default=None)
    sharp = [r.sharp_to for r in certified if r.sharp_to is not None]
    return span, _ulp(worst), _share(used), _relative(max(sharp, default=None))


def _long(results):
    """One line a run, and below them the reasons, each said once."""
    long = FittingTable(
        [
            Column("pair"),
            Column("dtype", spare=5),
            Column("twin/engine"),
            Column("epochs", "right", spare=1),
            Column("verdict", spare=4),
            Column(""),
            Column("ULP", "right", spare=2),
            Column("used", "right", spare=3),
            Column("sharp to", "right", spare=6),
            Column("why", "right"),
        ]
    )
    numbers: dict[str, int] = {}
    for r in results:
        note = ""
        if r.reason and r.verdict == ROUNDING_IDENTICAL:
            note = str(numbers.setdefault(_said(r), len(numbers) + 1))
        long.add_row(
            r.spec.pair,
            r.spec.dtype,
            _place(r.spec),
            f"{r.epochs:g}",
            Text(f"{r.verdict}, known" if _known(r) else str(r.verdict), style=sign(r).style),
            sign(r),
            _ulp(r.ulp),
            _share(r.usage),
            _relative(r.sharp_to),
            note,
        )
    reasons = (Text(f"{number:3} {reason}") for reason, number in numbers.items())
    return Group(long, *reasons, *legend(results))


def _said(result):
    """Return a result's reason, and what its honest operations lost."""
    return "; lost: ".join((result.reason, *result.lost))


def _place(spec):
    """Return twin, engine, and what is not as usual about where it ran."""
    device = f" {spec.device}" if spec.device != "CPU:0" else ""
    switches = f" {label(spec.switches)}" if spec.switches else ""
    seed = f" seed={spec.seed}" if spec.seed is not None else ""
    operations = " operations" if spec.operations and spec.dtype in NAMES else ""
    return f"{spec.twin}/{spec.engine}{device}{switches}{seed}{operations}"


def _ulp(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value < 1e6 else f"{value:.0e}"


def _relative(value):
    """Return a relative error in two digits."""
    return "" if value is None else f"{value:.0e}"


def _share(value):
    return f"{value:.0%}" if value < 100 else f"{value:.0e}x"


def differences(results):
    """Return what to say of every result that is different, undecided or skipped.

    Runs of one pair and dtype that say the same are said once.
    """
    said: dict[tuple, list] = {}
    for r in results:
        if r.verdict not in AGREE or not r.expected:
            where = f"{r.spec.pair} {r.spec.dtype}"
            what = (r.cause, r.defects, r.with_models) if r.defects else (r.cause, r.reason)
            said.setdefault((not r.expected, where, what), []).append(r)
    lines: list[Text | Padding] = []
    for (unexpected, where, _), runs in sorted(said.items(), key=lambda s: not s[0][0]):
        engines = ", ".join(dict.fromkeys(_place(r.spec) for r in runs))
        mark = ("\N{NOT EQUAL TO} ", "bold red") if unexpected else ("! ", "yellow")
        lines.append(Text.assemble(mark, (where, "bold"), f"  {engines}"))
        lines.append(Padding(Text(_said(runs[0])), (0, 0, 0, 4)))
    return Group(*lines)


def summary(results, seconds):
    """Return one line: how many runs, how many of each verdict, and how long it took."""
    counts: dict[str, int] = {}
    known = "different as a known defect has it"
    for r in results:
        word = known if _known(r) else r.verdict
        counts[word] = counts.get(word, 0) + 1
    parts = [f"{counts[v]} {v}" for v in (*SIGNS, known) if v in counts]
    unexpected = sum(not r.expected for r in results)
    steps = sum(r.steps for r in results)
    end = (
        (f"{unexpected} not as expected", "bold red")
        if unexpected
        else ("all as expected", "green")
    )
    return Text.assemble(
        f"{len(results)} runs, {steps:,} steps certified in {seconds:.0f} s: ",
        ", ".join(parts),
        "; ",
        end,
    )


def environment_table(facts):
    """Return the environment as two columns."""
    grid = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        if name != "environment":
            grid.add_row(Text(name, style="bold"), _words(value))
    return grid


def _words(value):
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(v) for v in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{k}={v}" for k, v in value.items()) or "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "not found" if value is None else str(value)
