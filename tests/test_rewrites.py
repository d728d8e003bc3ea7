"""What compilers make of a program, held against the ball of the program as written.

Each program runs eagerly, as a graph that Grappler rewrites, and compiled by XLA, over
numbers of six kinds, from whole ones to the ends of the format.  Every result must lie in
the ball that NumPy's lines give over rounding balls with the rules of that engine's
compilers.  ``NEEDED`` then takes one rule away at a time: a real result leaves its ball.
"""

from dataclasses import dataclass
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import named, thinned

from equivalence.arithmetic import Model, bounds
from equivalence.arithmetic.enclosed import Enclosed
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.engines import table
from equivalence.judge.certificate import usage
from refimpl.activations import Sigmoid

pytestmark = pytest.mark.tensorflow

ENGINES = ("eager", "graph", "xla")
EACH = 400  # numbers of each kind
MODEL_OF_GRAPH = Model("float32", ("numpy", "eigen"), ("grappler",))

TENSORFLOW = SimpleNamespace(
    exp=tf.exp,
    log=tf.math.log,
    sqrt=tf.sqrt,
    tanh=tf.tanh,
    square=tf.square,
    abs=tf.abs,
    mean=lambda x: tf.reduce_mean(tf.reshape(x, (-1, 30)), 1),
    cos=tf.cos,
    sin=tf.sin,
    sigmoid=tf.sigmoid,
    maximum=tf.maximum,
    minimum=tf.minimum,
    where=tf.where,
    sum=lambda x: tf.reduce_sum(x, -1, keepdims=True),
    floor=tf.floor,
)
NUMPY = SimpleNamespace(
    exp=np.exp,
    log=np.log,
    sqrt=np.sqrt,
    tanh=np.tanh,
    square=np.square,
    abs=np.absolute,
    mean=lambda x: np.sum(x.reshape(-1, 30), axis=-1) / 30,
    cos=np.cos,
    sin=np.sin,
    sigmoid=Enclosed(Sigmoid()).forward,
    maximum=np.maximum,
    minimum=np.minimum,
    where=np.where,
    sum=lambda x: np.sum(x, axis=-1, keepdims=True),
    floor=np.floor,
)


@dataclass(frozen=True)
class Program:
    """A few operations: ``compute`` takes the functions of a side and its arrays."""

    name: str
    compute: object

    @property
    def operands(self):
        return self.compute.__code__.co_argcount - 1


