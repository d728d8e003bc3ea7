"""The commands ``axes`` and ``positions``."""

from dataclasses import replace

from equivalence.arithmetic import precisions
from equivalence.cli.progress import progress_bar
from equivalence.cli.verify import MOST_RUNS, choose_places, pair_names
from equivalence.errors import choose
from equivalence.pairs.table import find
from equivalence.runs.select import Request, specs


def axes_table(options, console, errors):
    """The command ``axes``."""
    from equivalence.axes import report, table
    from equivalence.machine import switches
    from equivalence.machine.workers import Workers
    from equivalence.results import journal
    from equivalence.runs import in_worker
    from equivalence.runs.run import limit_of

    choose("dtype", options.dtype, precisions.NAMES)
    settings = switches.settings(options.switch) if options.switch else table.SETTINGS
    request = Request(
        dtypes=tuple(options.dtype or ()),
        twins=tuple(options.twin or ()),
        engines=tuple(options.engine or table.ENGINES),
        epochs=options.epochs,
        seeds=(options.seed,),
    )
    pairs, expected = [find(name) for name in pair_names(options.pair)], True
    with Workers(MOST_RUNS) as pool:
        choice = choose_places(options, settings, pool)
        for note in choice.notes:
            console.print(f"! {note}", style="yellow", markup=False)
        asked = []
        for pair in pairs:
            epochs = table.epochs(pair) if request.epochs is None else request.epochs
            asked += specs(replace(request, pairs=(pair.name,), epochs=epochs), choice.places)
        with journal.Journal(options.json, journal.plan(asked, journal.Shard())) as file:
            rows = {}
            with progress_bar(errors) as progress:
                bar = progress.add_task("running", total=len(asked))
                for spec, outcome in pool.map(in_worker.row_with_trajectory, asked, limit_of):
                    done = in_worker.outcome_of(spec, outcome)
                    file.add(done)
                    rows[spec] = table.Row(done.result, done.trajectory)
                    progress.update(bar, advance=1, description=f"{spec.pair} {spec.dtype}")
            for key in dict.fromkeys((s.pair, s.dtype) for s in asked):
                joined = table.joined([rows[s] for s in asked if (s.pair, s.dtype) == key])
                file.add_record(joined.record())
                report.show(joined, console)
                expected = expected and all(row.result.expected for row in joined.rows)
    return 0 if expected else 1


def positions_table(options, console, errors):
    """The command ``positions``."""
    from equivalence.axes import report
    from equivalence.machine.environment import environment
    from equivalence.machine.workers import Workers
    from equivalence.measure import positions
    from equivalence.results import journal

    dtypes = choose("dtype", options.dtype, positions.DTYPES)
    tasks = positions.tasks(dtypes, choose("engine", options.engine, positions.ENGINES))
    plan = {"positions": len(tasks)}
    with Workers(len(tasks)) as pool, journal.Journal(options.json, plan) as file:
        file.environment(pool.submit(environment).result())
        found, broken = {}, []
        with progress_bar(errors) as progress:
            bar = progress.add_task("measuring", total=len(tasks))
            for task, outcome in pool.map(positions.run, tasks):
                if isinstance(outcome, BaseException):
                    broken.append(f"{' '.join(task[1:])}: {type(outcome).__name__}: {outcome}")
                else:
                    found[task] = outcome
                    file.add_record(outcome.record())
                progress.update(bar, advance=1, description=" ".join(task[1:]))
    spreads = [found[task] for task in tasks if task in found]
    report.show_positions(spreads, console)
    for line in broken:
        console.print(line, style="bold red", markup=False, soft_wrap=True)
    return 0 if not broken and all(s.holds for s in spreads) else 1
