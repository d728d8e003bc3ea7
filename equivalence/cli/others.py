"""The commands that run no pair, or pairs of their own."""

from contextlib import ExitStack
from importlib.metadata import version

from equivalence.arithmetic import precisions
from equivalence.cli.progress import progress_bar
from equivalence.errors import BadInput, choose


def doctor(options, console, errors):
    """The command ``doctor``."""
    from equivalence.machine import keras_settings
    from equivalence.machine.environment import environment, unusual
    from equivalence.machine.workers import Workers
    from equivalence.results import picture
    from equivalence.results.journal import Journal

    with errors.status("asking TensorFlow"), Workers(1) as pool:
        facts = pool.submit(environment).result()
    sentences = [*keras_settings.overridden(), *unusual(facts)]
    with Journal(options.json, plan={}) as journal:
        journal.add_record({**facts, "unusual": sentences})
    console.print(picture.environment_table(facts))
    console.print()
    for sentence in sentences:
        console.print(f"! {sentence}", style="yellow", markup=False)
    return 0


def book(options, console, errors):
    """The command ``book``."""
    from equivalence.book import report as book_report
    from equivalence.results.journal import Journal

    with Journal(options.json, plan={}) as journal:
        return book_report.show(console, errors, journal.add_record)


def list_defects(options, console, errors):
    """The command ``defects``: 1 where one no longer is as its row has it."""
    from equivalence import defects
    from equivalence.defects import holding
    from equivalence.machine import environment
    from equivalence.results.journal import Journal

    known = (*defects.ROWS, *defects.SCHEDULE_ROWS, *defects.FUNCTION_DEFECTS)
    departures = (*defects.DEPARTURES, *defects.SCHEDULE_DEPARTURES)
    if options.repro:
        rows = {row.name: row for row in (*known, *departures)}
        if options.repro not in rows:
            raise BadInput(f"unknown defect {options.repro!r}: the choices are {', '.join(rows)}")
        print(rows[options.repro].repro.strip())
        return 0
    states = {}
    with Journal(options.json, plan={}) as journal:
        if not options.list:
            with errors.status("running the program of every row"):
                found = holding.check((*known, *departures))
            states = {row.name: (state, printed) for row, state, printed in found}
        for row in (*known, *departures):
            state, printed = states.get(row.name, (None, None))
            words = {"defect": row.name, "what": row.what, "where": row.where, "seen": row.seen}
            journal.add_record({**words, "state": state, "printed": printed, "link": row.link})
        if states:
            counts = _counts(states)
            journal.add_record({"defects": len(states), **counts, **environment.software()})
    console.print("Defects, which the suite expects and models", style="bold underline")
    _print_defects(console, known, states)
    console.print("Departures from papers and documentation, mirrored", style="bold underline")
    _print_defects(console, departures, states)
    if not states:
        return 0
    _print_counts(console, states)
    return 1 if any(state in holding.CHANGED for state, _ in states.values()) else 0


def _print_defects(console, rows, states):
    for row in rows:
        state, printed = states.get(row.name, ("", ""))
        state += f" in {row.before}" if state == "mended" else ""
        console.print(f"{row.name}  {state}", style="bold")
        console.print(f"  {row.what}.", markup=False)
        console.print(f"  where: {row.where}", markup=False)
        upstream = row.link or "no report known"
        console.print(f"  seen: {row.seen}; upstream: {upstream}", markup=False)
        if printed:
            console.print(f"  here: {printed}", markup=False)
        console.print(f"  equivalence defects --repro {row.name} | python", markup=False)


def _counts(states):
    """Return how many rows are in each state, in words."""
    from equivalence.defects import holding

    found = [state for state, _ in states.values()]
    return {word: found.count(word) for word in holding.STATES}


