"""What a compiled graph's kernels give where they are not those of eager execution."""

from dataclasses import replace

import numpy as np
import pytest

from equivalence.arithmetic.bounds import largest_ulp
from equivalence.arithmetic.precisions import HALVES
from equivalence.arithmetic.rounding import Model
from equivalence.engines.table import ENGINES
from equivalence.graph.certificate import certify_operation
from equivalence.graph.compiled import OTHERWISE, enclose, rules_of
from equivalence.graph.replay import Execution, attributes
from equivalence.plants.cases.operations import run

pytestmark = pytest.mark.tensorflow

POOL = {"ksize": [1, 2, 2, 2, 1], "strides": [1, 2, 2, 2, 1], "padding": "VALID"}
EQUAL, FLOW = np.ones((1, 2, 2, 4, 1)), np.array([3.0, 5.0]).reshape(1, 1, 1, 2, 1)
XLA, GRAPH, EAGER = (ENGINES[name].on_cpu for name in ("xla", "graph", "eager"))
DRAWN = [
    *(("StatelessRandomUniformV2", dtype) for dtype in ("float32", "float64", *HALVES)),
    *(("StatelessRandomNormalV2", dtype) for dtype in ("float32", "float64")),
]


def pooled_back():
    """Return how volumes of equal places are pooled back by the kernel of eager execution."""
    return run("MaxPool3DGrad", (EQUAL, np.ones((1, 1, 1, 2, 1)), FLOW), POOL, "float32")


def is_held(execution, engine):
    """Say whether a result is what one of the kind's kernels gives under an engine."""
    platform, compilers = engine
    rules = rules_of(execution.operation.type, compilers)
    model = lambda: Model(execution.results[0].dtype.name, (platform,), compilers)
    found = [certify_operation(execution, attributes, model=model(), rule=r) for r in rules]
    assert not any(each.without for each in found)
    return any(not each.outside for each in found)


def by_onednn():
    """Return what oneDNN gives: of equal places the first has all."""
    import tensorflow as tf

    given = [tf.constant(a, tf.float32) for a in (EQUAL, np.ones((1, 1, 1, 2, 1)), FLOW)]

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.max_pool3d(x, 2, 2, "VALID")
        return tape.gradient(y, x, given[2])

    return tf.function(gradient, jit_compile=True)(given[0]).numpy()


def test_of_equal_places_of_a_volume_each_has_all_that_flows_back_or_the_first():
    eager = pooled_back()
    first = Execution(eager.operation, eager.operation, eager.operands, [by_onednn()])
    assert eager.results[0].sum() == 8 * 8 and first.results[0].sum() == 8
    for engine in (XLA, GRAPH):
        assert is_held(eager, engine) and is_held(first, engine)
    assert is_held(eager, EAGER) and not is_held(first, EAGER)


@pytest.mark.parametrize("edges", [2, 3])
def test_a_window_of_infinities_begins_with_the_lowest_float_or_under_xla_with_infinity(edges):
    import tensorflow as tf

    pool = tf.nn.max_pool2d if edges == 2 else tf.nn.max_pool3d
    x = np.full((1, *[2] * edges, 1), -np.inf, np.float32)
    options = {"ksize": [1, *[2] * edges, 1], "strides": [1, *[2] * edges, 1], "padding": "VALID"}
    eager = run("MaxPool" if edges == 2 else "MaxPool3D", (x,), options, "float32")
    by_xla = tf.function(lambda x: pool(x, 2, 2, "VALID"), jit_compile=True)(x).numpy()
    assert by_xla.item() == -np.inf
    infinite = Execution(eager.operation, eager.operation, eager.operands, [by_xla])
    assert is_held(eager, EAGER) and not is_held(infinite, EAGER)
    assert is_held(eager, XLA) and is_held(infinite, XLA)


def test_the_whole_operation_is_by_one_kernel_and_no_other_place_has_all():
    eager, first = pooled_back(), by_onednn()
    mixed = np.concatenate([eager.results[0][..., :2, :], first[..., 2:, :]], axis=-2)
    for wrong in (mixed, first[:, ::-1], first * np.float32(1.00001)):
        given = Execution(eager.operation, eager.operation, eager.operands, [wrong])
        assert not is_held(given, GRAPH)


def test_what_is_not_watched_lies_between_what_both_kernels_give():
    eager, first = pooled_back(), by_onednn()
    given, model = attributes(eager.operation), Model("float32", ("eigen",), GRAPH[1])
    ball = enclose(rules_of("MaxPool3DGrad", GRAPH[1]), eager.operands, given, model)
    for result in (eager.results[0], first):
        assert np.all(np.abs(ball.mid - result) <= ball.rad)
    alone = enclose(rules_of("MaxPool3DGrad", EAGER[1]), eager.operands, given, model)
    assert np.all(alone.rad < 1e-5)


@pytest.mark.parametrize(("kind", "dtype"), DRAWN)
@pytest.mark.parametrize("shape", [[7], [3, 5], [5, 3], [3, 4, 3], []])
def test_what_xla_draws_is_of_the_words_upper_bits(kind, dtype, shape):
    import tensorflow as tf

    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=[5, -7])
    made = getattr(tf.raw_ops, kind)

    def draw(key, counter):
        return made(shape=shape, key=key, counter=counter, alg=1, dtype=dtype)

    graph = tf.function(draw).get_concrete_function(key, counter).graph
    operation = next(o for o in graph.get_operations() if o.type == kind)
    operands = [np.int32(shape), key.numpy(), counter.numpy(), np.int32(1)]
    try:
        drawn = {by: tf.function(draw, jit_compile=by == "xla")(key, counter) for by in ("xla", "")}
    except tf.errors.InternalError as error:
        if dtype != "float16" or "Failed to materialize symbols" not in str(error):
            raise
        pytest.skip("XLA calls a conversion of float16 that it has none of: a CPU without F16C")
    for by in drawn:
        execution = Execution(operation, operation, operands, [drawn[by].numpy()])
        assert is_held(execution, XLA)
        if dtype != "float16":  # whose numbers are the kernel's under XLA, too
            assert is_held(execution, GRAPH) == (by == "")
    moved = execution.results[0] + np.asarray(2.0**-6, execution.results[0].dtype)
    assert not is_held(Execution(operation, operation, operands, [moved]), XLA)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["Erf", "Tan", "Acos", "Atan", "Asinh", "Acosh", "Atanh"])
def test_a_function_of_the_library_is_held_as_xla_computes_it(kind, dtype):
    import tensorflow as tf

    x = np.random.default_rng(0).uniform(0.02, 0.98, (40, 50)) + (kind == "Acosh")
    execution = run(kind, (x,), {}, dtype)
    call = tf.function(lambda x: getattr(tf.raw_ops, kind)(x=x), jit_compile=True)
    compiled = call(tf.constant(execution.operands[0])).numpy()
    by_xla = replace(execution, results=[compiled])
    assert is_held(by_xla, XLA)
    row = largest_ulp(kind.lower(), ("xla",), dtype)
    compiled[3, 4] *= 1 + 4 * row * np.finfo(dtype).eps
    assert not is_held(by_xla, XLA)


def test_every_kind_of_the_table_has_a_rule_of_eager_execution_too():
    for kind, row in OTHERWISE.items():
        assert row.rule.kind == kind and len(rules_of(kind, row.compilers)) == 2
        assert len(rules_of(kind, ())) == 1
