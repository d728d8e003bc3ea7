"""Many random runs that are all honest: the judge must call none of them different.

The runs come in groups.  A group draws a network, its sizes, an optimizer with its
hyperparameters off their defaults, and then hundreds of nets with weights and data
of their own, from 1e-5 to 1e3, which run side by side along the ensemble axis.
Every step of every net is certified.  The last of the ENGINES takes Keras's classes, net by
net.  A group is drawn from its number alone, so that one can be run again.
"""

from dataclasses import dataclass

import numpy as np
from rich import box
from rich.table import Table

from equivalence import defects, trees
from equivalence.judge.certificate import enclose_steps, rounding_model, usage
from equivalence.steps.program import Program
from equivalence.steps.trajectory import STAGES

NETS = 500  # in a group of an ensemble
KERAS_NETS = 20  # in a group of Keras's classes, which know no ensemble
STEPS = 5
ENGINES = (("tape", "graph"), ("tape", "xla"), ("tape", "eager"), ("keras", "graph"))
DTYPES = ("float32", "float64")
HIDDEN = ("Linear", "Sigmoid", "Tanh", "ReLU")
OPTIMIZERS = (
    lambda m, r: m.SGD(r["rate"]),
    lambda m, r: m.Momentum(r["rate"], r["decay"]),
    lambda m, r: m.Adagrad(r["rate"], r["start"], r["epsilon"]),
    lambda m, r: m.RMSprop(r["rate"], r["decay"], r["epsilon"]),
    lambda m, r: m.Adam(r["rate"], r["decay"], r["second"], r["epsilon"]),
)


@dataclass(frozen=True)
class Group:
    """What one group gave.

    alarms: how many nets were outside an enclosure; worst: the largest usage.
    """

    number: int
    what: str
    twin: str
    engine: str
    dtype: str
    nets: int
    kinks: int
    alarms: int
    worst: float


