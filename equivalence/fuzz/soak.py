"""Many random runs that are all honest: the judge must call none of them different.

Every row of the table whose steps are cheap, in both precisions and on every engine of a CPU,
from numbers of every regime; and ensembles of random nets with an optimizer whose
hyperparameters are off their defaults.  A run is drawn from its number alone.  Runs of
neighbouring numbers make a group: they share what takes long to build, a row's runner or an
ensemble, and are certified at once.

    numbers of a round      0 ... 499: groups of 100, each of one row, precision and engine
                            500 ... 999: one ensemble of 500 nets
"""

from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
from rich import box
from rich.table import Table

from equivalence import defects, trees
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.ensemble.nets import stacked
from equivalence.fuzz.regimes import REGIMES, joined, numbers, program_of
from equivalence.fuzz.side_by_side import OUTSIDE, UNDECIDABLE, Jumping, Outcome, outcomes
from equivalence.judge.certificate import rounding_model
from equivalence.pairs.table import ROWS
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import Program, program

ROUND, RUNS, NETS = 1000, 100, 500
ROW_RUNS = ROUND - NETS  # of a round, in groups of RUNS
STEPS = 2
ENSEMBLES = "random nets"
# How often a group of rows is drawn, and an engine: what is compiled takes seconds to build.
KINDS = {
    "layers": 8,
    "optimizers": 3,
    "options": 3,
    "look-up": 2,
    "books": 3,
    "training": 3,
    "models": 3,
}
ENGINES = {
    ("keras", "graph"): 8,
    ("tape", "graph"): 4,
    ("keras", "eager"): 2,
    ("tape", "eager"): 1,
    ("keras", "xla"): 1,
    ("tape", "xla"): 1,
    ("keras", "fit"): 1,
    ("keras", "train_on_batch"): 1,
}
OF_ENSEMBLES = (("tape", "graph"), ("tape", "eager"), ("tape", "graph"), ("tape", "xla"))
# A row's steps are cheap up to so many weights, and so many numbers of a batch.
MOST_WEIGHTS, MOST_NUMBERS = 2500, 2000
# Weights and numbers of batches of all runs that are certified at once, as memory is finite.
AT_ONCE = 2**16
# Layers whose loop over time steps costs a tenth of a second a step without a graph.
LOOPS = ("layers/lstm.py", "layers/gru.py", "layers/simple_rnn.py")
# Kinds in whose data whole numbers are rows of tables, classes or places.
WHOLE = ("layers", "look-up", "models")
# Groups after which a worker is replaced: TensorFlow keeps some of every graph that it traced.
LIFETIME = 40

HIDDEN = ("Linear", "Sigmoid", "Tanh", "ReLU")
OPTIMIZERS = (
    lambda m, r: m.SGD(r["rate"]),
    lambda m, r: m.Momentum(r["rate"], r["decay"]),
    lambda m, r: m.Adagrad(r["rate"], r["start"], r["epsilon"]),
    lambda m, r: m.RMSprop(r["rate"], r["decay"], r["epsilon"]),
    lambda m, r: m.Adam(r["rate"], r["decay"], r["second"], r["epsilon"]),
)


@dataclass(frozen=True)
class Task:
    """Runs of one group: those with the numbers from ``first`` up to ``last``."""

    seed: int
    first: int
    last: int


@dataclass(frozen=True)
class Group:
    """What the runs of one group share."""

    kind: str
    what: str
    twin: str
    engine: str
    dtype: str


@dataclass(frozen=True)
class Run:
    """One run: its number, group, regime and Outcome."""

    number: int
    group: Group
    regime: str
    outcome: Outcome


def group_of(number):
    """Return the first number of the group of a run, and of the next group."""
    begun = number - number % ROUND
    if number - begun >= ROW_RUNS:
        return begun + ROW_RUNS, begun + ROUND
    first = number - number % RUNS
    return first, first + RUNS


