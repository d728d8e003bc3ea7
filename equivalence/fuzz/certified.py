"""Random small Keras models, each certified operation by operation: no alarm may be raised.

Every number is a model of its own, with weights and data of a regime, drawn from the number alone.
Runs that a results file has are not run again: so many may be gathered over days.
"""

import gc
import os
import traceback
from collections import Counter
from dataclasses import asdict, dataclass, field, fields

import numpy as np
from rich import box
from rich.table import Table

from equivalence.errors import BadInput
from equivalence.fuzz.draw import REGIMES
from equivalence.fuzz.keras_models import MOST_TRIES, draw_model
from equivalence.judge.verdict import DIFFERENT, KINK, OVERFLOW, SKIPPED

STEPS = 1
# Models that a worker is given at once; garbage is collected between them, which takes long.
TOGETHER = 20
# Tasks after which a worker is replaced: TensorFlow keeps some of every graph that it traced.
LIFETIME = 10
# One in so many is run as a graph beside it.
GRAPHS = 10


@dataclass(frozen=True)
class Task:
    """Models of some numbers."""

    seed: int
    numbers: tuple


@dataclass
class Certified:
    """A model with weights and data of a regime, and what was found.

    seed, number: what it is drawn from; source: digest of the code that drew and judged it.
    verdict: of the report; where: the first number outside, or the gradients that are wrong.
    without: kinds of operations without a rule, by how many.
    operations, numbers: how many were held.
    parted: in how many variables the graph that users run gave other bits, -1 where it was not run.
    broken: what ended the run, "" for nothing.
    defects: of Keras, known, which alone make the run different.
    """

    seed: int
    number: int
    what: str
    regime: str
    verdict: str
    where: str = ""
    gradient: str = ""
    without: dict = field(default_factory=dict)
    operations: int = 0
    numbers: int = 0
    parted: int = -1
    broken: str = ""
    defects: list = field(default_factory=list)

    @property
    def alarm(self):
        return self.verdict == str(DIFFERENT) and not self.defects


def tasks_of(models, seed, first=0, done=()):
    """Return the Tasks of ``models`` models, from the number ``first`` on, but for those done."""
    numbers = [number for number in range(first, first + models) if number not in done]
    return [Task(seed, tuple(numbers[k : k + TOGETHER])) for k in range(0, len(numbers), TOGETHER)]


def run_models(task):
    """Draw and certify a Task's models; a list of Certified."""
    found = []
    for number in task.numbers:
        try:
            found.append(run_model(task.seed, number))
        except Exception as error:
            words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            where = _frame(error)
            found.append(Certified(task.seed, number, "", "", "", broken=f"{words} ({where})"))
    gc.collect()
    gc.freeze()  # what is left stays, and need not be looked at again
    return found


def _frame(error):
    """Return the last line of ours that an exception went through, as file:number."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "equivalence" in each.filename or "refimpl" in each.filename]
    return f"{ours[-1].filename.rpartition(os.sep)[2]}:{ours[-1].lineno}" if ours else ""


def run_model(seed, number):
    """Draw the model of a number, with weights and data, and certify its step; a Certified."""
    import tensorflow as tf

    from equivalence.graph.certify import Prepared

    drawn, batch = draw(seed, number)
    batch = tf.nest.map_structure(tf.constant, batch)
    engine = None if number % GRAPHS else "graph"
    prepared = Prepared(drawn.model, batch)
    try:
        report = prepared.certify([batch] * STEPS, STEPS, engine)
    except BadInput as error:
        if not _raises(drawn.model, batch):
            raise
        words = " ".join(str(error).split())[:300]
        regime = REGIMES[number % len(REGIMES)]
        return Certified(seed, number, drawn.what, regime, str(SKIPPED), words)
    return _certified(seed, number, drawn.what, report)


def _raises(model, batch):
    """Say whether Keras's own step of a batch raises, in eager execution as in ours."""
    import tensorflow as tf

    try:
        model.train_step(batch)
    except tf.errors.OpError:
        return True
    return False


def draw(seed, number):
    """Return (Drawn, batch) of a number: a compiled model that begins from weights of a regime."""
    import tensorflow as tf

    from equivalence.graph.step import of_model

    regime = REGIMES[number % len(REGIMES)]
    for attempt in range(MOST_TRIES):
        drawn = draw_model(np.random.default_rng([seed, 2, number, attempt]))
        rng = np.random.default_rng([seed, 3, number, attempt])
        of_weights = regime if rng.random() < 0.5 else None
        of_data = regime if rng.random() < 0.7 else "normal"
        batch = drawn.data(of_data, rng)
        try:
            of_model(drawn.model, tf.nest.map_structure(tf.constant, batch))
        except BadInput:
            continue  # what Keras refuses to build
        drawn.start(of_weights, rng)
        return drawn, batch
    raise RuntimeError("no model out of so many tries")


