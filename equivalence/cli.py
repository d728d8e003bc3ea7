"""The command ``equivalence``; ``equivalence --help`` lists what it does.

Exit codes: 0 all as expected, 1 a run is not as expected, 2 wrong usage, 130
stopped by Ctrl-C; what was written until then stays.
"""

import argparse
import math
import sys
from functools import partial
from importlib.metadata import version
from time import perf_counter

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from equivalence.inputs import BadInput

DTYPES = ("float32", "float64")
TWINS = ("tape", "keras")
GROUPS = (
    "books",
    "optimizers",
    "options",
    "look-up",
    "training",
    "axes",
    "layers",
    "models",
    "all",
)
ENGINES = ("eager", "graph", "xla", "train_on_batch", "fit", "split", "mirrored")
USUAL = ("eager", "graph", "xla", "fit")  # what ``verify`` runs by itself
OF_MODELS = ENGINES[3:]  # the tape twin has no model
# What ``--profile`` stands for, where an option is not given itself.
PROFILES = {
    "deep": {"group": "all", "engine": ["all"], "seeds": 100},
    "models": {
        "group": "models",
        "epochs": 0,  # the source's number
        "engine": ["graph"],
        "dtype": ["float32"],
    },
}


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
    _add_axes(commands)
    places = _add(commands, "positions", positions_table, "arrays of 1 to 33, element by element")
    places.add_argument("--dtype", help=f"only {' or '.join(DTYPES)}", **MANY)
    places.add_argument("--engine", help="only one of eager, graph, xla", **MANY)
    places.add_argument("--json", metavar="FILE", help="append one JSON object a line")
    gpu = _add(commands, "gpu", verify_gpu, "verify this machine's GPUs, in every precision")
    gpu.add_argument("--json", metavar="FILE", help="append one JSON object a line and run")
    gpu.add_argument("--resume", action="store_true", help="leave out what FILE has already")
    gpu.add_argument("--long", action="store_true", help="a line for every run")
    merge = _add(commands, "merge", merge_files, "put the results files of shards together")
    merge.add_argument("files", nargs="+", metavar="FILE")
    merge.add_argument("--json", metavar="FILE", help="write all runs into one file")
    merge.add_argument("--long", action="store_true", help="a line for every run")
    merge.add_argument("--markdown", action="store_true", help="print a table for a text")
    _add(commands, "pairs", pairs, "list the pairs")
    read = _add(commands, "read", read_twins, "show both twins of a pair or concept side by side")
    read.add_argument("name", help="a pair, a concept such as adam, two_layer, lstm, or all")
    read.add_argument("--html", metavar="FILE", help="write a page instead")
    _add(commands, "doctor", doctor, "say what this machine is, and what is unusual")
    _add(commands, "book", book, "hold both sides against every figure that the books print")
    listed = _add(commands, "defects", list_defects, "list the known upstream defects")
    listed.add_argument("--repro", metavar="NAME", help="print the program that shows one")
    listed.add_argument("--list", action="store_true", help="do not run their programs")
    soak = _add(commands, "soak", soak_runs, "look for false alarms over many random runs")
    soak.add_argument("--runs", type=_positive, default=10_000)
    soak.add_argument("--seed", type=int, default=0)
    soak.add_argument("--first", type=int, default=0, help="the number of the first run")
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
    _add_axes_options(verify)
    verify.add_argument("--pair", help="only this pair (may be repeated)", **MANY)
    verify.add_argument(
        "--group",
        help=f"which pairs: {', '.join(GROUPS)}, or several with commas; by default books, "
        "optimizers",
    )
    verify.add_argument("--data", metavar="FILE", help=".npz with inputs, targets, weights")
    verify.add_argument("--learning-rate", type=_rate, metavar="X", help="instead of the pair's")
    verify.add_argument("--json", metavar="FILE", help="append one JSON object a line and run")
    verify.add_argument("--long", action="store_true", help="a line for every run")
    verify.add_argument("--svg", metavar="FILE", help="also draw what is printed")
    verify.add_argument("--seeds", type=_positive, metavar="N", help="the seeds 0 to N-1")
    verify.add_argument(
        "--profile", help="deep: every pair and engine, 100 seeds, unless said otherwise"
    )
    verify.add_argument(
        "--deep",
        action="store_const",
        dest="profile",
        const="models",
        help="the seeds' models for all of their epochs, in a graph in float32, by Keras where "
        "Keras has such classes",
    )
    verify.add_argument(
        "--resume", action="store_true", help="leave out the runs that --json FILE has already"
    )
    verify.add_argument("--shard", type=_shard, metavar="I/N", help="only this part of the runs")
    verify.add_argument("--dask", metavar="ADDRESS", help="run on the workers of this scheduler")
    verify.add_argument(
        "--limit", type=_rate, metavar="SECONDS", help="a run that takes longer counts as hung"
    )


