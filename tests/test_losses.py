"""Every loss on every engine: values and gradients lie in their rounding balls.

The cases, their data and the engines are in ``equivalence/plants/cases/losses.py``; what departs is in
``equivalence/defects/functions.py``, and must be found here, and be explained by its model.
"""

from dataclasses import replace
from itertools import groupby, product

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.differentiation import assert_agree
from helpers.turns import in_turn, named, thinned
from hypothesis import given
from hypothesis import strategies as st

from equivalence import trees
from equivalence.arithmetic import ExactArray
from equivalence.arithmetic.exact import precision
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.defects.function_models import generalized_of_every_pair
from equivalence.defects.functions import FUNCTION_DEFECTS, matching
from equivalence.judge.derivative import BITS
from equivalence.plants.cases.activations import compiled, first_outside
from equivalence.plants.cases.losses import (
    BY_NAME,
    CASES,
    DEFAULT,
    ENGINES,
    PARTS,
    REDUCTIONS,
    REFERENCE,
    TWINS,
    arguments,
    balls,
    built,
    inputs,
    keras_loss,
    reference,
    runs,
    tensorflow,
    twins,
)
from equivalence.plants.killrate import complaint, find
from equivalence.plants.tables.losses import PLANTS

pytestmark = pytest.mark.tensorflow

NAMES = list(BY_NAME)
TENSORFLOW = trees.tensorflow()
CTC = REFERENCE.CTC()


def outside(case, dtype, engine, values, run=DEFAULT, loss=None):
    """Return what lies outside its ball: (part, index, value, ball) of the first of each part.

    Where a ball has no bound, since a clip is undecided, the value must be NumPy's.
    """
    expected = reference(case, dtype, run, loss)
    assert not any(np.isnan(same).any() for same in expected)
    return first_outside(PARTS, values, expected, balls(case, dtype, engine, run, loss))


def answers(case, engine, dtype):
    """Return what TensorFlow gives of one case, by run and twin."""
    return tensorflow(engine, dtype, (case,))


@pytest.mark.parametrize(
    ("name", "turn"), thinned(2, in_turn(NAMES, [*product(DTYPES, ENGINES)])), ids=named
)
def test_values_and_gradients_lie_in_their_balls(name, turn):
    case, (dtype, engine) = BY_NAME[name], turn
    for run in runs(case, engine):
        assert outside(case, dtype, engine, reference(case, dtype, run), run) == [], run
        for twin in twins(case, engine):
            if not matching(built(case, REFERENCE, run[0]), twin, engine, dtype):
                values = answers(case, engine, dtype)[(case, *run, twin)]
                assert outside(case, dtype, engine, values, run) == [], (twin, *run)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [n for n in NAMES if "Hinge" in n or "AbsoluteError" in n])
def test_what_ieee_alone_decides_is_bit_identical(name, dtype):
    """The gradients; sums, of the values and of the weights, have no order of their own."""
    case = BY_NAME[name]
    for run in (
        run for run in runs(case, "eager") if run != ("mean_with_sample_weight", "weights")
    ):
        _, expected = reference(case, dtype, run)
        for twin in TWINS:
            _, gradient = answers(case, "eager", dtype)[(case, *run, twin)]
            assert np.array_equal(gradient, expected), (twin, *run)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_the_balls_are_bounded(name, dtype):
    for ball in balls(BY_NAME[name], dtype, "eager"):
        assert np.isfinite(ball.rad).mean() > 0.8


def check_gradient(case, loss, seed, weighted):
    """Hold the gradient of a loss against differentiation, on data away from its kinks."""
    rng = np.random.default_rng(seed)
    O, T = case.data(rng)
    rows = slice(3, 6 if O.ndim > 2 else None)  # the first rows hold the kinks
    O, T = O[rows], T[rows]
    weights = (ExactArray(rng.integers(1, 9, len(O)) / 4.0),) if weighted else ()
    with precision(BITS):
        O, T = ExactArray(O), ExactArray(T)
        gradient = loss.backward(O, T, *weights)
        assert_agree("Ob", gradient, O, lambda O: loss.forward(O, T, *weights))