# fmt: off
PROGRAMS = (
    # factors and divisors that are constants
    Program("x * 0.1 * 0.3", lambda m, x: x * 0.1 * 0.3),
    Program("x * 11 * 0.001", lambda m, x: x * 11.0 * 0.001),
    Program("0.3 * (x * 0.1)", lambda m, x: 0.3 * (x * 0.1)),
    Program("x / 0.1 * 0.3", lambda m, x: x / 0.1 * 0.3),
    Program("x * 0.1 / 0.3", lambda m, x: x * 0.1 / 0.3),
    Program("x / 0.1 / 0.3", lambda m, x: x / 0.1 / 0.3),
    Program("x / 3 / 0.1", lambda m, x: x / 3.0 / 0.1),
    Program("0.1 / (x * 0.3)", lambda m, x: 0.1 / (x * 0.3)),
    Program("0.1 / (0.3 / x)", lambda m, x: 0.1 / (0.3 / x)),
    Program("0.3 / x * 0.1", lambda m, x: 0.3 / x * 0.1),
    Program("0.3 / x / 0.1", lambda m, x: 0.3 / x / 0.1),
    Program("x * y * 0.001", lambda m, x, y: x * y * 0.001),
    Program("x * 0.1 * y", lambda m, x, y: x * 0.1 * y),
    Program("(x * 0.1) * (y * 0.3)", lambda m, x, y: (x * 0.1) * (y * 0.3)),
    Program("x / (y * 0.3)", lambda m, x, y: x / (y * 0.3)),
    Program("x * 0.3 / y", lambda m, x, y: x * 0.3 / y),
    Program("x * 0.1 + y * 0.1", lambda m, x, y: x * 0.1 + y * 0.1),
    Program("x * 0.1 + x * 0.3", lambda m, x: x * 0.1 + x * 0.3),
    Program("square(x) * 0.1", lambda m, x: m.square(x) * 0.1),
    Program("x / 7", lambda m, x: x / 7.0),
    Program("7 / x", lambda m, x: 7.0 / x),
    Program("x / 2e38", lambda m, x: x / 2e38),
    Program("mean", lambda m, x: m.mean(x)),
    # terms in another order
    Program("x + 0.1 + 0.3", lambda m, x: x + 0.1 + 0.3),
    Program("x + 3 + 0.1", lambda m, x: x + 3.0 + 0.1),
    Program("x + 0.1 - 0.1", lambda m, x: x + 0.1 - 0.1),
    Program("0.3 - (x - 0.1)", lambda m, x: 0.3 - (x - 0.1)),
    Program("1 - (1 - x)", lambda m, x: 1.0 - (1.0 - x)),
    Program("(1 - x) - 1", lambda m, x: (1.0 - x) - 1.0),
    Program("x - 1000.1 + 1000", lambda m, x: x - 1000.1 + 1000.0),
    Program("(x + 0.1) + y", lambda m, x, y: (x + 0.1) + y),
    Program("(x + 0.1) + (y + 0.3)", lambda m, x, y: (x + 0.1) + (y + 0.3)),
    Program("(x + y) + 0.1", lambda m, x, y: (x + y) + 0.1),
    Program("0.1 - (x + y)", lambda m, x, y: 0.1 - (x + y)),
    Program("(x - y) - 0.1", lambda m, x, y: (x - y) - 0.1),
    Program("(x - 0.1) - y", lambda m, x, y: (x - 0.1) - y),
    Program("x + (y + (z - x))", lambda m, x, y, z: x + (y + (z - x))),
    Program("(x - y) + (z - 0.1)", lambda m, x, y, z: (x - y) + (z - 0.1)),
    Program("(x - (y + z)) + 0.1", lambda m, x, y, z: (x - (y + z)) + 0.1),
    Program("x - y - z", lambda m, x, y, z: x - y - z),
    Program("x - (y - z)", lambda m, x, y, z: x - (y - z)),
    Program("x + (y + z)", lambda m, x, y, z: x + (y + z)),
    Program("(x + y) + (z + x)", lambda m, x, y, z: (x + y) + (z + x)),
    Program("x + x + x", lambda m, x: x + x + x),
    Program("x * y + x * z", lambda m, x, y, z: x * y + x * z),
    Program("x - x * y", lambda m, x, y: x - x * y),
    Program("(x - y) * 0.1 + y", lambda m, x, y: (x - y) * 0.1 + y),
    Program("x * 0.9 + y * 0.1", lambda m, x, y: x * 0.9 + y * 0.1),
    # quotients of quotients, reciprocals, roots
    Program("x / y / z", lambda m, x, y, z: x / y / z),
    Program("x / (y / z)", lambda m, x, y, z: x / (y / z)),
    Program("(x / y) / (z / x)", lambda m, x, y, z: (x / y) / (z / x)),
    Program("x * y / z", lambda m, x, y, z: x * y / z),
    Program("1 / x", lambda m, x: 1.0 / x),
    Program("1 / (1 / x)", lambda m, x: 1.0 / (1.0 / x)),
    Program("1 / sqrt(x)", lambda m, x: 1.0 / m.sqrt(m.abs(x))),
    Program("x / sqrt(y)", lambda m, x, y: x / m.sqrt(m.abs(y))),
    Program("x / (sqrt(y) + 1e-7)", lambda m, x, y: x / (m.sqrt(m.abs(y)) + 1e-7)),
    Program("x / y / sqrt(z)", lambda m, x, y, z: x / y / m.sqrt(m.abs(z))),
    Program("sqrt(x) / sqrt(y)", lambda m, x, y: m.sqrt(m.abs(x)) / m.sqrt(m.abs(y))),
    Program("sqrt(x) * sqrt(x)", lambda m, x: m.sqrt(m.abs(x)) * m.sqrt(m.abs(x))),
    Program("sqrt(x * x)", lambda m, x: m.sqrt(x * x)),
    # powers
    *(Program(f"x ** {p}", lambda m, x, p=p: m.abs(x) ** p)
      for p in (2.0, 3.0, 0.5, -0.5, -1.0, 4.0, -2.0, 1.5)),
    Program("sqrt(x) ** 2", lambda m, x: m.sqrt(m.abs(x)) ** 2.0),
    Program("x / y ** z", lambda m, x, y, z: x / m.abs(y) ** z),
    Program("log(x ** y)", lambda m, x, y: m.log(m.abs(x) ** y)),
    # exponentials and logarithms
    Program("x / exp(y)", lambda m, x, y: x / m.exp(y)),
    Program("exp(x) * exp(y)", lambda m, x, y: m.exp(x) * m.exp(y)),
    Program("exp(x) / exp(y)", lambda m, x, y: m.exp(x) / m.exp(y)),
    Program("exp(x) - 1", lambda m, x: m.exp(x) - 1.0),
    Program("1 - exp(x)", lambda m, x: 1.0 - m.exp(x)),
    Program("-1 + exp(x)", lambda m, x: -1.0 + m.exp(x)),
    Program("log(1 + x)", lambda m, x: m.log(1.0 + m.abs(x))),
    Program("log(x + 1)", lambda m, x: m.log(m.abs(x) + 1.0)),
    Program("log(exp(x))", lambda m, x: m.log(m.exp(x))),
    Program("log(sqrt(x))", lambda m, x: m.log(m.sqrt(m.abs(x)))),
    Program("log(x * y)", lambda m, x, y: m.log(m.abs(x) * m.abs(y))),
    Program("log(x / y)", lambda m, x, y: m.log(m.abs(x) / m.abs(y))),
    Program("exp(log(x))", lambda m, x: m.exp(m.log(m.abs(x)))),
    Program("1 - tanh(x) ** 2", lambda m, x: 1.0 - m.square(m.tanh(x))),
)
# fmt: on
NAMES = {program.name: program for program in PROGRAMS}


