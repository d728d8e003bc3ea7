"""Numbers of stateful generators are inputs of a step: taken as drawn, held in range and shape."""

import numpy as np
import pytest
import tensorflow as tf

import equivalence
from equivalence.graph import replay
from equivalence.graph.candidates import CANDIDATES
from equivalence.graph.certificate import certify_operation
from equivalence.graph.drawn import DRAWN, draw, is_drawn
from equivalence.graph.replay import Execution, attributes
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL

pytestmark = pytest.mark.tensorflow

SHAPE = np.int32([40, 3])
ALPHA = np.float32([[0.5, 2.0, 9.0]])
KEY, COUNTER = np.array([7], np.uint64), np.array([3, 1], np.uint64)
# kind -> what runs it, the operands that the rule is given.
RUNS = {
    "RandomUniform": (lambda r: r.RandomUniform(shape=SHAPE, dtype=tf.float32), (SHAPE,)),
    "RandomStandardNormal": (
        lambda r: r.RandomStandardNormal(shape=SHAPE, dtype=tf.float32),
        (SHAPE,),
    ),
    "TruncatedNormal": (lambda r: r.TruncatedNormal(shape=SHAPE, dtype=tf.float32), (SHAPE,)),
    "RandomUniformInt": (
        lambda r: r.RandomUniformInt(shape=SHAPE, minval=-3, maxval=9),
        (SHAPE, np.int32(-3), np.int32(9)),
    ),
    "RandomShuffle": (
        lambda r: r.RandomShuffle(value=np.arange(12.0).reshape(6, 2)),
        (np.arange(12.0).reshape(6, 2),),
    ),
    "Multinomial": (
        lambda r: r.Multinomial(logits=ALPHA, num_samples=50),
        (ALPHA, np.int32(50)),
    ),
    "StatelessMultinomial": (
        lambda r: r.StatelessMultinomial(logits=ALPHA, num_samples=50, seed=[1, 2]),
        (ALPHA, np.int32(50), [1, 2]),
    ),
    "RandomGamma": (lambda r: r.RandomGamma(shape=SHAPE, alpha=ALPHA), (SHAPE, ALPHA)),
    "RandomPoissonV2": (
        lambda r: r.RandomPoissonV2(shape=SHAPE, rate=ALPHA, dtype=tf.float32),
        (SHAPE, ALPHA),
    ),
    "StatelessRandomGammaV3": (
        lambda r: r.StatelessRandomGammaV3(
            shape=SHAPE, key=KEY, counter=COUNTER, alg=1, alpha=np.broadcast_to(ALPHA, SHAPE)
        ),
        (SHAPE, KEY, COUNTER, 1, np.broadcast_to(ALPHA, SHAPE)),
    ),
    "StatelessTruncatedNormalV2": (
        lambda r: r.StatelessTruncatedNormalV2(shape=SHAPE, key=KEY, counter=COUNTER, alg=1),
        (SHAPE, KEY, COUNTER, 1),
    ),
    **{
        kind: (
            lambda r, kind=kind, more=more: getattr(r, kind)(
                resource=tf.random.Generator.from_seed(3).state.handle,
                algorithm=np.int64(1),
                shape=SHAPE,
                **more,
            ),
            (None, np.int64(1), SHAPE, *more.values()),
        )
        for kind, more in (
            ("StatefulUniform", {}),
            ("StatefulStandardNormalV2", {}),
            ("StatefulTruncatedNormal", {}),
            ("StatefulUniformInt", {"minval": np.int64(2), "maxval": np.int64(8)}),
        )
    },
}


def test_every_kind_is_tried():
    assert set(RUNS) == set(DRAWN)
    assert all(hasattr(tf.raw_ops, kind) for kind in DRAWN)


@pytest.mark.parametrize("kind", RUNS)
def test_a_draw_lies_in_its_range_and_what_none_may_be_does_not(kind):
    run, operands = RUNS[kind]
    value = run(tf.raw_ops).numpy()
    assert np.all(is_drawn(kind, operands, value))
    assert np.all(is_drawn(kind, operands, draw(kind, operands, "a", value.dtype)))
    assert np.array_equal(draw(kind, operands, "a"), draw(kind, operands, "a"))
    assert not is_drawn(kind, operands, value[1:])  # another shape
    for wrong in (value.max() + 100, value.min() - 100):
        changed = value.copy()
        changed[0] = wrong
        if kind not in ("RandomGamma", "RandomPoissonV2", "StatelessRandomGammaV3") or wrong < 0:
            assert not np.all(is_drawn(kind, operands, changed)), wrong


def with_draws():
    """Return a step with stateful draws, a variable, and its batch."""
    weight = tf.Variable(np.linspace(-1, 1, 12).reshape(3, 4).astype(np.float32))

    def step(x):
        with tf.GradientTape() as tape:
            noisy = x + 0.1 * tf.random.normal(tf.shape(x))
            hidden = tf.nn.dropout(tf.tanh(noisy @ weight), 0.4)
            order = tf.random.shuffle(hidden)
            loss = tf.reduce_mean(tf.square(order)) + tf.reduce_mean(hidden)
        weight.assign_sub(0.1 * tape.gradient(loss, weight))

    return step, np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)