@pytest.mark.parametrize("name", [n for n in NAMES if n != "CTC improbable"])
@given(seed=st.integers(0, 2**32 - 1), reduction=st.sampled_from(REDUCTIONS[:-1]))
def test_the_gradient_of_a_loss_is_its_derivative(name, seed, reduction):
    case = BY_NAME[name]
    loss = built(case, REFERENCE, reduction)
    if getattr(loss, "label_smoothing", 0):
        loss = replace(loss, label_smoothing=0.125)  # 1 - s is exact: the targets sum to 1
    check_gradient(case, loss, seed, case.reduces and reduction == "mean_with_sample_weight")


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_keeps_the_dtype_and_takes_leading_axes(name):
    case = BY_NAME[name]
    O, T, weights = inputs(case, "float32")
    loss = case.build(REFERENCE)
    several = loss.forward(np.stack([O, O[::-1]]), np.stack([T, T[::-1]]))
    assert several.shape == (2,) and several.dtype == np.float32
    assert several[0] == loss.forward(O, T)
    gradient = loss.backward(np.stack([O, O]), np.stack([T, T]))
    assert gradient.dtype == np.float32
    assert np.array_equal(gradient[1], loss.backward(O, T))


# ---------------------------------------------------------- reductions and weights


def test_a_reduction_that_does_not_exist_is_refused_on_both_sides():
    for side in (REFERENCE, TENSORFLOW):
        with pytest.raises(ValueError, match="'median' is none of"):
            side.Hinge(reduction="median")


@pytest.mark.parametrize("name", [n for n in NAMES if BY_NAME[n].reduces])
def test_the_reductions_are_what_they_are_called(name):
    case = BY_NAME[name]
    O, T, weights = inputs(case, "float64")
    S = built(case, REFERENCE, "none").forward(O, T, weights)
    counted = case.build(REFERENCE).counted(O, T)
    counted = np.ones_like(weights) if counted is None else counted
    totals = {
        "sum_over_batch_size": S.sum() / counted.sum(),
        "mean": S.sum() / counted.sum(),
        "sum": S.sum(),
        "mean_with_sample_weight": S.sum() / (weights * counted).sum(),
    }
    for reduction, total in totals.items():
        loss = built(case, REFERENCE, reduction)
        assert loss.forward(O, T, weights) == pytest.approx(total, rel=1e-13)
    assert S[3] == 0  # a sample without weight
    if "Circle" not in name:  # there it is a neighbour of others
        assert not loss.backward(O, T, weights)[3].any()


def test_weights_that_sum_to_0_give_0_everywhere():
    case = next(iter(CASES))
    O, T, weights = inputs(case, "float32")
    found = []
    for side in (REFERENCE, TENSORFLOW):
        loss = built(case, side, "mean_with_sample_weight")
        found += [loss.forward(O, T, 0 * weights), loss.backward(tf.constant(O), T, 0 * weights)]
    found.append(keras_loss(case, "mean_with_sample_weight", "float32")(T, O, 0 * weights))
    assert all(not np.any(f) for f in found)


# ------------------------------------------------------------------------- defects

ROWS = [row for row in FUNCTION_DEFECTS if row.part in {c.name.split("(")[0] for c in CASES}]


def _runs_of(row):
    for case in (case for case in CASES if row.concerns(case.build(REFERENCE))):
        for dtype in row.dtypes:
            for engine in row.engines:
                for run in runs(case, engine):
                    for twin in row.twins:
                        yield (
                            case,
                            dtype,
                            engine,
                            run,
                            answers(case, engine, dtype)[(case, *run, twin)],
                        )


@pytest.mark.parametrize("row", thinned(3, ROWS), ids=lambda row: row.name)
def test_a_known_defect_shows_and_its_model_certifies_the_runs(row):
    every = list(_runs_of(row))
    assert any(outside(case, *of, values, run) for case, *of, run, values in every), "mended"
    for case, dtype, engine, run, values in every:
        model = row.model(built(case, REFERENCE, run[0]))
        assert outside(case, dtype, engine, values, run, model) == []


def test_keras_generalized_cross_entropy_broadcasts_labels_in_a_column():
    """Labels of the shape (batch, 1), which its sparse cross-entropy takes, are paired with all."""
    case = BY_NAME["CategoricalGeneralizedCrossEntropy data"]
    O, T, _ = inputs(case, "float32")
    loss = keras.losses.CategoricalGeneralizedCrossEntropy()
    flat, column = float(loss(T[:, 0], O)), float(loss(T, O))
    assert flat == pytest.approx(float(case.build(REFERENCE).forward(O, T)), rel=1e-6)
    assert column != pytest.approx(flat, rel=1e-3)
    model = generalized_of_every_pair(case.build(REFERENCE))
    assert column == pytest.approx(float(model.forward(O, T)), rel=1e-6)