def numbers(rng, count, dtype):
    """Return ``count`` numbers of each kind: near 1, wide, whole and halves, far, hundredths
    with their neighbours, and what exp takes."""
    sign = rng.choice([-1.0, 1.0], (2, count))
    far = 37 if dtype == "float32" else 300
    kinds = (
        rng.uniform(0.1, 2, count),
        sign[0] * 10 ** rng.uniform(-4, 4, count),
        rng.integers(1, 4096, count) / rng.choice([1, 1, 8, 1024.0], count),
        sign[1] * 10 ** rng.uniform(-far, far, count),
        rng.uniform(-0.2, 0.2, count).round(2) + rng.choice([0, 1e-6], count),
        rng.uniform(-88, 88, count) * (1 if dtype == "float32" else 8),
    )
    return np.concatenate(kinds).astype(dtype)


def operands(program, dtype, count):
    """Return arrays: the kinds in step, and each kind with one of the second kind."""
    rng = np.random.default_rng(len(program.name))
    in_step = [numbers(rng, count, dtype) for _ in range(program.operands)]
    mixed = [numbers(rng, count, dtype)] + [
        rng.permutation(numbers(rng, count, dtype)) for _ in range(program.operands - 1)
    ]
    return [np.concatenate(pair) for pair in zip(in_step, mixed)]


def compiled(program, engine):
    def on_tensors(*arrays):
        return program.compute(TENSORFLOW, *arrays)

    if engine == "eager":
        return on_tensors
    return tf.function(on_tensors, jit_compile=engine == "xla", autograph=False)