def draw(number, seed):
    """Return the group's description, its builders and its Programs."""
    rng = np.random.default_rng([seed, number])
    twin, engine = ENGINES[number % len(ENGINES)]
    dtype = DTYPES[number // len(ENGINES) % len(DTYPES)]
    hidden, output = rng.choice(HIDDEN), rng.choice((*HIDDEN, "Softmax"))
    hyper = {
        "rate": float(10 ** rng.uniform(-3, 0)),
        "decay": float(rng.uniform(0.5, 0.99)),
        "second": float(rng.uniform(0.9, 0.9999)),
        "start": float(10 ** rng.uniform(-3, 0)),
        "epsilon": float(10 ** rng.uniform(-8, -3)),
    }
    which = OPTIMIZERS[rng.integers(len(OPTIMIZERS))]
    builders = (lambda m: _network(m, hidden, output), lambda m: which(m, hyper))
    batch, inputs, middle, units = (int(n) for n in rng.integers(1, 7, 4))
    shapes = ((inputs, middle), (1, middle), (middle, units), (1, units))
    m = trees.reference()
    network, optimizer = (build(m) for build in builders)
    nets = NETS if twin == "tape" else 1
    programs = [
        Program(
            network,
            optimizer,
            tuple(_values(rng, (nets, *s), dtype)[0 if twin == "keras" else ...] for s in shapes),
            _data(_values(rng, (nets, batch, inputs), dtype), twin),
            _data(_targets(rng, (nets, batch, units), dtype, output), twin),
        )
        for _ in range(1 if twin == "tape" else KERAS_NETS)
    ]
    what = f"{hidden}-{output} {inputs}-{middle}-{units} {type(optimizer).__name__}"
    return what, twin, engine, dtype, builders, programs


def _network(m, hidden, output):
    end = m.SoftmaxOutput() if output == "Softmax" else m.Output(getattr(m, output)())
    return m.TwoLayer(getattr(m, hidden)(), end)


def _values(rng, shape, dtype):
    """Return numbers of both signs from 1e-5 to 1e3, each net of its own scale; zeros."""
    scale = 10 ** rng.uniform(-5, 1, (shape[0], 1, 1))
    spread = 10 ** rng.uniform(-1, 2, shape)
    values = rng.choice((-1.0, 1.0), shape) * np.minimum(scale * spread, 1e3)
    return np.where(rng.random(shape) < 0.03, -0.0, values).astype(dtype)


def _targets(rng, shape, dtype, output):
    if output != "Softmax":
        return _values(rng, shape, dtype)
    return np.eye(shape[-1], dtype=dtype)[rng.integers(shape[-1], size=shape[:-1])]


def _data(array, twin):
    """Return data as one batch: (1, nets, batch, ...), or (1, batch, ...) for one net."""
    return array[None] if twin == "tape" else array


def run_group(task):
    """Run and certify one group; ``task`` is (number, seed)."""
    from equivalence.engines import build as tensorflow

    number, seed = task
    what, twin, engine, dtype, (network, optimizer), programs = draw(number, seed)
    m = trees.tensorflow()
    runner = tensorflow.build(network(m), optimizer(m), programs[0], twin, engine)
    kinks = alarms = nets = 0
    worst = 0.0
    for program in programs:
        trajectory = runner.run(program, program.start(), STEPS)
        outside, undecided, used = _count(_expected(program, twin, dtype), trajectory, engine)
        kinks, alarms, worst = kinks + undecided, alarms + outside, max(worst, used)
        nets += NETS if twin == "tape" else 1
    return Group(number, what, twin, engine, dtype, nets, kinks, alarms, worst)


def _expected(program, twin, dtype):
    """Return the program with the models of the known upstream defects that are met."""
    rows = defects.matching(program, twin)
    return defects.modelled(program, rows) if rows else program


def _count(program, trajectory, engine):
    """Return how many nets are outside, how many are undecided, and the largest usage."""
    enclosures = enclose_steps(program, trajectory, rounding_model(program.dtype, engine))
    outside, undecided, worst = [], [], 0.0
    for balls in (enclosures.whole, enclosures.update):
        for stage in (s for s in STAGES if s in balls):
            for name, values in trajectory.computed(stage).items():
                share = usage(values, balls[stage][name])
                open_ball = np.isinf(np.broadcast_to(balls[stage][name].rad, share.shape))
                outside.append(_by_net(~open_ball & ~(share <= 1), values, program))
                undecided.append(_by_net(open_ball, values, program))
                worst = max(worst, float(share[~open_ball].max(initial=0)))
    return int(np.any(outside, axis=0).sum()), int(np.any(undecided, axis=0).sum()), worst


def _by_net(mask, values, program):
    """Return for each net whether ``mask`` holds anywhere in it."""
    nets = program.weights[0].shape[:-2]
    if not nets:
        return np.array([mask.any()])
    return mask.reshape(len(values), *nets, -1).any(axis=(0, 2))


def groups(runs):
    """Return how many groups make at least ``runs`` runs."""
    a_round = NETS * sum(t == "tape" for t, _ in ENGINES) + KERAS_NETS
    return max(1, -(-runs * len(ENGINES) // a_round))


def show(runs, seed, console, progress, tell=lambda record: None):
    """Run at least ``runs`` random nets, print the counts; 0 when there is no alarm.

    tell: takes a record of each group, and one of all.
    """
    from equivalence.machine.workers import Workers

    tasks = [(number, seed) for number in range(groups(runs))]
    bar = progress.add_task("soaking", total=len(tasks))
    found, broken = [], []
    with Workers(len(tasks)) as pool:
        for task, outcome in pool.map(run_group, tasks):
            if isinstance(outcome, BaseException):
                broken.append(f"group {task[0]}: {type(outcome).__name__}: {outcome}")
            else:
                found.append(outcome)
                tell({"soak": str(outcome), **vars(outcome)})
            progress.update(bar, advance=1)
    console.print(_table(found))
    for group in sorted((g for g in found if g.alarms), key=lambda g: g.number):
        console.print(f"alarm in group {group.number}: {group}", style="bold red", markup=False)
    for line in broken:
        console.print(line, style="bold red", markup=False)
    nets, alarms = sum(g.nets for g in found), sum(g.alarms for g in found)
    kinks = sum(g.kinks for g in found)
    tell({"runs": nets, "asked": runs, "seed": seed, "alarms": alarms, "undecidable": kinks})
    console.print(
        f"{nets:,} random runs, {nets * STEPS:,} certified steps: {alarms} false alarms, "
        f"{kinks:,} undecidable (kinks and overflows)"
    )
    return 1 if alarms or broken else 0


def _table(found):
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("twin", "engine", "dtype"):
        table.add_column(name)
    for name in ("runs", "undecidable", "false alarms", "bound used"):
        table.add_column(name, justify="right")
    rows = {}
    for group in found:
        rows.setdefault((group.twin, group.engine, group.dtype), []).append(group)
    for key, some in sorted(rows.items()):
        counts = (
            sum(g.nets for g in some),
            sum(g.kinks for g in some),
            sum(g.alarms for g in some),
        )
        table.add_row(*key, *(f"{n:,}" for n in counts), f"{max(g.worst for g in some):.1%}")
    return table