# --------------------------------------------------- labellings, neighbours and masks


def labelling(path):
    """Return what a path through the steps spells: no repetitions, and then no blanks (0)."""
    return [k for k, _ in groupby(path) if k]


@pytest.mark.parametrize("labels", [[1, 2, 1], [1, 1, 0], [2, 0, 0], [0, 0, 0]])
def test_ctc_sums_the_probabilities_of_all_paths_that_spell_the_labels(labels):
    steps, classes = 5, 3
    O = np.random.default_rng(5).normal(size=(1, steps, classes))
    y = REFERENCE.Softmax().forward(O[0])
    spelling = [
        p for p in product(range(classes), repeat=steps) if labelling(p) == [*filter(None, labels)]
    ]
    total = sum(np.prod(y[range(steps), path]) for path in spelling)
    assert CTC.forward(O, np.array([labels], float)) == pytest.approx(-np.log(total), rel=1e-13)


def test_ctc_of_labels_that_no_path_spells_is_beyond_all_numbers_that_count():
    """Two equal labels need three steps, for the blank between them."""
    O, T = np.zeros((2, 2, 3), "float32"), np.array([[1, 1], [1, 2]], "float32")
    impossible, possible = replace(CTC, reduction="none").forward(O, T)
    assert 1e29 < impossible < np.inf and possible == pytest.approx(2 * np.log(3))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_written_gradient_of_tensorflows_ctc_is_that_of_its_tape(dtype):
    """So are its beginnings of paths, through which its tape does not go."""
    case = BY_NAME["CTC utterances"]
    O, T, _ = inputs(case, dtype)
    loss = built(case, TENSORFLOW, "sum")
    written = loss.samples_backward(tf.ones(len(O), dtype), tf.constant(O), tf.constant(T))
    value = answers(case, "eager", dtype)[(case, "sum", "", "tape")][0]
    assert outside(case, dtype, "eager", (value, written.numpy()), ("sum", "")) == []


@pytest.mark.parametrize("name", [n for n in NAMES if BY_NAME[n].reduces and "Circle" not in n])
def test_a_mean_with_a_mask_is_the_mean_of_what_is_left(name):
    case = BY_NAME[name]
    O, T, weights, mask = arguments(case, "float64", ("mean", "weights and a mask"))
    loss, left = built(case, REFERENCE, "mean"), mask > 0
    alone = O[left], T[left], weights[left]
    assert loss.forward(O, T, weights, mask) == pytest.approx(loss.forward(*alone), rel=1e-13)
    gradient = loss.backward(O, T, weights, mask)
    assert gradient[left] == pytest.approx(loss.backward(*alone), rel=1e-13)
    assert not gradient[~left].any()


def test_a_mask_that_leaves_nothing_gives_0_everywhere():
    case = BY_NAME["MeanSquaredError real"]
    O, T, _ = inputs(case, "float32")
    nothing = np.zeros(len(O), "float32")
    for side in (REFERENCE, TENSORFLOW):
        loss = side.MeanSquaredError()
        assert loss.forward(O, T, None, nothing) == 0
        assert not np.any(loss.backward(tf.constant(O), T, None, tf.constant(nothing)))


def test_an_embedding_without_a_neighbour_does_not_count():
    case = BY_NAME["Circle embeddings"]
    O, T, _ = inputs(case, "float64")
    with_neighbours = T[:, 0] != 0
    loss = REFERENCE.Circle()
    S = replace(loss, reduction="none").forward(O, T)
    assert (S > 0).tolist() == with_neighbours.tolist()
    assert loss.forward(O, T) == pytest.approx(S.sum() / with_neighbours.sum(), rel=1e-14)
    assert loss.forward(O, np.zeros_like(T)) == 0  # none is unlike


# ------------------------------------------------------------ where TensorFlow departs


@pytest.mark.parametrize("engine", ENGINES)
def test_keras_ctc_of_labels_that_are_likely_enough_needs_no_model(engine):
    case = BY_NAME["CTC utterances"]
    for run in runs(case, engine):
        values = answers(case, engine, "float32")[(case, *run, "keras")]
        assert outside(case, "float32", engine, values, run) == []