def tasks_of(runs, seed, first=0):
    """Return the Tasks of ``runs`` runs, from the number ``first`` on."""
    tasks, number = [], first
    while number < first + runs:
        last = min(group_of(number)[1], first + runs)
        tasks.append(Task(seed, number, last))
        number = last
    return tasks


def run_group(task):
    """Run and certify the runs of one Task; a list of Runs."""
    rng = np.random.default_rng([task.seed, 0, group_of(task.first)[0]])
    make = random_nets if task.first % ROUND >= ROW_RUNS else runs_of_a_row
    try:
        return make(task, rng)
    finally:
        _forget()


def _forget():
    """Let go of the graphs and models of a group that is done."""
    import keras

    keras.backend.clear_session()  # which collects garbage


def _of_run(task, number):
    """Return a run's own generator, and its regime."""
    rng = np.random.default_rng([task.seed, 1, number])
    return rng, str(rng.choice(list(REGIMES)))


def _weighted(rng, weights):
    """Return one of the keys of a dict of weights."""
    shares = np.array(list(weights.values()), float)
    return list(weights)[rng.choice(len(shares), p=shares / shares.sum())]


# ------------------------------------------------------------------ rows of the table


@cache
def cheap(row):
    """Say whether a row's steps are cheap."""
    inputs, _ = row.data()
    batch = np.prod(np.shape(inputs)[1:], dtype=int) * (row.batch_size or len(inputs))
    return sum(map(np.size, row.start())) <= MOST_WEIGHTS and batch <= MOST_NUMBERS


def draw_row(rng):
    """Return a row and the Group of its runs."""
    kind = _weighted(rng, KINDS)
    rows = [row for row in ROWS if row.group == kind and cheap(row)]
    row = rows[rng.integers(len(rows))]
    loops = not set(LOOPS).isdisjoint(row.files)
    engines = {
        (twin, engine): weight
        for (twin, engine), weight in ENGINES.items()
        if (row.keras or twin == "tape") and not (loops and engine == "eager")
    }
    twin, engine = _weighted(rng, engines)
    return row, Group(kind, row.name, twin, engine, str(rng.choice(DTYPES)))