@pytest.mark.parametrize("engine", ["eager", "graph", "xla"])
def test_a_step_with_stateful_draws_is_certified_and_says_what_was_drawn(engine):
    step, x = with_draws()
    report = equivalence.certify(step, x, steps=2, engine=engine)
    assert report.verdict == ROUNDING_IDENTICAL and report.complete
    assert {row.kind for row in report.drawn} >= {"RandomStandardNormal", "RandomUniform"}
    words = " ".join(str(report).split())
    assert "which a generator drew, are taken as recorded: their range and shape" in words
    assert report.as_dict()["operations"][0]["drawn"] >= 0


@tf.custom_gradient
def with_a_wrong_slope(y):
    def slope(flow):
        return flow * 3 * y

    return y * y, slope


@pytest.mark.parametrize(("function", "proved"), [(tf.square, True), (with_a_wrong_slope, False)])
def test_the_gradient_behind_a_draw_is_proved_and_a_wrong_one_is_found(function, proved):
    weight = tf.Variable(np.float32([[0.5, -0.25]]))

    def step(x):
        with tf.GradientTape() as tape:
            y = tf.nn.dropout(x @ weight, 0.5)
            loss = tf.reduce_sum(function(y))
        weight.assign_sub(0.1 * tape.gradient(loss, weight))

    report = equivalence.certify(step, np.ones((64, 1), np.float32), steps=1, engine="eager")
    assert report.gradient.proved == proved, report.gradient


def test_a_kernel_that_draws_what_no_draw_is_is_found(monkeypatch):
    step, x = with_draws()
    plain = replay.execute

    def wrong(operation, inputs):
        found = plain(operation, inputs)
        return [found[0] + 1] if operation.type == "RandomUniform" else found

    monkeypatch.setattr(replay, "execute", wrong)
    report = equivalence.certify(step, x, steps=1, engine="eager")
    assert report.verdict == DIFFERENT and report.first.kind == "RandomUniform"


def test_a_draw_held_by_itself_is_no_claim_about_its_numbers():
    execution = _executed(lambda: tf.raw_ops.RandomUniform(shape=SHAPE, dtype=tf.float32))
    found = certify_operation(execution, attributes)
    assert found.drawn == found.checked == 120 and found.sharp_to is None


def _executed(call):
    graph = tf.function(call, autograph=False).get_concrete_function().graph
    operation = next(o for o in graph.get_operations() if o.type in DRAWN)
    return Execution(operation, operation, [SHAPE], [call().numpy()])


COUNTS = {"unigrams": [float(k) for k in range(1, 19)], "distortion": 0.75, "num_reserved_ids": 2}


def drawn_classes(kind, wanted, unique):
    """Return the Execution of a sampler of some of 20 classes."""
    more = COUNTS if kind.startswith("Fixed") else {}
    true = tf.constant([[1], [3], [17], [19]], tf.int64)
    options = {"num_true": 1, "num_sampled": wanted, "unique": unique, "range_max": 20, "seed": 4}
    call = lambda true: getattr(tf.raw_ops, kind)(true_classes=true, **options, seed2=5, **more)
    graph = tf.function(call).get_concrete_function(true).graph
    operation = next(o for o in graph.get_operations() if o.type == kind)
    results = [result.numpy() for result in replay.execute(operation, [true])]
    return Execution(operation, operation, [true.numpy()], results)


@pytest.mark.parametrize("kind", CANDIDATES)
@pytest.mark.parametrize("wanted", [5, 15])
@pytest.mark.parametrize("unique", [True, False])
def test_what_is_expected_of_drawn_classes_follows_from_one_number_of_tries(kind, wanted, unique):
    execution = drawn_classes(kind, wanted, unique)
    classes, *expected = execution.results
    found = certify_operation(execution, attributes)
    assert not found.outside and not found.without and found.drawn == wanted
    assert found.checked == found.numbers == wanted + 4
    for place, value in enumerate(expected):
        wrong = value.copy()
        wrong.flat[np.argmax(np.abs(wrong - 0.5) < 0.45)] *= 1.00002
        results = [classes, *expected]
        results[place + 1] = wrong
        changed = Execution(execution.operation, execution.place, execution.operands, results)
        assert certify_operation(changed, attributes).outside.result == place + 1
    for other in (20, -1, *([classes[1]] if unique else [])):
        wrong = classes.copy()
        wrong[0] = other
        results = [wrong, *expected]
        changed = Execution(execution.operation, execution.place, execution.operands, results)
        assert certify_operation(changed, attributes).outside.result == 0


def test_chances_that_are_told_in_parts_are_named():
    execution = drawn_classes("FixedUnigramCandidateSampler", 5, True)
    found = certify_operation(execution, lambda o: {**attributes(o), "num_shards": 2})
    assert "in parts" in found.without and found.checked == 0