def _add_axes(commands):
    axes = _add(commands, "axes", axes_table, "which engines and switches give the same bits")
    axes.add_argument("pair", nargs="+", metavar="PAIR")
    _add_axes_options(axes)
    axes.add_argument("--json", metavar="FILE", help="append one JSON object a table")


MANY = {"action": "append", "metavar": "NAME"}


def _add_axes_options(command):
    """Add what names the runs of a pair: its axes, and how long they go."""
    command.add_argument("--dtype", help=f"only {' or '.join(DTYPES)}", **MANY)
    command.add_argument("--twin", help=f"only {' or '.join(TWINS)}", **MANY)
    command.add_argument(
        "--engine", help=f"only one of {', '.join(ENGINES)}, or all; {', '.join(USUAL)}", **MANY
    )
    command.add_argument(
        "--device", help="as TensorFlow lists it, such as CPU:0 or GPU:0, or all", **MANY
    )
    command.add_argument(
        "--switch",
        action="append",
        metavar="NAME=VALUE",
        help="one of TensorFlow's switches, such as onednn=off; two values of one run both",
    )
    command.add_argument(
        "--epochs",
        type=_epochs,
        metavar="N",
        help="a number, or 'book' for the source's own; by default the source's number as "
        "far as each engine gets in an instant",
    )
    command.add_argument("--seed", type=int, metavar="N", help="random start and data")


def _shard(text):
    from equivalence.campaign import Shard

    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a part such as 2/8")
    return Shard(int(number), int(count))


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


def specs(options, places):
    """Return the runs that the options ask for, at each (setting, device) of ``places``."""
    from equivalence.run import Spec

    chosen = _pairs(options.pair or _group(options.group or "books,optimizers"))
    dtypes = _choose("dtype", options.dtype, DTYPES)
    twins = _choose("twin", options.twin, TWINS)
    engines = _engines(options.engine, USUAL)
    spared = _spares(options)
    found = [
        Spec(
            pair.name,
            dtype,
            twin,
            engine,
            device,
            options.epochs,
            seed,
            options.data,
            options.learning_rate,
            placed,
        )
        for seed in _seeds(options)
        for pair in chosen
        for dtype in dtypes
        for setting, device in places
        for twin in twins
        for engine in engines
        for placed in _settings_of(pair, engine, setting, device)
        if _exists(pair, twin, engine) and not spared(pair, twin, engine)
    ]
    if not found:
        raise BadInput(
            f"nothing to run: {', '.join(p.name for p in chosen)} with twin "
            f"{', '.join(twins)} and engine {', '.join(engines)} (fit and its kin need twin "
            "keras, the textbook optimizers have no Keras class, and mirrored needs batches "
            "that its devices can share equally and a loss that is a mean)"
        )
    return found


def _pairs(names):
    from equivalence.pairs import find

    try:
        return [find(name) for name in names]
    except ValueError as error:
        raise BadInput(str(error)) from None


def _engines(asked, default):
    """Return the engines that were asked for; "all" is every one."""
    if "all" in (asked or ()):
        return ENGINES
    return _choose("engine", asked, ENGINES) if asked else default


def _seeds(options):
    return range(options.seeds) if getattr(options, "seeds", None) else (options.seed,)


def _settings_of(pair, engine, setting, device):
    """Return the settings in which an engine runs: mirrored over 2 and over 4 CPUs."""
    from equivalence import devices

    if engine != "mirrored":
        return [setting]
    return devices.mirrored_settings(pair, setting, device)