def test_tensorflow_pulls_no_label_up_where_all_of_them_are_improbable():
    """90 labels in 120 steps, each of a chance of 1 in 10000: a net that mostly says blank."""
    O = np.full((1, 120, 10), np.log(1e-4), "float32")
    O[..., 0] = np.log(1 - 9e-4)
    T = np.random.default_rng(0).integers(1, 10, (1, 90)).astype("float32")
    with tf.GradientTape() as tape:
        x = tf.Variable(O)
        loss = keras.losses.CTC()(T, x)
    theirs, ours = tape.gradient(loss, x).numpy()[..., 1:], CTC.backward(O, T)[..., 1:]
    assert float(loss) < 707 and 775 < CTC.forward(O, T) < 776
    assert theirs.min() >= 0  # every label is pushed down
    assert ours[ours < 0].sum() == pytest.approx(-89.9, abs=0.1)


def test_log_cosh_loses_its_digits_near_0_on_both_sides():
    """Its value is e^2 / 2 there: 5e-9 at 1e-4, which float32 cannot add to log 2."""
    O, T = np.full((1, 1), 1e-4, "float32"), np.zeros((1, 1), "float32")
    assert abs(REFERENCE.LogCosh().forward(O, T)) < 1e-7
    assert abs(float(keras.losses.LogCosh()(T, O))) < 1e-7
    with precision(BITS):
        loss = REFERENCE.LogCosh()
        exact = loss.forward(ExactArray(O), ExactArray(T)).to_float()
    assert exact == pytest.approx(5e-9, rel=1e-3)


# ------------------------------------------- saturated outputs: where logits are found


def _softmax(output, loss, targets):
    return lambda z: loss(tf.constant(targets, z.dtype), output(z))


CROSS, BINARY = keras.losses.CategoricalCrossentropy(), keras.losses.BinaryCrossentropy()
SPARSE = keras.losses.SparseCategoricalCrossentropy()
OF_LOGITS = keras.losses.CategoricalCrossentropy(from_logits=True)
LOGITS, TARGETS = [[40.0, 0.0, -40.0]], [[0.0, 0.0, 1.0]]


def _lost(activation):
    """An operation between the activation and the loss, which knows no logits."""
    return lambda z: tf.identity(activation(z))


def _model(*layers):
    model = keras.Sequential([keras.Input((3,)), *layers])
    return lambda z: model(z)


def _dense():
    return keras.layers.Dense(3, "softmax", kernel_initializer="identity")


FULL, ZERO = [1.0, 0.0, -1.0], [0.0, 0.0, 0.0]
# ruff: noqa: E501
# fmt: off
# What stands before the loss, the loss, its targets; the gradients of eager, graph and XLA.
CALL_PATHS = {
    "from_logits=True": (lambda z: z, OF_LOGITS, TARGETS, (FULL, FULL, FULL)),
    "keras.activations.softmax": (keras.activations.softmax, CROSS, TARGETS, (FULL, FULL, FULL)),
    "a Dense layer with softmax": (_model(_dense()), CROSS, TARGETS, (FULL, FULL, FULL)),
    "a Softmax layer": (_model(keras.layers.Softmax()), CROSS, TARGETS, (FULL, FULL, FULL)),
    "tf.nn.softmax": (tf.nn.softmax, CROSS, TARGETS, (ZERO, FULL, FULL)),
    "softmax and an operation": (_lost(keras.activations.softmax), CROSS, TARGETS, (ZERO, ZERO, ZERO)),
    "softmax, labels": (keras.activations.softmax, SPARSE, [2], (FULL, FULL, FULL)),
    "softmax and an operation, labels": (_lost(keras.activations.softmax), SPARSE, [2], (ZERO, ZERO, ZERO)),
}
BINARY_PATHS = {
    "keras.activations.sigmoid": (keras.activations.sigmoid, (1.0, 1.0, 1.0)),
    "tf.sigmoid": (tf.sigmoid, (0.0, 1.0, 1.0)),
    "sigmoid and an operation": (_lost(keras.activations.sigmoid), (0.0, 0.0, 0.0)),
}
# fmt: on