def share_of_radius(program, engine, dtype, count=EACH):
    """Return the largest share of a radius that real results use, infinity outside."""
    arrays = operands(program, dtype, count)
    platform, compilers = table.ENGINES[engine].on_cpu
    model = Model(dtype, ("numpy", platform), compilers)
    with np.errstate(all="ignore"):
        ball = program.compute(NUMPY, *map(model.array, arrays))
        results = compiled(program, engine)(*map(tf.constant, arrays)).numpy()
        share = usage(results, ball)
    unbounded = np.isinf(np.broadcast_to(ball.rad, share.shape))
    assert not unbounded.all()
    share = np.where(unbounded, 0, share)
    return float(np.where(np.isnan(share), np.inf, share).max())


@pytest.mark.parametrize(
    ("program", "dtype", "engine"), thinned(3, product(PROGRAMS, DTYPES, ENGINES)), ids=named
)
def test_what_the_compilers_make_of_it_lies_in_the_ball(engine, dtype, program):
    assert share_of_radius(program, engine, dtype) <= 1


@dataclass(frozen=True)
class Needed:
    """A rule of ``bounds``, and a program that leaves its ball without it."""

    rule: str
    program: str
    engine: str = "graph"
    dtype: str = "float32"
    count: int = EACH


NEEDED = (
    Needed("REORDERS_SUMS", "(x + 0.1) + y"),
    Needed("REORDERS_SUMS", "0.1 - (x + y)"),
    Needed("REORDERS_SUMS", "(x - y) - 0.1", dtype="float64"),
    Needed("REORDERS_SUMS", "x + (y + z)"),
    Needed("REORDERS_SUMS", "x + 3 + 0.1", "xla"),
    Needed("FOLDS_FACTORS", "x * y * 0.001", count=40_000),
    Needed("FOLDS_FACTORS", "(x * 0.1) * (y * 0.3)"),
    Needed("INVERTS_CONSTANT", "x / 2e38"),
    Needed("INVERTS_CONSTANT", "x / 2e38", "xla"),
    Needed("TAKES_RECIPROCAL", "1 / x"),
    Needed("KNOWS_EXPM1", "exp(x) - 1"),
    Needed("KNOWS_EXPM1", "exp(x) - 1", dtype="float64"),
    Needed("INVERTS_EXP", "x / exp(y)", "xla", count=4000),
    Needed("INVERTS_EXP", "x / exp(y)", "xla", "float64", count=4000),
    Needed("MERGES_EXP", "exp(x) * exp(y)", "xla"),
    Needed("MERGES_EXP", "exp(x) / exp(y)", "xla", "float64"),
    Needed("MERGES_DIVISIONS", "x / y / z", "xla"),
    Needed("MERGES_DIVISIONS", "x / (y / z)", "xla"),
    Needed("INVERTS_ROOT", "x / sqrt(y)"),
    Needed("INVERTS_ROOT", "x / sqrt(y)", dtype="float64"),
)


@pytest.mark.parametrize("row", NEEDED, ids=lambda r: f"{r.rule} {r.program} {r.engine} {r.dtype}")
def test_without_its_rule_a_result_leaves_the_ball(row, monkeypatch):
    program = NAMES[row.program]
    assert share_of_radius(program, row.engine, row.dtype, row.count) <= 1
    monkeypatch.setattr(bounds, row.rule, {})
    assert share_of_radius(program, row.engine, row.dtype, row.count) > 1


def test_every_rule_names_its_compilers_and_is_needed():
    rules = {name for name, value in vars(bounds).items() if isinstance(value, dict)}
    rules = {name for name in rules if name.isupper() and name not in ("SAME", "KIN")}
    assert rules - {row.rule for row in NEEDED} == {"JOINS_ADDEND"}  # tests/test_engines.py
    for name in rules:
        assert set(getattr(bounds, name)) <= {"grappler", "xla", "cuda", "rsqrt"}