def _exists(pair, twin, engine):
    """Say whether a pair has such a run: the tape has no fit, the textbook forms no Keras."""
    return bool(pair.keras) if twin == "keras" else engine not in OF_MODELS


def _spares(options):
    """Return a function that says whether a run waits to be asked for by twin or engine."""
    deep = getattr(options, "profile", None) == "models"
    if options.twin or (options.engine and not deep):
        return lambda pair, twin, engine: False
    return _another_twin if deep else _spared


def _another_twin(pair, twin, engine):
    """Say whether a run's twin is not the one by which a model is taken: Keras, where it can."""
    return bool(pair.keras) and twin == "tape"


def _spared(pair, twin, engine):
    """Say whether a run waits to be asked for: compiling for XLA is what takes longest.

    XLA runs once for each pair and dtype, on Keras where there is Keras.  And the optimizers
    alone do not ``fit``: with given gradients there is no more to see than in a graph.
    """
    alone = pair.group == "optimizers" and engine == "fit"
    return alone or (bool(pair.keras) and (twin, engine) == ("tape", "xla"))


def _group(groups):
    """Return the names of the pairs of a group, or of several with commas between."""
    from equivalence.pairs import ROWS

    chosen = [name.strip() for name in groups.split(",")]
    _choose("group", chosen, GROUPS)
    return [row.name for row in ROWS if row.group in chosen or "all" in chosen]


def verify_runs(options, console, errors):
    """The command ``verify``."""
    from equivalence.axes import switches
    from equivalence.pairs import find
    from equivalence.run import reference_program
    from equivalence.workers import Workers

    _take_profile(options)
    settings = switches.settings(options.switch)
    if options.resume and not options.json:
        raise BadInput("--resume needs --json FILE, the results file that is to be taken up")
    with Workers(MOST_RUNS, options.limit) as pool:
        choice = _places(options, settings, pool)
        every = specs(options, choice.places)
        for spec in {s.pair: s for s in every}.values():
            reference_program(spec, find(spec.pair))  # bad data is refused before anything runs
        results = _verify(options, every, choice.notes, pool, console, errors)
    return 0 if all(r.expected for r in results) else 1