def runs_of_a_row(task, rng):
    """Run the runs of a group of one row, and certify them at once."""
    row, group = draw_row(rng)
    begun, _ = group_of(task.first)
    reference = program(row, group.dtype)
    drawn, regimes = [], []
    for number in range(task.first, task.last):
        of_run, regime = _of_run(task, number)
        drawn.append(program_of(reference, STEPS, regime, of_run, row.group in WHOLE))
        regimes.append(regime)
    runner, group = _built(row, group, drawn[0])
    records, refused = [], {}
    for place, each in enumerate(drawn):
        start = each.start()
        start.step = (task.first - begun + place) * STEPS
        try:
            records.append(runner.run(each, start, STEPS))
        except errors() as error:
            with np.errstate(all="ignore"):
                records.append(numpy_runner.run(each, start, STEPS))
                alarm = _stays_finite(each, group, start)
            word, usage = (OUTSIDE, np.inf) if alarm else (UNDECIDABLE, 0.0)
            why = _words(error).splitlines()[0]
            refused[place] = Outcome(word, usage, f"TensorFlow raised {why}")
    found = []
    of_step = reference.inputs[0].size + sum(map(np.size, reference.weights))
    size = max(1, AT_ONCE // (STEPS * of_step))
    for k in range(0, len(drawn), size):
        some, record = drawn[k : k + size], Jumping.of(records[k : k + size])
        last = record.first_step + record.steps - 1
        found += _judged(joined(some, record.first_step), record, group, len(some), last)
    for place, outcome in refused.items():
        if found[place].word != UNDECIDABLE:
            found[place] = outcome
    numbered = zip(range(task.first, task.last), regimes, found, strict=True)
    return [Run(number, group, regime, outcome) for number, regime, outcome in numbered]


def _stays_finite(program_, group, start):
    """Say whether the reference with the models of known defects keeps to numbers."""
    rows = defects.matching(program_, group.twin, group.engine, start.step + STEPS - 1)
    record = numpy_runner.run(defects.modelled(program_, rows), start, STEPS)
    states = (*record.weights.values(), *record.slots.values())
    return all(np.isfinite(state).all() for state in states)


def errors():
    """Return the errors that TensorFlow raises in the middle of a run.

    It may where the numbers overflow (see ``keras-divide-repeated-rows`` in defects): a run that
    is undecidable by the reference's own record, or one in which the reference with the models
    of the defects that it meets gives NaN.  Anywhere else it is an alarm.
    """
    import tensorflow as tf

    return (tf.errors.InvalidArgumentError,)


def _built(row, group, first):
    """Return the group's runner, and the group; its tape twin where Keras lacks a part."""
    from equivalence.engines import build as tensorflow

    m = trees.tensorflow()
    network, optimizer = row.network(m), row.optimizer(m)
    try:
        more = {"model": row.keras}
        return tensorflow.build(network, optimizer, first, group.twin, group.engine, **more), group
    except tensorflow.NotInKeras:
        group = Group(group.kind, group.what, "tape", "eager", group.dtype)
        return tensorflow.build(network, optimizer, first, group.twin, group.engine), group


def _judged(whole, trajectory, group, runs, last, axis=0):
    """Return the Outcomes; where a known defect may show, those with its model.

    As in ``run.judge_with_defects`` a run that is outside has to lie inside with the models of
    all defects that it meets.
    """

    def found(of):
        model = rounding_model(group.dtype, group.engine)
        return outcomes(of, trajectory, model, runs, axis)

    plain = found(whole)
    rows = defects.matching(whole, group.twin, group.engine, last)
    if not rows or all(outcome.word != OUTSIDE for outcome in plain):
        return plain
    modelled = found(defects.modelled(whole, rows))
    return [m if p.word == OUTSIDE else p for p, m in zip(plain, modelled, strict=True)]


# ------------------------------------------------------------------ ensembles of random nets


def random_nets(task, rng):
    """Run nets of one random size and optimizer side by side, and certify them at once."""
    from equivalence.engines import build as tensorflow

    twin, engine = OF_ENSEMBLES[task.first // ROUND % len(OF_ENSEMBLES)]
    dtype = str(rng.choice(DTYPES))
    hidden, output = rng.choice(HIDDEN), rng.choice((*HIDDEN, "Softmax"))
    hyper = {
        "rate": float(10 ** rng.uniform(-3, 0)),
        "decay": float(rng.uniform(0.5, 0.99)),
        "second": float(rng.uniform(0.9, 0.9999)),
        "start": float(10 ** rng.uniform(-3, 0)),
        "epsilon": float(10 ** rng.uniform(-8, -3)),
    }
    which = OPTIMIZERS[rng.integers(len(OPTIMIZERS))]
    sizes = tuple(int(n) for n in rng.integers(1, 7, 4))
    build = lambda m: (_network(m, hidden, output), which(m, hyper))
    nets, regimes = [], []
    for number in range(task.first, task.last):
        of_run, regime = _of_run(task, number)
        nets.append(_net(build(trees.reference()), sizes, regime, of_run, dtype, output))
        regimes.append(regime)
    whole = stacked(nets)
    runner = tensorflow.build(*build(trees.tensorflow()), whole, twin, engine)
    record = runner.run(whole, whole.start(), STEPS)
    _, inputs, middle, units = sizes
    what = f"{hidden}-{output} {inputs}-{middle}-{units} {type(whole.optimizer).__name__}"
    group = Group(ENSEMBLES, what, twin, engine, dtype)
    found = _judged(whole, record, group, len(nets), STEPS - 1, axis=1)
    numbered = zip(range(task.first, task.last), regimes, found, strict=True)
    return [Run(number, group, regime, outcome) for number, regime, outcome in numbered]


def _network(m, hidden, output):
    end = m.SoftmaxOutput() if output == "Softmax" else m.Output(getattr(m, output)())
    return m.TwoLayer(getattr(m, hidden)(), end)


def _net(parts, sizes, regime, rng, dtype, output):
    """Return the Program of one net, its weights and its data of a regime."""
    batch, inputs, middle, units = sizes
    shapes = ((inputs, middle), (1, middle), (middle, units), (1, units))
    weights = tuple(numbers(regime, rng, shape, dtype) for shape in shapes)
    of_data = regime if rng.random() < 0.5 else "normal"
    x = numbers(of_data, rng, (1, batch, inputs), dtype)
    if output == "Softmax":
        t = np.eye(units, dtype=dtype)[rng.integers(units, size=(1, batch))]
    else:
        t = numbers(of_data, rng, (1, batch, units), dtype)
    return Program(*parts, weights, x, t)


# ------------------------------------------------------------------ the command


def show(runs, seed, console, progress, first=0, tell=lambda record: None):
    """Run so many random runs from number ``first`` on, print the counts; 0 without alarms.

    tell: takes a record of each run, and one of all.
    """
    from equivalence.machine.workers import Workers

    tasks = tasks_of(runs, seed, first)
    bar = progress.add_task("soaking", total=runs)
    found, broken = [], []
    with Workers(len(tasks), lifetime=LIFETIME) as pool:
        for task, outcome in pool.map(run_group, tasks):
            if isinstance(outcome, BaseException):
                broken.append(f"runs {task.first} ... {task.last - 1}: {_words(outcome)}")
            else:
                found += outcome
                for run in outcome:
                    tell({"soak": str(run), **asdict(run)})
            progress.update(bar, advance=task.last - task.first)
    console.print(_table(found))
    alarms = sorted((run for run in found if run.outcome.word == OUTSIDE), key=lambda r: r.number)
    for run in alarms:
        console.print(_alarm(run, seed), style="bold red", markup=False)
    for line in broken:
        console.print(line, style="bold red", markup=False)
    undecidable = sum(run.outcome.word == UNDECIDABLE for run in found)
    counts = {"alarms": len(alarms), "undecidable": undecidable, "broken": len(broken)}
    tell({"runs": len(found), "asked": runs, "seed": seed, "first": first, **counts})
    console.print(
        f"{len(found):,} random runs, {len(found) * STEPS:,} certified steps: {len(alarms)} false "
        f"alarms, {undecidable:,} undecidable (kinks and overflows), {len(broken)} groups broken"
    )
    return 1 if alarms or broken else 0


def _words(error):
    return f"{type(error).__name__}: {error}"


def _alarm(run, seed):
    g = run.group
    return (
        f"alarm in run {run.number}: {g.what} {g.dtype} {g.twin}/{g.engine}, numbers: "
        f"{run.regime}: {run.outcome.where}; equivalence soak --seed {seed} --first {run.number} "
        "--runs 1"
    )


def _table(found):
    """Return the counts by kind, twin and engine, precision and regime."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("by", "what"):
        table.add_column(name)
    for name in ("runs", "undecidable", "false alarms", "bound used"):
        table.add_column(name, justify="right")
    ways = {
        "kind": lambda run: run.group.kind,
        "engine": lambda run: f"{run.group.twin}/{run.group.engine}",
        "dtype": lambda run: run.group.dtype,
        "regime": lambda run: run.regime,
    }
    for way, of in ways.items():
        cells = {}
        for run in found:
            cells.setdefault(of(run), []).append(run.outcome)
        for k, (what, some) in enumerate(sorted(cells.items())):
            words = [outcome.word for outcome in some]
            inside = [outcome.usage for outcome in some if outcome.word != OUTSIDE]
            counts = len(some), words.count(UNDECIDABLE), words.count(OUTSIDE)
            used = f"{max(inside, default=0):.1%}"
            table.add_row("" if k else way, what, *(f"{n:,}" for n in counts), used)
        table.add_section()
    return table