def test_the_graphs_reciprocal_of_a_large_float32_is_off_by_3e_4():
    """An upstream defect: the correction of an estimate is flushed to 0."""
    x = np.full(16, 1.0141553, np.float32) * np.float32(2.0**120)
    eager = (1 / tf.constant(x)).numpy()
    graph = tf.function(lambda x: 1 / x, autograph=False)(tf.constant(x)).numpy()
    exact = 1 / x.astype(np.float64)
    assert np.abs(eager / exact - 1).max() < 1e-7
    assert np.abs(graph / exact - 1).max() < 4e-4
    assert usage(graph, 1 / MODEL_OF_GRAPH.array(x)).max() <= 1


def test_a_graph_reaches_the_second_stair_a_step_late():
    """41 fl(1/41) is below 1: floor(step / decay_steps), as Keras's staircases have it."""
    step = np.full(8, 41, np.float32)
    program = Program("floor(step / 41)", lambda m, x: m.floor(x / 41.0))
    stairs = {e: set(compiled(program, e)(tf.constant(step)).numpy()) for e in ENGINES}
    assert stairs == {"eager": {1.0}, "graph": {0.0}, "xla": {0.0}}
    eager, graph = (
        program.compute(NUMPY, m.array(step)) for m in (Model("float32"), MODEL_OF_GRAPH)
    )
    assert usage(np.float32([1]), eager).max() == 0  # decided
    assert np.isinf(graph.rad).all()
    assert "a floor that rounding decides" in MODEL_OF_GRAPH.notes


def test_grapplers_leaky_relu_of_a_slope_above_1_is_seen_outside():
    """An upstream defect: remapper.cc makes maximum(x, 2 x) a LeakyRelu, min(x, 2 x).

    It comes with oneDNN, for float32; no rule makes the ball hold it, since it is wrong.
    """
    x = np.linspace(-2, 2, 9, dtype=np.float32)
    program = Program("max(x, 2 x)", lambda m, x: m.maximum(x, x * 2.0))
    ball = program.compute(NUMPY, MODEL_OF_GRAPH.array(x))
    shares = {e: usage(compiled(program, e)(tf.constant(x)).numpy(), ball) for e in ENGINES}
    assert shares["eager"].max() <= 1
    assert shares["xla"].max() <= 1
    wrong = shares["graph"] > 1
    assert wrong.tolist() in ([False] * 9, (x != 0).tolist())


def test_an_exact_product_may_not_be_formed():
    """4027 * 528 is a float; Grappler forms 4027 * fl(528 * 0.001)."""
    x, y = np.full(16, 4027, np.float32), np.full(16, 528, np.float32)
    graph = tf.function(lambda x, y: x * y * 0.001, autograph=False)
    found = graph(tf.constant(x), tf.constant(y)).numpy()
    balls = [m.array(x) * m.array(y) * 0.001 for m in (Model("float32"), MODEL_OF_GRAPH)]
    assert [bool(usage(found, ball).max() <= 1) for ball in balls] == [False, True]


def test_rules_only_widen_what_their_compilers_touch():
    """Two terms, two factors, a quotient: the same radius with and without compilers."""
    rng = np.random.default_rng(0)
    x, y = (rng.uniform(0.5, 2, 100).astype(np.float32) for _ in "xy")
    plain, every = Model("float32"), Model("float32", compilers=("grappler", "xla"))
    for compute in (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: a / b,
        lambda a, b: (a - b) * 0.1 + b,
        lambda a, b: a * 0.9 + b * 0.1,
        lambda a, b: np.exp(a) * b,
        lambda a, b: np.log(a),
        lambda a, b: a**3.0,
    ):
        balls = [compute(m.array(x), m.array(y)) for m in (plain, every)]
        assert (balls[1].rad <= balls[0].rad * (1 + 1e-9)).all()


# ------------------------------------------------------------------ random programs

