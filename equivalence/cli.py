"""The command ``equivalence``; ``equivalence --help`` lists what it does.

Exit codes: 0 all as expected, 1 a run is not as expected, 2 wrong usage, 130
stopped by Ctrl-C; what was written until then stays.
"""

import argparse
import json
import math
import sys
from importlib.metadata import version
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from equivalence.inputs import BadInput

DTYPES = ("float32", "float64")
TWINS = ("tape", "keras")
GROUPS = ("books", "optimizers", "options", "look-up", "training", "all")
ENGINES = ("eager", "graph", "xla", "fit")


class Parser(argparse.ArgumentParser):
    """Answers wrong usage with one sentence."""

    def error(self, message):
        raise BadInput(message)


def main(arguments=None):
    """Run one command; return the exit code."""
    console, errors = Console(), Console(stderr=True)
    try:
        options = parser().parse_args(arguments)
        return options.command(options, console, errors)
    except BadInput as error:
        errors.print(f"equivalence: {error}", style="red", markup=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        errors.print("equivalence: stopped; what was written stays", style="yellow")
        return 130


def console_script():
    sys.exit(main())


def parser():
    """Return the parser of all commands."""
    top = Parser(prog="equivalence", description=__doc__.split("\n\n")[1])
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_verify(commands)
    _add(commands, "pairs", pairs, "list the pairs")
    read = _add(commands, "read", read_twins, "show both twins of a pair or concept side by side")
    read.add_argument("name", help="a pair, or a concept such as adam, two_layer, sigmoid")
    read.add_argument("--html", metavar="FILE", help="write a page instead")
    _add(commands, "doctor", doctor, "say what this machine is, and what is unusual")
    _add(commands, "book", book, "hold both sides against every figure that the books print")
    listed = _add(commands, "defects", list_defects, "list the known upstream defects")
    listed.add_argument("--repro", metavar="NAME", help="print the program that shows one")
    listed.add_argument("--list", action="store_true", help="do not run their programs")
    soak = _add(commands, "soak", soak_runs, "look for false alarms over many random runs")
    soak.add_argument("--runs", type=_positive, default=10_000)
    soak.add_argument("--seed", type=int, default=0)
    plants = _add(commands, "plants", plant_defects, "plant optimizer defects: all must be found")
    plants.add_argument("--only", metavar="WORDS", help="only rows with these words in them")
    plants.add_argument(
        "--keras-tests",
        action="store_true",
        help="also ask the tests that Keras ships with: some 10 s a defect",
    )
    _add_throughput(commands)
    return top


def _add(commands, name, function, words):
    command = commands.add_parser(name, help=words, description=words)
    command.set_defaults(command=function)
    return command


def _add_verify(commands):
    verify = _add(commands, "verify", verify_runs, "verify pairs on this machine")
    many = {"action": "append", "metavar": "NAME"}
    verify.add_argument("--pair", help="only this pair (may be repeated)", **many)
    verify.add_argument(
        "--group",
        default="books",
        help=f"which pairs, of {', '.join(GROUPS)}; books unless --pair is given",
    )
    verify.add_argument("--dtype", help=f"only {' or '.join(DTYPES)}", **many)
    verify.add_argument("--twin", help=f"only {' or '.join(TWINS)}", **many)
    verify.add_argument("--engine", help=f"only one of {', '.join(ENGINES)}", **many)
    verify.add_argument("--device", help="as TensorFlow lists it, such as CPU:0 or GPU:0", **many)
    verify.add_argument(
        "--epochs",
        type=_epochs,
        metavar="N",
        help="a number, or 'book' for the source's own; by default the source's number as "
        "far as each engine gets in an instant",
    )
    verify.add_argument("--seed", type=int, metavar="N", help="random start and data")
    verify.add_argument("--data", metavar="FILE", help=".npz with inputs, targets, weights")
    verify.add_argument("--learning-rate", type=_rate, metavar="X", help="instead of the pair's")
    verify.add_argument("--json", metavar="FILE", help="append one JSON object a line and run")
    verify.add_argument("--long", action="store_true", help="a line for every run")
    verify.add_argument("--svg", metavar="FILE", help="also draw what is printed")


def _add_throughput(commands):
    speed = _add(
        commands, "throughput", throughput, "measure steps verified and certified a second"
    )
    speed.add_argument("--pair", default="linear-2-2-2", metavar="NAME")
    speed.add_argument("--dtype", default="float32", metavar="NAME")
    speed.add_argument("--engine", action="append", metavar="NAME", help="graph or xla; or both")
    speed.add_argument("--nets", type=_positive, default=4096, help="in the ensemble")
    speed.add_argument("--steps", type=_positive, default=10_000_000, help="to verify an engine")
    speed.add_argument("--seed", type=int, default=0)
    speed.add_argument("--json", metavar="FILE", help="append one JSON object a line")


def _positive(text):
    value = int(text) if text.lstrip("+-").isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return value


def _epochs(text):
    return 0 if text == "book" else _positive(text)


def _rate(text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number above 0")
    return value


def _choose(what, asked, known):
    """Return what was asked for, or all; raise BadInput with the choices."""
    for name in asked or ():
        if name not in known:
            raise BadInput(f"unknown {what} {name!r}: the choices are {', '.join(known)}")
    return tuple(asked or known)


# ---------------------------------------------------------------------- verify


def specs(options):
    """Return the runs that the options ask for."""
    from equivalence.pairs import find
    from equivalence.run import Spec

    try:
        chosen = [find(name) for name in options.pair or _group(options.group)]
    except ValueError as error:
        raise BadInput(str(error)) from None
    dtypes = _choose("dtype", options.dtype, DTYPES)
    twins = _choose("twin", options.twin, TWINS)
    engines = _choose("engine", options.engine, ENGINES)
    quick = not (options.twin or options.engine)
    found = [
        Spec(
            pair.name,
            dtype,
            twin,
            engine,
            device,
            options.epochs,
            options.seed,
            options.data,
            options.learning_rate,
        )
        for pair in chosen
        for dtype in dtypes
        for device in options.device or ("CPU:0",)
        for twin in twins
        for engine in engines
        if _exists(pair, twin, engine) and not (quick and _spared(pair, twin, engine))
    ]
    if not found:
        raise BadInput(
            f"nothing to run: {', '.join(p.name for p in chosen)} with twin "
            f"{', '.join(twins)} and engine {', '.join(engines)} (fit needs twin keras, "
            "and the textbook optimizers have no Keras class)"
        )
    return found


def _exists(pair, twin, engine):
    """Say whether a pair has such a run: the tape has no fit, the textbook forms no Keras."""
    return bool(pair.keras) if twin == "keras" else engine != "fit"


def _spared(pair, twin, engine):
    """Say whether a run waits to be asked for: compiling for XLA is what takes longest.

    XLA runs once for each pair and dtype, on Keras where there is Keras.
    """
    return bool(pair.keras) and (twin, engine) == ("tape", "xla")


def _group(group):
    """Return the names of the pairs of a group."""
    from equivalence.pairs import ROWS

    _choose("group", [group], GROUPS)
    return [row.name for row in ROWS if group in (row.group, "all")]


def verify_runs(options, console, errors):
    """The command ``verify``."""
    from equivalence import report
    from equivalence.pairs import find
    from equivalence.run import reference_program, run
    from equivalence.workers import Workers

    asked = specs(options)
    for spec in {s.pair: s for s in asked}.values():
        reference_program(spec, find(spec.pair))  # bad data is refused before anything runs
    began, results = perf_counter(), {}
    with _results_file(options.json) as file, Workers(len(asked)) as pool:
        facts = pool.submit(_environment)
        if options.device:
            _check_devices(options.device, facts.result()["devices"])
        with _progress(errors) as progress:
            bar = progress.add_task("verifying", total=len(asked), unexpected="")
            for spec, outcome in pool.map(run, asked):
                result = _as_result(spec, outcome)
                if not results:
                    _write(file, facts.result())
                results[spec] = result
                _write(file, result.record())
                progress.update(bar, advance=1, description=f"{spec.pair} {spec.dtype}")
    ordered = [results[spec] for spec in asked]
    console.record = bool(options.svg)
    console.print(report.table(ordered, long=options.long))
    console.print(report.differences(ordered))
    console.print(report.summary(ordered, perf_counter() - began))
    if options.svg:
        console.save_svg(options.svg, title="equivalence verify")
    return 0 if all(r.expected for r in ordered) else 1


def _environment():
    from equivalence.environment import environment

    return environment()


def _check_devices(asked, listed):
    for device in asked:
        if device not in listed:
            raise BadInput(f"no device {device!r} here: TensorFlow lists {', '.join(listed)}")


def _as_result(spec, outcome):
    """Return the Result of a run, also of one that broke off."""
    from equivalence.judge import SKIPPED, Verdict
    from equivalence.run import Result

    if not isinstance(outcome, BaseException):
        return outcome
    if isinstance(outcome, BadInput):
        raise outcome
    reason = f"{type(outcome).__name__}: {outcome}".split("\n")[0]
    return Result(spec, 0, 0, Verdict(SKIPPED, 0.0, 0.0, 0.0), False, reason, 0.0)


class _results_file:
    """The results file, opened for appending, or nothing where none is asked for."""

    def __init__(self, path):
        self.path = path
        self.file = None

    def __enter__(self):
        if self.path:
            try:
                self.file = open(self.path, "a", encoding="utf-8")
            except OSError as error:
                raise BadInput(f"cannot write {self.path!r}: {error.strerror}") from None
        return self.file

    def __exit__(self, *_):
        if self.file:
            self.file.close()


def _write(file, record):
    """Append one line; it is on its way to the disk before the next run starts."""
    if file:
        file.write(json.dumps(_plain(record), ensure_ascii=False) + "\n")
        file.flush()


def _plain(value):
    """Return a value as strict JSON can hold it: not-finite numbers become words."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _progress(errors):
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=errors,
        transient=True,
    )


# ------------------------------------------------------------- other commands


def pairs(options, console, errors):
    """The command ``pairs``."""
    from rich import box
    from rich.table import Table

    from equivalence.pairs import ROWS

    listing = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("pair", "source", "epochs", "steps an epoch", "note"):
        listing.add_column(name)
    for pair in ROWS:
        listing.add_row(
            pair.name, pair.source, f"{pair.epochs:,}", str(pair.steps_per_epoch), pair.note
        )
    console.print(listing)
    return 0


def read_twins(options, console, errors):
    """The command ``read``."""
    from equivalence.pairs import PAIRS
    from equivalence.reader import concepts, show, write_page

    known = concepts()
    # A name that is both, such as adam, is the concept: its pair is more files.
    if options.name in known:
        files, title = [known[options.name]], options.name
    elif options.name in PAIRS:
        pair = PAIRS[options.name]
        files, title = list(pair.files), f"{pair.name} ({pair.source})"
    else:
        choices = ", ".join(sorted({*known, *PAIRS}))
        raise BadInput(f"nothing called {options.name!r} to read: the choices are {choices}")
    if options.html:
        try:
            write_page(files, title, options.html)
        except OSError as error:
            raise BadInput(f"cannot write {options.html!r}: {error.strerror}") from None
        console.print(f"wrote {options.html}", markup=False)
    else:
        show(files, title, console)
    return 0


def doctor(options, console, errors):
    """The command ``doctor``."""
    from equivalence import report
    from equivalence.environment import unusual
    from equivalence.workers import Workers

    with errors.status("asking TensorFlow"), Workers(1) as pool:
        facts = pool.submit(_environment).result()
    console.print(report.environment_table(facts))
    console.print()
    for sentence in unusual(facts):
        console.print(f"! {sentence}", style="yellow", markup=False)
    return 0


def book(options, console, errors):
    """The command ``book``."""
    from equivalence.book import report as book_report

    return book_report.show(console, errors)


def list_defects(options, console, errors):
    """The command ``defects``."""
    from equivalence import defects
    from equivalence.defects import holding

    known = (*defects.ROWS, *defects.SCHEDULE_ROWS)
    departures = (*defects.DEPARTURES, *defects.SCHEDULE_DEPARTURES)
    if options.repro:
        rows = {row.name: row for row in (*known, *departures)}
        if options.repro not in rows:
            raise BadInput(f"unknown defect {options.repro!r}: the choices are {', '.join(rows)}")
        print(rows[options.repro].repro.strip())
        return 0
    if options.list:
        states = {}
    else:
        with errors.status("running the program of every row"):
            found = holding.check((*known, *departures))
        states = {row.name: (state, printed) for row, state, printed in found}
    console.print("Defects, which the suite expects and models", style="bold underline")
    _print_defects(console, known, states)
    console.print("Departures from papers and documentation, mirrored", style="bold underline")
    _print_defects(console, departures, states)
    if states:
        _print_holding(console, states)
    return 0


def _print_defects(console, rows, states):
    for row in rows:
        state, printed = states.get(row.name, ("", ""))
        console.print(f"{row.name}  {state}", style="bold")
        console.print(f"  {row.what}.", markup=False)
        console.print(f"  where: {row.where}", markup=False)
        upstream = row.link or "no report known"
        console.print(f"  seen: {row.seen}; upstream: {upstream}", markup=False)
        if printed:
            console.print(f"  here: {printed}", markup=False)
        console.print(f"  equivalence defects --repro {row.name} | python", markup=False)


def _print_holding(console, states):
    """Say which still hold with the versions that are installed."""
    gone = [name for name, (state, _) in states.items() if state in ("gone", "does not run")]
    versions = f"Keras {version('keras')} and TensorFlow {version('tensorflow')}"
    hold = sum(state == "holds" for state, _ in states.values())
    held = f"{hold} of {len(states)} hold with {versions}"
    console.print(f"{held}; no longer: {', '.join(gone) or 'none'}", style="bold")


def soak_runs(options, console, errors):
    """The command ``soak``."""
    from equivalence import soak

    with _progress(errors) as progress:
        return soak.show(options.runs, options.seed, console, progress)


def plant_defects(options, console, errors):
    """The command ``plants``."""
    from importlib.util import find_spec

    from equivalence import killrate
    from equivalence.optimizer_plants import NO_OPS, PLANTS

    words = (options.only or "").lower()
    chosen = [plant for plant in (*PLANTS, *NO_OPS) if words in str(plant).lower()]
    if not chosen:
        raise BadInput(f"no planted defect has {options.only!r} in its row")
    if options.keras_tests and not find_spec("pytest"):
        raise BadInput("--keras-tests needs pytest: pip install equivalence[test]")
    with _progress(errors) as progress:
        return killrate.show(chosen, console, progress, options.keras_tests)


def throughput(options, console, errors):
    """The command ``throughput``."""
    from equivalence.ensemble import command
    from equivalence.ensemble.measurement import Request
    from equivalence.pairs import PAIRS

    _choose("pair", [options.pair], tuple(PAIRS))
    _choose("dtype", [options.dtype], DTYPES)
    engines = _choose("engine", options.engine, ("graph", "xla"))
    sizes = options.nets, options.steps, options.seed
    request = Request(options.pair, options.dtype, engines, *sizes)
    with _results_file(options.json) as file, _progress(errors) as progress:
        return command.show(request, console, progress, lambda record: _write(file, record))


if __name__ == "__main__":
    console_script()