def _gradient(engine, function, z):
    def answer(z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            E = function(z)
        return E, tape.gradient(E, z)

    return [a.numpy() for a in compiled(engine, answer)(tf.constant(z))]


@pytest.mark.parametrize("path", CALL_PATHS)
def test_a_saturated_softmax_learns_only_where_keras_finds_its_logits(path):
    output, loss, targets, expected = CALL_PATHS[path]
    T = np.array(TARGETS)
    hidden = REFERENCE.SoftmaxOutput()
    clipped = REFERENCE.Output(
        REFERENCE.Softmax(), REFERENCE.CategoricalCrossentropyFromProbabilities()
    )
    z = np.array(LOGITS)
    for engine, gradient in zip(ENGINES, expected):
        E, Zb = _gradient(engine, _softmax(output, loss, targets), np.float32(LOGITS))
        assert Zb[0] == pytest.approx(gradient, abs=1e-15)
        of_path = hidden if gradient is FULL else clipped  # what the reference says of it
        O = of_path.forward(z)
        assert pytest.approx(of_path.error(z, O, T), rel=1e-6) == E
        assert of_path.backward(z, O, T)[0] == pytest.approx(gradient, abs=1e-15)


@pytest.mark.parametrize("path", BINARY_PATHS)
def test_a_saturated_sigmoid_learns_only_where_keras_finds_its_logits(path):
    output, expected = BINARY_PATHS[path]
    z, T = np.array([[40.0]]), np.array([[0.0]])
    through = REFERENCE.Output(REFERENCE.Sigmoid(), REFERENCE.BinaryCrossentropy())
    of_logits = REFERENCE.BinaryCrossentropyFromLogits()
    for engine, gradient in zip(ENGINES, expected):
        _, Zb = _gradient(engine, _softmax(output, BINARY, T), np.float32(z))
        assert Zb[0, 0] == gradient
        found = of_logits.backward(z, T) if gradient else through.backward(z, through.forward(z), T)
        assert found[0, 0] == pytest.approx(gradient, abs=1e-15)


def test_binary_focal_crossentropy_finds_the_logits_that_it_squashed_itself():
    """from_logits=True: keras.ops.sigmoid leaves them, so that b is not clipped."""
    z, T = tf.constant([[40.0]]), tf.constant([[0.0]])
    loss = keras.losses.BinaryFocalCrossentropy(from_logits=True)
    assert float(loss(T, z)) == pytest.approx(40.0)
    assert float(keras.losses.BinaryFocalCrossentropy()(T, tf.sigmoid(z))) < 16.2


# ------------------------------------------------------------------------ identities


def distributions(count):
    """Pairs of distributions over some classes, none of whose probabilities is near the clip."""
    weight = st.integers(1, 1000)
    row = st.integers(2, 6).flatmap(
        lambda n: st.tuples(*(st.lists(weight, min_size=n, max_size=n) for _ in range(count)))
    )
    return row.map(lambda rows: tuple(np.array([r], float) / np.sum(r) for r in rows))


def entropy(p):
    """H(p) = -sum p log p (seed 002: the expectation of log 1/p)."""
    return -np.sum(p * np.log(p))


CE = REFERENCE.CategoricalCrossentropyFromProbabilities()
KL = REFERENCE.KLDivergence()
TOLERANCE = {"rel": 1e-12, "abs": 1e-12}  # float64, a dozen operations on numbers below 10


@given(distributions(2))
def test_cross_entropy_is_entropy_plus_divergence(pair):
    p, q = pair
    assert CE.forward(q, p) == pytest.approx(entropy(p) + KL.forward(q, p), **TOLERANCE)


@given(distributions(2))
def test_divergence_is_not_negative_and_0_only_for_equal_distributions(pair):
    p, q = pair
    assert KL.forward(q, p) >= -1e-15
    assert KL.forward(p, p) == 0
    if np.abs(p - q).max() > 1e-3:
        assert KL.forward(q, p) >= 0.5 * np.sum(np.abs(p - q)) ** 2  # Pinsker's inequality


@given(distributions(1))
def test_the_cross_entropy_of_a_distribution_with_itself_is_its_entropy(alone):
    (p,) = alone
    assert CE.forward(p, p) == pytest.approx(entropy(p), **TOLERANCE)
    assert entropy(p) <= np.log(p.size) + 1e-12  # the largest is that of equal chances


@given(distributions(2))
def test_cross_entropy_of_probabilities_is_that_of_their_logits(pair):
    p, q = pair
    logits = np.log(q) + 3  # softmax does not see what is added to all
    of_logits = REFERENCE.CategoricalCrossentropyFromLogits().forward(logits, p)
    assert CE.forward(q, p) == pytest.approx(of_logits, **TOLERANCE)
    assert REFERENCE.CategoricalCrossentropy().forward(logits, p) == of_logits


@given(distributions(1), st.integers(0, 5))
def test_a_label_is_a_one_hot_target(alone, label):
    (q,) = alone
    label = label % q.size
    hot, T = np.eye(q.size)[[label]], np.array([[float(label)]])
    sparse = REFERENCE.SparseCategoricalCrossentropy().forward(q, T)
    assert CE.forward(q, hot) == pytest.approx(sparse, **TOLERANCE)
    assert sparse == pytest.approx(KL.forward(q, hot), abs=2e-5)  # the clip of T at 1e-7
    near = REFERENCE.CategoricalGeneralizedCrossEntropy(1e-9).forward(q, T)
    # 1 - p^1e-9 is some 1e-9 log(1/p): of its sixteen digits nine are lost
    assert near == pytest.approx(-np.log(q[0, label]), rel=1e-5, abs=3e-7)


@given(st.floats(0.001, 0.999), st.sampled_from([0.0, 1.0, 0.3]))
def test_binary_cross_entropy_is_that_of_two_classes(p, t):
    one = REFERENCE.BinaryCrossentropy().forward(np.array([[p]]), np.array([[t]]))
    two = CE.forward(np.array([[p, 1 - p]]), np.array([[t, 1 - t]]))
    assert one == pytest.approx(two, **TOLERANCE)
    z = np.log(p / (1 - p))
    of_logit = REFERENCE.BinaryCrossentropyFromLogits().forward(np.array([[z]]), np.array([[t]]))
    assert one == pytest.approx(of_logit, **TOLERANCE)


@given(distributions(2))
def test_focal_cross_entropy_without_its_focus_is_cross_entropy(pair):
    p, q = pair
    focal = REFERENCE.CategoricalFocalCrossentropy(alpha=1.0, gamma=0.0)
    assert focal.forward(q, p) == pytest.approx(CE.forward(q, p), **TOLERANCE)


@given(distributions(2), st.floats(0.01, 0.5))
def test_smoothed_labels_mix_the_target_with_equal_chances(pair, s):
    p, q = pair
    smoothed = REFERENCE.CategoricalCrossentropyFromProbabilities(s).forward(q, p)
    equal = CE.forward(q, np.full_like(p, 1 / p.size))
    assert smoothed == pytest.approx((1 - s) * CE.forward(q, p) + s * equal, **TOLERANCE)


@given(distributions(2))
def test_tversky_of_halves_is_dice(pair):
    p, q = pair
    dice = REFERENCE.Dice().forward(q, p)
    assert REFERENCE.Tversky().forward(q, p) == pytest.approx(dice, abs=1e-6)  # their 1e-7


# numbers whose squares are no subnormals
SIZED = st.floats(-9, 9).map(lambda x: round(x, 6))


@given(st.lists(SIZED, min_size=2, max_size=6), SIZED)
def test_root_mean_squared_error_is_the_root_of_the_mean(outputs, target):
    O = np.array([outputs])
    T = np.full_like(O, target)
    mean = REFERENCE.MeanSquaredError().forward(O, T)
    assert REFERENCE.RootMeanSquaredError().forward(O, T) == pytest.approx(mean**0.5, rel=1e-14)
    absolute = REFERENCE.MeanAbsoluteError().forward(O, T)
    assert absolute <= mean**0.5 * (1 + 1e-12)
    huber = REFERENCE.Huber(100.0).forward(O, T)
    assert huber == pytest.approx(0.5 * mean, rel=1e-14, abs=1e-300)


def test_the_figures_of_seed_002_are_half_the_cross_entropy_of_two_classes():
    """The seed divides by the number of classes, which Keras does not."""
    red, white = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    first = CE.forward(np.array([[0.87, 0.13]]), red)
    second = CE.forward(np.array([[0.6, 0.4]]), white)
    assert round(first / 2, 4) == 0.0696
    assert abs(second / 2 - 0.4581) <= 1e-4 / 2 + 1e-12
    assert [round(-np.log(p), 3) for p in (0.01, 0.99)] == [4.605, 0.010]


# ---------------------------------------------------------------------------- plants


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_a_wrong_line_is_found(plant):
    finding = find(plant)
    assert finding.as_expected, complaint(finding)
