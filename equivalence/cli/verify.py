"""The commands ``verify``, ``gpu`` and ``merge``."""

from time import perf_counter

from rich.progress import (
    TimeRemainingColumn,
)

from equivalence.cli.files import check_writable
from equivalence.cli.progress import progress_bar
from equivalence.errors import BadInput, choose
from equivalence.pairs.table import named
from equivalence.runs.select import PROFILES, Request, specs
from equivalence.texts import TEXTS


def pair_names(words):
    """Return the names of the pairs that were typed, or that answer a section that was.

    A text's key goes with the word behind it: 003 A4 is one section.
    """
    asked, words = [], list(words)
    while words:
        word = words.pop(0)
        asked.append(f"{word} {words.pop(0)}" if words and word in TEXTS else word)
    return tuple(dict.fromkeys(pair.name for name in asked for pair in named(name)))


def request_of(options):
    """Return what the options ask for as a Request; a profile says what is not given."""
    asked = {
        "pairs": pair_names([*options.names, *(options.pair or ())]),
        "groups": tuple(name.strip() for name in (options.group or "").split(",") if name),
        "dtypes": tuple(options.dtype or ()),
        "twins": tuple(options.twin or ()),
        "engines": tuple(options.engine or ()),
        "epochs": options.epochs,
        "seeds": range(options.seeds) if options.seeds else None,
        "data": options.data,
        "learning_rate": options.learning_rate,
        "operations": options.operations or None,
    }
    if options.seed is not None:
        if options.seeds:
            raise BadInput("--seed and --seeds name different runs: give one of them")
        asked["seeds"] = (options.seed,)
    asked = {name: value for name, value in asked.items() if value not in (None, ())}
    if options.profile is None:
        return Request(**asked)
    choose("profile", [options.profile], tuple(PROFILES))
    profile = dict(PROFILES[options.profile])
    if "pairs" in asked:
        del profile["groups"]  # the pairs that are named, as the profile has them run
    if "engines" in asked:
        profile.pop("once", None)
    return Request(**{**profile, **asked})


def verify_runs(options, console, errors):
    """The command ``verify``."""
    from equivalence.machine import switches
    from equivalence.machine.workers import Workers
    from equivalence.runs import campaign

    request = request_of(options)
    settings = switches.settings(options.switch)
    if options.resume and not options.json:
        raise BadInput("--resume needs --json FILE, the results file that is to be taken up")
    check_writable(options.svg)
    with Workers(MOST_RUNS) as pool:
        choice = choose_places(options, settings, pool)
        every = specs(request, choice.places)
        campaign.check_data(every)  # bad data is refused before anything runs
        results = _verify(options, every, choice.notes, pool, console, errors)
    return 0 if all(r.expected for r in results) else 1


def _verify(options, every, notes, pool, console, errors):
    """Run and report the shard of ``every`` run that the options ask for; its Results."""
    from equivalence.results import journal, picture
    from equivalence.results.devices import Comparison
    from equivalence.runs import campaign

    began, shard = perf_counter(), options.shard or journal.Shard()
    asked = shard.of(every)
    several = len({spec.device for spec in asked}) > 1
    comparison = Comparison(asked) if several else None
    here = campaign.here(options.dask) if options.resume else None
    plan, results = journal.plan(every, shard), {}
    work = {spec: campaign.work_of(spec) for spec in asked}
    with (
        journal.Journal(options.json, plan, options.resume, here) as file,
        progress_bar(errors, TimeRemainingColumn()) as progress,
    ):
        bar = progress.add_task("verifying", total=sum(work.values()))
        runs = campaign.run(asked, pool, file, options.dask, options.limit, several)
        for spec, done in runs:
            results[spec] = done.result
            if comparison:
                comparison.add(spec, done.trajectory)
            told = f"{len(results)}/{len(asked)} {spec.pair} {spec.dtype}"
            progress.update(bar, advance=work[spec], description=told)
    ordered = [results[spec] for spec in asked]
    console.record = bool(options.svg)
    for note in notes:
        console.print(f"! {note}", style="yellow", markup=False)
    if file.stale:
        why = "; ".join(next(iter(file.stale.values())))
        words = f"{len(file.stale)} runs of other software were made again: {why}"
        console.print(f"! {words}", style="yellow", markup=False, soft_wrap=True)
    if file.found:
        console.print(f"{len(file.found)} runs taken up from {options.json}", markup=False)
    console.print(picture.table(ordered, long=options.long))
    for line in comparison.lines() if comparison else ():
        console.print(line, markup=False, soft_wrap=True)
    console.print(picture.differences(ordered))
    console.print(picture.summary(ordered, perf_counter() - began))
    if options.svg:
        console.save_svg(options.svg, title="equivalence verify")
    return ordered


def verify_gpu(options, console, errors):
    """The command ``gpu``."""
    from equivalence.machine.environment import environment
    from equivalence.machine.workers import Workers
    from equivalence.results.result import Spec
    from equivalence.runs import gpu

    options.shard = options.dask = options.svg = options.limit = None
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


# Workers are made as they are needed, one for each core at most.
MOST_RUNS = 1 << 20


def choose_places(options, settings, pool):
    """Return the Choice of settings and devices; asks TensorFlow only if it has to."""
    from equivalence.machine import devices
    from equivalence.machine.environment import environment

    facts = pool.submit(environment).result() if options.device else {"devices": ()}
    return devices.choose(options.device, facts["devices"], settings)


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
    for note in whole.notes:
        console.print(note, markup=False, soft_wrap=True)
    if whole.repeated:
        console.print(f"{whole.repeated} runs were written more than once, and count once")
    for complaint in whole.complaints:
        errors.print(f"! {complaint}", style="bold red", markup=False, soft_wrap=True)
    return 0 if not whole.complaints and all(r.expected for r in whole.results) else 1
