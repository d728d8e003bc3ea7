"""Does a result depend on where its element stands, and on how long its array is?

A vectorised kernel computes full vectors by one piece of code and the elements that
are left over by another, and the two need not round alike.  So every function is
evaluated on arrays of 1 to 33 elements, filled with one value and with random ones,
and every training step is taken at widths and batches of 1 to 33.  All must lie in
the balls of the rounding model, whose rows are the errors of the worst path; how far
equal inputs are spread is reported beside it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from equivalence import trees
from equivalence.arithmetic.enclosed import Enclosed
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.arithmetic.two_floats import size_of
from equivalence.judge.certificate import check, enclose_steps, rounding_model, usage
from equivalence.judge.distance import ulps
from equivalence.measure import scan
from equivalence.pairs.table import find
from equivalence.steps.program import Program

LENGTHS = range(1, 34)
VALUES = 16  # random values to fill arrays with, and random arrays of each length
ENGINES = ("eager", "graph", "xla")
FUNCTIONS = (
    "exp",
    "expm1",
    "log",
    "log1p",
    "tanh",
    "sigmoid",
    "softmax",
    "relu",
    "sqrt",
    "rsqrt",
    "square",
    "divide_by_constant",
)
SEED = 5
CONSTANT = 3.0


@dataclass(frozen=True)
class Spread:
    """What one function gave on one engine in one dtype.

    used: the largest share of a ball's radius that any element used; above 1 is outside.
    distinct: the largest number of different results of one input.
    ulp: how far apart they are at most.
    lengths: the lengths at which elements of one array, all equal, came out different.
    """

    name: str
    engine: str
    dtype: str
    used: float
    distinct: int
    ulp: float
    lengths: tuple

    @property
    def holds(self):
        """Whether the rounding model holds for every element."""
        return self.used <= 1

    def record(self):
        return {"position": self.name, **asdict(self), "holds": self.holds}


# ------------------------------------------------------------- elementwise functions


def on_tensorflow(name):
    """Return the TensorFlow function of that name."""
    import tensorflow as tf

    own = {
        "softmax": tf.nn.softmax,
        "relu": tf.nn.relu,
        "divide_by_constant": lambda x: x / tf.constant(CONSTANT, x.dtype),
    }
    return own.get(name) or (lambda x: scan.FUNCTIONS[name].tensorflow(tf, x))


def ball(name, x, model):
    """Return the balls that hold what an honest implementation gives for floats ``x``."""
    m, balls = trees.reference(), model.array(x)
    formulas = {
        "exp": lambda: np.exp(balls),
        "log": lambda: np.log(balls),
        "tanh": lambda: np.tanh(balls),
        "sqrt": lambda: np.sqrt(balls),
        "square": lambda: np.square(balls),
        "sigmoid": lambda: Enclosed(m.Sigmoid()).forward(balls),
        "softmax": lambda: Enclosed(m.Softmax()).forward(balls),
        "relu": lambda: m.ReLU().forward(balls),
        "divide_by_constant": lambda: balls / CONSTANT,
    }
    with np.errstate(all="ignore"):
        return formulas[name]() if name in formulas else _by_row(name, x, model)


def _by_row(name, x, model):
    """Return the balls of a function that the reference does not use, by its row alone."""
    exact = scan.FUNCTIONS[name].exact(model.format.of(x))
    platforms = tuple(p for p in model.platforms if p != "numpy")
    bound = max(scan.bound_at(name, p, model.dtype, 1.0) for p in platforms)
    rad = 2 * model.unit * bound * size_of(exact) + model.tiny
    return type(model.array(x))(exact, rad, model)


def inputs(name, dtype, values=VALUES):
    """Return values of moderate size at which a function has normal results."""
    rng = np.random.default_rng(SEED)
    low, high = {
        "log": (0.1, 10),
        "sqrt": (0.1, 10),
        "rsqrt": (0.1, 10),
        "log1p": (-0.9, 10),
    }.get(name, (-5, 5))
    return rng.uniform(low, high, (values, max(LENGTHS))).astype(dtype)


def evaluator(name, engine):
    """Return a function from a list of arrays, one of each length, to the list of results."""
    import tensorflow as tf

    function = on_tensorflow(name)
    every = lambda *arrays: [function(a) for a in arrays]
    if engine != "eager":
        every = tf.function(every, autograph=False, jit_compile=engine == "xla")

    def evaluate(arrays):
        with tf.device("CPU:0"):
            return [y.numpy() for y in every(*(tf.constant(a) for a in arrays))]

    return evaluate


def measure(name, engine, dtype, values=VALUES):
    """Return the Spread of a function on an engine in a dtype."""
    return measured(name, engine, dtype, evaluator(name, engine), values)


def measured(name, engine, dtype, evaluate, values=VALUES):
    """Return the Spread of what ``evaluate`` gives for a function."""
    model = rounding_model(dtype, engine)
    used, distinct, ulp, lengths = 0.0, 1, 0.0, set()
    for row in inputs(name, dtype, values):
        filled, mixed = [np.full(n, row[0]) for n in LENGTHS], [row[:n] for n in LENGTHS]
        results = evaluate(filled)
        for arrays, found in ((filled, results), (mixed, evaluate(mixed))):
            for x, y in zip(arrays, found, strict=True):
                used = max(used, float(usage(y, ball(name, x, model)).max()))
        # The softmax of another length is another function of the one value.
        alike = results if name == "softmax" else [*results, np.concatenate(results)]
        distinct = max(distinct, *(len(np.unique(y)) for y in alike))
        ulp = max(ulp, *(float(ulps(y.min(), y.max())) for y in alike))
        lengths |= {len(y) for y in results if len(np.unique(y)) > 1}
    return Spread(name, engine, dtype, used, distinct, ulp, tuple(sorted(lengths)))


# ---------------------------------------------------------------------- whole steps

# The pair whose step is taken at every size: two matmuls, a tanh, a softmax.
PAIR = "tanh-softmax-2-2-2"
SIZES = {
    "width": lambda n: (3, (n, n, n)),
    "batch": lambda n: (n, (3, 5, 2)),
}


def step_program(kind, n, dtype, filled):
    """Return the Program of a step at one size, its weights and inputs equal or random."""
    batch, (inputs, hidden, units) = SIZES[kind](n)
    rng = np.random.default_rng((SEED, n, filled))
    shapes = ((inputs, hidden), (1, hidden), (hidden, units), (1, units), (1, batch, inputs))
    draw = (lambda s: np.full(s, rng.normal())) if filled else (lambda s: rng.normal(size=s))
    *weights, x = (draw(shape).astype(dtype) for shape in shapes)
    targets = np.eye(units, dtype=dtype)[np.zeros((1, batch), int)]
    m, pair = trees.reference(), find(PAIR)
    return Program(pair.network(m), pair.optimizer(m), tuple(weights), x, targets)


def measure_steps(kind, engine, dtype, lengths=LENGTHS):
    """Return the Spread of the training step at all sizes of a kind, "width" or "batch".

    The spread is that of the hidden activations: with equal weights and inputs all
    units of all samples have one input.
    """
    used, distinct, ulp, several = 0.0, 1, 0.0, set()
    model, take = rounding_model(dtype, engine), _taker(engine)
    for filled in (True, False):
        programs = [step_program(kind, n, dtype, filled) for n in lengths]
        for n, program, record in zip(lengths, programs, take(programs), strict=True):
            used = max(used, check(record, enclose_steps(program, record, model)).usage)
            seen = np.unique(record.activations["H"])
            if filled:
                distinct = max(distinct, len(seen))
                ulp = max(ulp, float(ulps(seen[0], seen[-1])))
                several |= {n} if len(seen) > 1 else set()
    name = f"step, {kind} {lengths[0]}-{lengths[-1]}"
    return Spread(name, engine, dtype, used, distinct, ulp, tuple(sorted(several)))


def _taker(engine):
    """Return a function from Programs to the Trajectories of one step of each.

    Compiling for XLA costs most of a second, so that one compilation has all sizes.
    """
    return _all_at_once() if engine == "xla" else lambda programs: _one_by_one(programs, engine)


def _one_by_one(programs, engine):
    from equivalence.engines.cache import runner_of

    for program in programs:
        runner = runner_of(find(PAIR), program, "tape", engine)
        yield runner.run(program, program.start(), 1)


def _all_at_once():
    import tensorflow as tf

    m, pair = trees.tensorflow(), find(PAIR)
    network, optimizer = pair.network(m), pair.optimizer(m)

    def step(weights, inputs, targets):
        slots, count = m.build_slots(optimizer, weights), tf.constant(1, inputs.dtype)
        return m.train_step(network, optimizer, weights, slots, count, inputs, targets)

    every = tf.function(
        lambda batches: [step(*batch) for batch in batches], autograph=False, jit_compile=True
    )

    def take(programs):
        batches = [(p.weights, p.inputs[0], p.targets[0]) for p in programs]
        with tf.device("CPU:0"):
            steps = every(tf.nest.map_structure(tf.constant, batches))
        for program, taken in zip(programs, steps, strict=True):
            yield program.layout.trajectory(program.start(), [taken])

    return take


def tasks(dtypes=DTYPES, engines=ENGINES):
    """Return the arguments of everything that the command measures."""
    return [
        *((measure, name, e, d) for name in FUNCTIONS for d in dtypes for e in engines),
        *((measure_steps, kind, e, d) for kind in SIZES for d in dtypes for e in engines),
    ]


def run(task):
    """Return the Spread of one of ``tasks``."""
    function, *arguments = task
    return function(*arguments)