def _print_counts(console, states):
    """Say how many are in which state with the versions that are installed, and what changed."""
    from equivalence.defects import holding

    counts = _counts(states)
    told = {
        holding.HOLDS: "hold",
        holding.MENDED: "mended, as their rows say",
        holding.LATER: "of what a later Keras has",
        holding.ELSEWHERE: "of other processors",
        holding.GONE: "gone",
        holding.BROKEN: "do not run",
    }
    versions = f"Keras {version('keras')} and TensorFlow {version('tensorflow')}"
    parts = ", ".join(f"{counts[state]} {words}" for state, words in told.items() if counts[state])
    console.print(f"{len(states)} with {versions}: {parts}", style="bold", highlight=False)
    changed = [name for name, (state, _) in states.items() if state in holding.CHANGED]
    if changed:
        console.print(f"not as their rows say: {', '.join(changed)}", style="bold red")


def soak_runs(options, console, errors):
    """The command ``soak``."""
    from equivalence.fuzz import certified, soak
    from equivalence.results.journal import Journal

    if options.resume and not (options.json and options.models):
        raise BadInput("--resume needs --models N and --json FILE, the file that is to be taken up")
    with Journal(options.json, {}, options.resume) as journal, progress_bar(errors) as progress:
        given = options.seed, console, progress, options.first, journal.add_record
        if options.models:
            records = journal.records() if options.resume else ()
            return certified.show(options.models, *given, records)
        return soak.show(options.runs, *given)


def plant_defects(options, console, errors):
    """The command ``plants``."""
    from importlib.util import find_spec

    from equivalence.plants import killrate
    from equivalence.plants.groups import GROUPS
    from equivalence.results.journal import Journal

    words = (options.only or "").lower()
    groups = choose("group", (options.group or ",".join(GROUPS)).split(","), tuple(GROUPS))
    every = [plant for group in groups for plant in GROUPS[group]]
    chosen = [plant for plant in every if words in str(plant).lower()]
    if not chosen:
        raise BadInput(f"no planted defect has {options.only!r} in its row")
    if options.keras_tests and not find_spec("pytest"):
        raise BadInput("--keras-tests needs pytest: pip install equivalence[test]")
    with (
        Journal(options.json, plan={}) as journal,
        progress_bar(errors, time_left=True) as progress,
    ):
        tell = journal.add_record
        return killrate.show(chosen, console, progress, options.keras_tests, tell)


def count_mutants(options, console, errors):
    """The command ``mutants``."""
    import json

    from equivalence.plants import mutation, operators

    trees = choose("tree", options.tree, mutation.TREES)
    every = {tree: operators.files(tree) for tree in trees}
    for file in options.file or ():
        if not any(file in files for files in every.values()):
            raise BadInput(f"no tree has a file {file!r}: give it as optimizers/adam.py")
    wanted = options.file or [file for files in every.values() for file in files]
    words = (options.only or "").lower()
    chosen = [
        (tree, file)
        for tree, files in every.items()
        for file in files
        if file in wanted and any(words in str(m).lower() for m in operators.mutants(tree, file))
    ]
    if not chosen:
        raise BadInput(f"no mutant has {options.only!r} in it")
    with ExitStack() as stack:
        write = lambda record: None
        if options.json:
            try:
                lines = stack.enter_context(open(options.json, "a", encoding="utf-8"))
            except OSError as error:
                raise BadInput(f"cannot write {options.json!r}: {error.strerror}") from None
            write = lambda record: print(json.dumps(record), file=lines, flush=True)
        progress = stack.enter_context(progress_bar(errors, time_left=True))
        return mutation.show(chosen, words, console, progress, write)


def throughput(options, console, errors):
    """The command ``throughput``."""
    from equivalence.ensemble import command
    from equivalence.ensemble.measurement import Request
    from equivalence.pairs.table import PAIRS
    from equivalence.results.journal import Journal

    choose("pair", [options.pair], tuple(PAIRS))
    choose("dtype", [options.dtype], precisions.NAMES)
    engines = choose("engine", options.engine, ("graph", "xla"))
    sizes = options.nets, options.steps, options.seed
    request = Request(options.pair, options.dtype, engines, *sizes)
    with Journal(options.json, plan={}) as journal, progress_bar(errors) as progress:
        return command.show(request, console, progress, journal.add_record)
