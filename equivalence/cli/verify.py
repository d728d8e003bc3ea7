"""The commands ``verify``, ``gpu`` and ``merge``."""

from time import perf_counter

from rich.progress import (
    TimeRemainingColumn,
)

from equivalence.cli.progress import progress_bar
from equivalence.errors import BadInput
from equivalence.runs.select import specs, take_profile


def verify_runs(options, console, errors):
    """The command ``verify``."""
    from equivalence.machine import switches
    from equivalence.machine.workers import Workers
    from equivalence.pairs.table import find
    from equivalence.runs.run import reference_program

    take_profile(options)
    settings = switches.settings(options.switch)
    if options.resume and not options.json:
        raise BadInput("--resume needs --json FILE, the results file that is to be taken up")
    with Workers(MOST_RUNS, options.limit) as pool:
        choice = choose_places(options, settings, pool)
        every = specs(options, choice.places)
        for spec in {s.pair: s for s in every}.values():
            reference_program(spec, find(spec.pair))  # bad data is refused before anything runs
        results = _verify(options, every, choice.notes, pool, console, errors)
    return 0 if all(r.expected for r in results) else 1


def _verify(options, every, notes, pool, console, errors):
    """Run and report the shard of ``every`` run that the options ask for; its Results."""
    from equivalence.machine.environment import environment
    from equivalence.results import journal, picture
    from equivalence.results.devices import Comparison

    began, shard = perf_counter(), options.shard or journal.Shard()
    asked = shard.of(every)
    several = len({spec.device for spec in asked}) > 1
    comparison = Comparison(asked) if several else None
    with journal.Journal(options.json, journal.plan(every, shard), options.resume) as file:
        results = {spec: file.finished(spec) for spec in asked}
        left = [spec for spec in asked if results[spec] is None]
        if left and not options.dask:
            file.environment(pool.submit(environment).result())
        function = journal.row_with_trajectory if several else journal.row
        with progress_bar(errors, TimeRemainingColumn()) as progress:
            taken_up = finished = len(asked) - len(left)
            work = {spec: _work(spec) for spec in asked}
            pool.no_more_than(sum(work[spec] for spec in left) // A_START)
            done_already = sum(work[spec] for spec in asked if results[spec])
            bar = progress.add_task("verifying", total=sum(work.values()), completed=done_already)
            for spec, outcome in _runs(options, pool, function, left):
                done = journal.outcome_of(spec, outcome)
                results[spec] = done.result
                file.add(done)
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
    console.print(picture.table(ordered, long=options.long))
    for line in comparison.lines() if comparison else ():
        console.print(line, markup=False, soft_wrap=True)
    console.print(picture.differences(ordered))
    console.print(picture.summary(ordered, perf_counter() - began))
    if options.svg:
        console.save_svg(options.svg, title="equivalence verify")
    return ordered


def _work(spec):
    """Return about how long a run takes, in steps: the building takes as long as so many."""
    from equivalence.pairs.table import find
    from equivalence.runs.run import steps_of

    pair = find(spec.pair)
    return 500 + steps_of(spec, pair)


def verify_gpu(options, console, errors):
    """The command ``gpu``."""
    from equivalence.machine.environment import environment
    from equivalence.machine.workers import Workers
    from equivalence.results.result import Spec
    from equivalence.runs import gpu

    options.shard = options.dask = options.svg = None
    with Workers(MOST_RUNS) as pool:
        facts = pool.submit(environment).result()
        runs = gpu.gpu_runs(facts["devices"])
        if not runs:
            why = f"skipped, no GPU: TensorFlow lists only {', '.join(facts['devices'])}"
            for row in gpu.GPU_ROWS:
                console.print(f"{row.words}: {why}", markup=False, soft_wrap=True)
            return 2
        every = [
            Spec(**fields, twin="keras", device=device, switches=row.setting)
            for row, device, fields in runs
        ]
        results = _verify(options, every, (), pool, console, errors)
    idle = [r for r in results if gpu.did_nothing(r)]
    for result in idle:
        console.print(
            f"TF32 was on and left no trace: {result.spec.name}", style="bold red", markup=False
        )
    return 0 if not idle and all(r.expected for r in results) else 1


# Workers are made as they are needed, one for each core at most; one takes as long to start as
# so many steps of ``_work``.
MOST_RUNS, A_START = 1 << 20, 2500


def choose_places(options, settings, pool):
    """Return the Choice of settings and devices; asks TensorFlow only if it has to."""
    from equivalence.machine import devices
    from equivalence.machine.environment import environment

    facts = pool.submit(environment).result() if options.device else {"devices": ()}
    return devices.choose(options.device, facts["devices"], settings)


def _runs(options, pool, function, specs):
    """Return an iterator of (spec, outcome), from this machine or from a cluster."""
    from equivalence.runs.run import limit_of

    if not options.dask:
        return pool.map(function, specs, limit_of)
    from equivalence.machine import cluster

    return cluster.run_all(options.dask, function, specs, limit_of)


def merge_files(options, console, errors):
    """The command ``merge``."""
    from equivalence.results import journal, markdown, picture

    whole = journal.merged(options.files)
    if options.json:
        journal.write(options.json, whole)
    if options.markdown:
        print("\n".join(markdown.markdown(whole.records)))
        return 0
    console.print(picture.table(whole.results, long=options.long))
    console.print(picture.differences(whole.results))
    console.print(picture.summary(whole.results, sum(r.seconds for r in whole.results)))
    if whole.repeated:
        console.print(f"{whole.repeated} runs were written more than once, and count once")
    for complaint in whole.complaints:
        errors.print(f"! {complaint}", style="bold red", markup=False, soft_wrap=True)
    return 0 if not whole.complaints and all(r.expected for r in whole.results) else 1
