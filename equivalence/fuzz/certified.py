"""Random small Keras models, each certified operation by operation: no alarm may be raised.

Neighbouring numbers share a model, which takes long to trace: each has weights and data of its
own, of a regime.  Both are drawn from the run's number alone.
"""

from dataclasses import asdict, dataclass, field

import numpy as np
from rich import box
from rich.table import Table

from equivalence.fuzz.keras_models import REGIMES, draw_model
from equivalence.judge.verdict import DIFFERENT, KINK, OVERFLOW

SHARED = 10  # runs of one model
STEPS = 1
# Models after which a worker is replaced: TensorFlow keeps some of every graph that it traced.
LIFETIME = 60


@dataclass(frozen=True)
class Task:
    """Runs of one model: those with the numbers from ``first`` up to ``last``."""

    seed: int
    first: int
    last: int


@dataclass
class Certified:
    """One run: a model with weights and data of a regime, and what was found.

    verdict: of the report; where: the first number outside, or the gradients that are wrong.
    without: kinds of operations without a rule, by how many.
    operations, numbers: how many were held.
    """

    number: int
    what: str
    regime: str
    verdict: str
    where: str = ""
    gradient: str = ""
    without: dict = field(default_factory=dict)
    operations: int = 0
    numbers: int = 0

    @property
    def alarm(self):
        return self.verdict == str(DIFFERENT)


def tasks_of(runs, seed, first=0):
    """Return the Tasks of ``runs`` runs, from the number ``first`` on."""
    tasks, number = [], first
    while number < first + runs:
        last = min(number - number % SHARED + SHARED, first + runs)
        tasks.append(Task(seed, number, last))
        number = last
    return tasks


def run_model(task):
    """Draw a Task's model, and certify its runs; a list of Certified."""
    import tensorflow as tf

    from equivalence.graph.certify import Prepared

    drawn = draw_model(np.random.default_rng([task.seed, 2, task.first // SHARED]))
    prepared, found, start = None, [], []
    for number in range(task.first, task.last):
        rng = np.random.default_rng([task.seed, 3, number])
        regime = REGIMES[number % len(REGIMES)]
        of_weights = regime if rng.random() < 0.5 else None
        of_data = regime if rng.random() < 0.7 else "normal"
        batch = tuple(tf.constant(part) for part in drawn.data(of_data, rng))
        prepared = prepared or Prepared(drawn.model, batch)
        start = start or prepared.states.read()
        prepared.states.write(start)
        drawn.start(of_weights, rng)
        report = prepared.certify([batch] * STEPS, STEPS)
        found.append(_certified(number, drawn.what, regime, report))
    return found


def _certified(number, what, regime, report):
    gradient = report.gradient
    where = str(report.first or "")
    if gradient.wrong and not where:
        where = f"gradients of {', '.join(gradient.wrong)}: {gradient.apart:.2g} apart"
    if report.astray and not where:
        where = report.astray[0].outside
    without = {}
    for each in report.without:
        name = each.kind if each.without == "no rule" else f"{each.kind} ({each.without})"
        without[name] = without.get(name, 0) + 1
    count = sum(each.runs for each in report.operations)
    facts = str(report.verdict), where, gradient.without, without, count, report.checked
    return Certified(number, what, regime, *facts)


def show(runs, seed, console, progress, first=0, tell=lambda record: None):
    """Certify so many random models from number ``first`` on, print the counts; 0 without alarms.

    tell: takes a record of each run as it comes, and one of all.
    """
    from equivalence.machine.workers import Workers

    tasks = tasks_of(runs, seed, first)
    bar = progress.add_task("certifying", total=runs)
    found, broken = [], []
    with Workers(len(tasks), lifetime=LIFETIME) as pool:
        for task, outcome in pool.map(run_model, tasks):
            if isinstance(outcome, BaseException):
                words = f"{type(outcome).__name__}: {outcome}"
                broken.append(f"runs {task.first} ... {task.last - 1}: {words}")
                tell({"soak": broken[-1], "broken": words})
            else:
                found += outcome
                for run in outcome:
                    tell({"soak": f"{run.number} {run.what}", **asdict(run)})
            progress.update(bar, advance=task.last - task.first)
    console.print(_table(found))
    return _say(found, broken, seed, len(tasks), console, tell)


def _say(found, broken, seed, models, console, tell):
    alarms = sorted((run for run in found if run.alarm), key=lambda run: run.number)
    for run in alarms:
        words = f"alarm in run {run.number}: {run.what}, numbers: {run.regime}: {run.where}"
        again = f"equivalence soak --models 1 --seed {seed} --first {run.number}"
        console.print(f"{words}; {again}", style="bold red", markup=False)
    for line in broken:
        console.print(line, style="bold red", markup=False)
    incomplete = [run for run in found if run.without]
    for kind, count in sorted(_counted(incomplete).items()):
        console.print(f"without a rule in {count:,} runs: {kind}", style="yellow", markup=False)
    undecided = sum(run.verdict in (str(KINK), str(OVERFLOW)) for run in found)
    counts = {
        "alarms": len(alarms),
        "undecided": undecided,
        "incomplete": len(incomplete),
        "broken": len(broken),
    }
    tell({"models": len(found), "seed": seed, **counts})
    console.print(
        f"{len(found):,} random models of {models:,} architectures, "
        f"{sum(run.operations for run in found):,} operations, "
        f"{sum(run.numbers for run in found):,} numbers certified: {len(alarms)} false alarms, "
        f"{undecided:,} undecided (kinks and overflows), {len(incomplete)} incomplete, "
        f"{len(broken)} broken"
    )
    return 1 if alarms or broken else 0


def _counted(runs):
    found = {}
    for run in runs:
        for kind in run.without:
            found[kind] = found.get(kind, 0) + 1
    return found


def _table(found):
    """Return the counts by regime."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("numbers")
    for name in ("models", "undecided", "incomplete", "false alarms"):
        table.add_column(name, justify="right")
    for regime in REGIMES:
        some = [run for run in found if run.regime == regime]
        undecided = sum(run.verdict in (str(KINK), str(OVERFLOW)) for run in some)
        incomplete = sum(bool(run.without) for run in some)
        alarms = sum(run.alarm for run in some)
        counts = (len(some), undecided, incomplete, alarms)
        table.add_row(regime, *(f"{n:,}" for n in counts))
    return table