def _verify(options, every, notes, pool, console, errors):
    """Run and report the shard of ``every`` run that the options ask for; its Results."""
    from equivalence import campaign, report
    from equivalence.devices import Comparison
    from equivalence.environment import environment

    began, shard = perf_counter(), options.shard or campaign.Shard()
    asked = shard.of(every)
    several = len({spec.device for spec in asked}) > 1
    comparison = Comparison(asked) if several else None
    with campaign.Journal(options.json, campaign.plan(every, shard), options.resume) as journal:
        results = {spec: journal.finished(spec) for spec in asked}
        left = [spec for spec in asked if results[spec] is None]
        if left and not options.dask:
            journal.environment(pool.submit(environment).result())
        function = campaign.row_with_trajectory if several else campaign.row
        with _progress(errors, TimeRemainingColumn()) as progress:
            taken_up = finished = len(asked) - len(left)
            work = {spec: _work(spec) for spec in asked}
            pool.no_more_than(sum(work[spec] for spec in left) // A_START)
            done_already = sum(work[spec] for spec in asked if results[spec])
            bar = progress.add_task("verifying", total=sum(work.values()), completed=done_already)
            for spec, outcome in _runs(options, pool, function, left):
                done = campaign.outcome_of(spec, outcome)
                results[spec] = done.result
                journal.add(done)
                if comparison:
                    comparison.add(spec, done.trajectory)
                finished += 1
                told = f"{finished}/{len(asked)} {spec.pair} {spec.dtype}"
                progress.update(bar, advance=work[spec], description=told)
    ordered = [results[spec] for spec in asked]
    console.record = bool(options.svg)
    for note in notes:
        console.print(f"! {note}", style="yellow", markup=False)
    if taken_up:
        console.print(f"{taken_up} runs taken up from {options.json}", markup=False)
    console.print(report.table(ordered, long=options.long))
    for line in comparison.lines() if comparison else ():
        console.print(line, markup=False, soft_wrap=True)
    console.print(report.differences(ordered))
    console.print(report.summary(ordered, perf_counter() - began))
    if options.svg:
        console.save_svg(options.svg, title="equivalence verify")
    return ordered


def _work(spec):
    """Return about how long a run takes, in steps: the building takes as long as so many."""
    from equivalence.pairs import find
    from equivalence.run import steps_of

    pair = find(spec.pair)
    return 500 + steps_of(spec, pair)


def verify_gpu(options, console, errors):
    """The command ``gpu``."""
    from equivalence import devices
    from equivalence.environment import environment
    from equivalence.run import Spec
    from equivalence.workers import Workers

    options.shard = options.dask = options.svg = None
    with Workers(MOST_RUNS) as pool:
        facts = pool.submit(environment).result()
        runs = devices.gpu_runs(facts["devices"])
        if not runs:
            why = f"skipped, no GPU: TensorFlow lists only {', '.join(facts['devices'])}"
            for row in devices.GPU_ROWS:
                console.print(f"{row.words}: {why}", markup=False, soft_wrap=True)
            return 2
        every = [
            Spec(**fields, twin="keras", device=device, switches=row.setting)
            for row, device, fields in runs
        ]
        results = _verify(options, every, (), pool, console, errors)
    idle = [r for r in results if devices.did_nothing(r)]
    for result in idle:
        console.print(
            f"TF32 was on and left no trace: {result.spec.name}", style="bold red", markup=False
        )
    return 0 if not idle and all(r.expected for r in results) else 1


# Workers are made as they are needed, one for each core at most; one takes as long to start as
# so many steps of ``_work``.
MOST_RUNS, A_START = 1 << 20, 2500


def _take_profile(options):
    """Fill in what a profile says of the options that were not given."""
    if options.profile is None:
        return
    _choose("profile", [options.profile], tuple(PROFILES))
    for name, value in PROFILES[options.profile].items():
        if getattr(options, name) is None:
            setattr(options, name, value)


def _places(options, settings, pool):
    """Return the Choice of settings and devices; asks TensorFlow only if it has to."""
    from equivalence import devices
    from equivalence.environment import environment

    facts = pool.submit(environment).result() if options.device else {"devices": ()}
    return devices.choose(options.device, facts["devices"], settings)


def _runs(options, pool, function, specs):
    """Return an iterator of (spec, outcome), from this machine or from a cluster."""
    if not options.dask:
        return pool.map(function, specs)
    from equivalence import cluster

    return cluster.run_all(options.dask, function, specs)


def axes_table(options, console, errors):
    """The command ``axes``."""
    from equivalence import campaign
    from equivalence.axes import report, switches, table
    from equivalence.workers import Workers

    settings = switches.settings(options.switch) if options.switch else table.SETTINGS
    options.engine = options.engine or list(table.ENGINES)
    options.data = options.learning_rate = options.group = None
    pairs, epochs, expected = _pairs(options.pair), options.epochs, True
    with Workers(MOST_RUNS) as pool:
        choice = _places(options, settings, pool)
        for note in choice.notes:
            console.print(f"! {note}", style="yellow", markup=False)
        asked = []
        for pair in pairs:
            options.pair = [pair.name]
            options.epochs = epochs if epochs is not None else table.epochs(pair)
            asked += specs(options, choice.places)
        with campaign.Journal(options.json, campaign.plan(asked, campaign.Shard())) as journal:
            rows = {}
            with _progress(errors) as progress:
                bar = progress.add_task("running", total=len(asked))
                for spec, outcome in pool.map(campaign.row_with_trajectory, asked):
                    done = campaign.outcome_of(spec, outcome)
                    journal.add(done)
                    rows[spec] = table.Row(done.result, done.trajectory)
                    progress.update(bar, advance=1, description=f"{spec.pair} {spec.dtype}")
            for key in dict.fromkeys((s.pair, s.dtype) for s in asked):
                joined = table.joined([rows[s] for s in asked if (s.pair, s.dtype) == key])
                journal.add_record(joined.record())
                report.show(joined, console)
                expected = expected and all(row.result.expected for row in joined.rows)
    return 0 if expected else 1


def positions_table(options, console, errors):
    """The command ``positions``."""
    from equivalence import campaign
    from equivalence.axes import positions, report
    from equivalence.environment import environment
    from equivalence.workers import Workers

    dtypes = _choose("dtype", options.dtype, positions.DTYPES)
    tasks = positions.tasks(dtypes, _choose("engine", options.engine, positions.ENGINES))
    plan = {"positions": len(tasks)}
    with Workers(len(tasks)) as pool, campaign.Journal(options.json, plan) as journal:
        journal.environment(pool.submit(environment).result())
        found, broken = {}, []
        with _progress(errors) as progress:
            bar = progress.add_task("measuring", total=len(tasks))
            for task, outcome in pool.map(positions.run, tasks):
                if isinstance(outcome, BaseException):
                    broken.append(f"{' '.join(task[1:])}: {type(outcome).__name__}: {outcome}")
                else:
                    found[task] = outcome
                    journal.add_record(outcome.record())
                progress.update(bar, advance=1, description=" ".join(task[1:]))
    spreads = [found[task] for task in tasks if task in found]
    report.show_positions(spreads, console)
    for line in broken:
        console.print(line, style="bold red", markup=False, soft_wrap=True)
    return 0 if not broken and all(s.holds for s in spreads) else 1


def merge_files(options, console, errors):
    """The command ``merge``."""
    from equivalence import campaign, report, table

    whole = campaign.merged(options.files)
    if options.json:
        campaign.write(options.json, whole)
    if options.markdown:
        print("\n".join(table.markdown(whole.records)))
        return 0
    console.print(report.table(whole.results, long=options.long))
    console.print(report.differences(whole.results))
    console.print(report.summary(whole.results, sum(r.seconds for r in whole.results)))
    if whole.repeated:
        console.print(f"{whole.repeated} runs were written more than once, and count once")
    for complaint in whole.complaints:
        errors.print(f"! {complaint}", style="bold red", markup=False, soft_wrap=True)
    return 0 if not whole.complaints and all(r.expected for r in whole.results) else 1


def _progress(errors, last=None):
    """Return a bar with what is done; ``last``: a column instead of the count of tasks."""
    return Progress(
        BarColumn(),
        last or MofNCompleteColumn(),
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
    from equivalence.reader import concepts, show, write_all, write_page

    if options.name == "all":
        if not options.html:
            raise BadInput("all twins are too much for a terminal: give --html FILE")
        return _written(write_all, options.html, console)
    known = concepts()
    # A name that is both, such as adam, is the concept: its pair is more files.
    if options.name in known:
        files, title = [known[options.name]], options.name
    elif options.name in PAIRS:
        pair = PAIRS[options.name]
        files, title = list(pair.files), f"{pair.name} ({pair.source})"
    else:
        choices = ", ".join(["all", *sorted({*known, *PAIRS})])
        raise BadInput(f"nothing called {options.name!r} to read: the choices are {choices}")
    if options.html:
        return _written(partial(write_page, files, title), options.html, console)
    show(files, title, console)
    return 0


def _written(write, path, console):
    """Write a page by ``write`` of its path, and say so."""
    try:
        write(path)
    except OSError as error:
        raise BadInput(f"cannot write {path!r}: {error.strerror}") from None
    console.print(f"wrote {path}", markup=False)
    return 0


def doctor(options, console, errors):
    """The command ``doctor``."""
    from equivalence import report
    from equivalence.environment import environment, unusual
    from equivalence.workers import Workers

    with errors.status("asking TensorFlow"), Workers(1) as pool:
        facts = pool.submit(environment).result()
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

    known = (*defects.ROWS, *defects.SCHEDULE_ROWS, *defects.FUNCTION_DEFECTS)
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
        return soak.show(options.runs, options.seed, console, progress, options.first)


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
    from equivalence.campaign import Journal
    from equivalence.ensemble import command
    from equivalence.ensemble.measurement import Request
    from equivalence.pairs import PAIRS

    _choose("pair", [options.pair], tuple(PAIRS))
    _choose("dtype", [options.dtype], DTYPES)
    engines = _choose("engine", options.engine, ("graph", "xla"))
    sizes = options.nets, options.steps, options.seed
    request = Request(options.pair, options.dtype, engines, *sizes)
    with Journal(options.json, plan={}) as journal, _progress(errors) as progress:
        return command.show(request, console, progress, journal.add_record)


if __name__ == "__main__":
    console_script()