# Each takes the functions of a side, two earlier results and a constant.
STEPS = (
    lambda m, x, y, c: x + y,
    lambda m, x, y, c: x - y,
    lambda m, x, y, c: x * y,
    lambda m, x, y, c: x / y,
    lambda m, x, y, c: x + c,
    lambda m, x, y, c: c - x,
    lambda m, x, y, c: x * c,
    lambda m, x, y, c: x / c,
    lambda m, x, y, c: c / x,
    lambda m, x, y, c: -x,
    lambda m, x, y, c: x @ y[:4],
    lambda m, x, y, c: x @ y[:4] + y[4:5],
    lambda m, x, y, c: x @ y[:4] + (x + y) + c,
    lambda m, x, y, c: m.sum(x) * y,
    lambda m, x, y, c: m.square(x),
    lambda m, x, y, c: m.abs(x),
    lambda m, x, y, c: m.sqrt(m.abs(x)),
    lambda m, x, y, c: m.exp(x),
    lambda m, x, y, c: m.log(m.abs(x)),
    lambda m, x, y, c: m.log(1.0 + m.abs(x)),
    lambda m, x, y, c: m.exp(x) - 1.0,
    lambda m, x, y, c: m.tanh(x),
    lambda m, x, y, c: m.sigmoid(x),
    lambda m, x, y, c: m.cos(x),
    lambda m, x, y, c: m.sin(x),
    lambda m, x, y, c: m.abs(x) ** c,
    lambda m, x, y, c: m.abs(x) ** 2.0,
    lambda m, x, y, c: m.maximum(x, y),
    lambda m, x, y, c: m.minimum(x, 0.0),
    lambda m, x, y, c: m.where(x > y, x, y * c),
    lambda m, x, y, c: x % 3.0,
    lambda m, x, y, c: m.floor(x) + y,
)
CONSTANTS = (0.1, 0.3, 0.5, 1.0, 2.0, 3.0, 0.999, 1e-7, 1000.1)
ROWS, COLUMNS = 60, 4


def random_program(seed, length):
    """Return a Program of ``length`` random steps over three arrays."""
    rng = np.random.default_rng(seed)
    plan = [
        (rng.integers(len(STEPS)), rng.integers(3 + k, size=2), rng.choice(CONSTANTS))
        for k in range(length)
    ]

    def compute(m, a, b, c):
        results = [a, b, c]
        for step, (i, j), constant in plan:
            results.append(STEPS[step](m, results[i], results[j], float(constant)))
        return results[-1]

    return Program(f"random {seed}", compute)


def random_arrays(seed, dtype):
    """Return three arrays (ROWS, COLUMNS) of one or two kinds of numbers."""
    rng = np.random.default_rng([seed, 1])
    kinds = rng.choice([0, 0, 1, 2, 4, 5], 2)
    every = numbers(rng, 3 * ROWS * COLUMNS, dtype).reshape(6, 3, ROWS, COLUMNS)
    chosen = np.where(rng.random((3, ROWS, 1)) < 0.5, every[kinds[0]], every[kinds[1]])
    return list(chosen)


def outside(seed, dtype, length=7, engines=ENGINES):
    """Yield (side, share of radius) of a random program's results outside their balls, and
    at last how many results were held against a bounded ball."""
    program, arrays = random_program(seed, length), random_arrays(seed, dtype)
    held = 0
    for engine in engines:
        platform, compilers = table.ENGINES[engine].on_cpu
        model = Model(dtype, ("numpy", platform), compilers)
        with np.errstate(all="ignore"):
            ball = program.compute(NUMPY, *map(model.array, arrays))
            sides = {engine: compiled(program, engine)(*map(tf.constant, arrays)).numpy()}
            sides["numpy"] = program.compute(NUMPY, *arrays)
        for side, result in sides.items():
            share = usage(np.broadcast_to(result, ball.shape), ball)
            bounded = np.isfinite(np.broadcast_to(ball.rad, share.shape))
            held += int(bounded.sum())
            if not (share[bounded] <= 1).all():
                yield side, engine, float(np.nan_to_num(share[bounded], nan=np.inf).max())
    yield held


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("dtype", DTYPES)
def test_random_programs_stay_in_their_balls(dtype, seed):
    *found, held = outside(seed, dtype)
    assert not found


def test_most_results_of_random_programs_have_bounded_balls():
    held = [list(outside(seed, "float32", engines=("eager",)))[-1] for seed in range(15)]
    assert np.mean(held) > ROWS * COLUMNS  # of twice as many