def _certified(seed, number, what, report):
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
    beside = report.unobserved
    parted = sum(len(each.parted) for each in beside) if beside else -1
    regime = REGIMES[number % len(REGIMES)]
    known = [row.defect for row in report.astray]
    alone = not (report.first or gradient.wrong or gradient.scaled) and all(known)
    defects = sorted(set(known)) if alone else []
    return Certified(seed, number, what, regime, *facts, parted, defects=defects)


def taken_up(records, seed, source):
    """Return number -> Certified of what a results file has of a seed.

    records: the objects that the file's lines are.  What raised an alarm, broke, or was not held
        as a whole by other code than that of the digest ``source`` is left out: to be run again.
    """
    names = {each.name for each in fields(Certified)}
    found = {}
    for record in records:
        if record.get("soak") is None or record.get("seed") != seed or "number" not in record:
            continue
        run = Certified(**{key: value for key, value in record.items() if key in names})
        whole = not (run.alarm or run.broken or run.without or "Error" in run.gradient)
        if whole or record.get("source") == source:
            found[run.number] = run
        else:
            found.pop(run.number, None)
    return found


def show(models, seed, console, progress, first=0, tell=lambda record: None, records=()):
    """Certify so many random models from number ``first`` on, print the counts; 0 without alarms.

    tell: takes a record of each run as it comes, and one of all.
    records: of a results file that is taken up.
    """
    from equivalence.machine.environment import digest
    from equivalence.machine.workers import Workers

    source = digest()
    found = taken_up(records, seed, source)
    sources = {record.get("source") for record in records if record.get("number") in found}
    found = {n: run for n, run in found.items() if first <= n < first + models}
    tasks = tasks_of(models, seed, first, found)
    bar = progress.add_task("certifying", total=models)
    progress.update(bar, advance=len(found))
    with Workers(len(tasks), lifetime=LIFETIME) as pool:
        for task, outcome in pool.map(run_models, tasks):
            if isinstance(outcome, BaseException):
                words = f"{type(outcome).__name__}: {outcome}"
                outcome = [Certified(seed, n, "", "", "", broken=words) for n in task.numbers]
            for run in outcome:
                found[run.number] = run
                tell({"soak": f"{run.number} {run.what}", "source": source, **asdict(run)})
            progress.update(bar, advance=len(task.numbers))
    runs = [found[number] for number in sorted(found)]
    console.print(_table(runs))
    others = len(sources - {source, None})
    return _say(runs, seed, others, console, tell)


def _say(found, seed, others, console, tell):
    alarms = [run for run in found if run.alarm]
    broken = [run for run in found if run.broken]
    for run in (*alarms, *broken):
        what = f"{run.what}, numbers: {run.regime}: {run.where}"
        words = f"broke: {run.broken}" if run.broken else f"alarm: {what}"
        again = f"equivalence soak --models 1 --seed {seed} --first {run.number}"
        console.print(f"{run.number} {words}; {again}", style="bold red", markup=False)
    incomplete = [run for run in found if run.without]
    for kind, count in sorted(Counter(k for run in incomplete for k in run.without).items()):
        console.print(f"without a rule in {count:,} models: {kind}", style="yellow", markup=False)
    for why, count in sorted(Counter(run.gradient for run in found if run.gradient).items()):
        console.print(f"no proof of gradients in {count:,} models: {why}", markup=False)
    for name, count in sorted(Counter(name for run in found for name in run.defects).items()):
        console.print(f"the known upstream defect {name} in {count:,} models", markup=False)
    refused = [run for run in found if run.verdict == str(SKIPPED)]
    for why, count in sorted(Counter(run.where for run in refused).items()):
        console.print(f"Keras itself raises in {count:,} models: {why}", markup=False)
    undecided = sum(run.verdict in (str(KINK), str(OVERFLOW)) for run in found)
    counts = {
        "alarms": len(alarms),
        "undecided": undecided,
        "incomplete": len(incomplete),
        "broken": len(broken),
    }
    tell({"models": len(found), "seed": seed, **counts})
    graphs = [run for run in found if run.parted >= 0]
    same = sum(run.parted == 0 for run in graphs)
    console.print(
        f"{len(found) - len(broken) - len(refused):,} random models, "
        f"{sum(run.operations for run in found):,} operations, "
        f"{sum(run.numbers for run in found):,} numbers certified: {len(alarms)} false alarms, "
        f"{undecided:,} undecided (kinks and overflows), {len(incomplete)} incomplete, "
        f"{len(broken)} broken; of {len(graphs):,} that also ran as graphs {same:,} gave the same "
        f"bits" + (f"; some by {others} earlier versions of this code" if others else "")
    )
    return 1 if alarms or broken else 0


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
