"""What a run is found to be where nothing lies outside, and where the reference is wrong."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import thinned

import equivalence
from equivalence.cli.parser import main
from equivalence.judge import derivative
from equivalence.judge.distance import told_apart
from equivalence.judge.verdict import DIFFERENT, KINK, OVERFLOW, Verdict
from equivalence.pairs.table import PAIRS, ROWS
from equivalence.results.result import CAUSES, Result, Spec
from equivalence.runs.run import run
from equivalence.steps.program import program
from refimpl.networks import network
from tfimpl.networks import network as tf_network

pytestmark = pytest.mark.tensorflow

# --------------------------------------------------------------------- overflow


@pytest.mark.parametrize("engine", ["eager", "graph"])
def test_a_run_that_diverges_is_not_as_expected_and_says_where(engine):
    spec = Spec("linear-2-2-2", "float32", "tape", engine, epochs=60, learning_rate=5.0)
    result = run(spec)
    assert (result.verdict, result.expected, result.cause) == (OVERFLOW, False, "overflow")
    assert "step " in result.reason and "float32" in result.reason
    assert any(word in result.reason for word in ("inf", "nan", "may overflow"))


def test_a_run_that_diverges_makes_exit_code_1(capsys):
    typed = ["--pair", "linear-2-2-2", "--twin", "tape", "--engine", "graph", "--dtype", "float32"]
    assert main(["verify", *typed, "--learning-rate", "5"]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "1 overflow; 1 not as expected" in printed


def test_a_row_that_is_about_overflow_says_so(monkeypatch):
    row = replace(PAIRS["linear-2-2-2"], name="diverging", diverges="its rate is 5")
    monkeypatch.setitem(PAIRS, "diverging", row)
    spec = Spec("diverging", "float32", "tape", "graph", epochs=60, learning_rate=5.0)
    result = run(spec)
    assert (result.verdict, result.expected) == (OVERFLOW, True)
    assert "as declared: its rate is 5" in result.reason


def _rmse_at(monkeypatch, targets):
    """Return the run of the parabola under the root of the mean square, at given targets."""
    row = PAIRS["quadratic-rmse"]
    x, _ = row.data()
    weights = tuple(np.float32(w) for w in (0.1, 0.7, 0.3))
    start = tuple(np.reshape(w, np.shape(s)) for w, s in zip(weights, row.start()))
    own = replace(row, name="own", start=lambda: start, data=lambda: (x, targets(x, weights)))
    monkeypatch.setitem(PAIRS, "own", own)
    return run(Spec("own", "float32", "tape", "graph", epochs=1))


def test_a_divisor_that_may_be_0_is_a_kink_and_no_overflow(monkeypatch):
    """Targets that are the outputs but for rounding: the root of their distance may be 0."""

    def rounded(x, weights):
        a, b, c = map(float, weights)
        x = x.astype(np.float32).astype(float)
        return a * x * x + b * x + c

    result = _rmse_at(monkeypatch, rounded)
    assert (result.verdict, result.cause, result.expected) == (KINK, "unbounded", True)
    assert "may be" in result.reason


# ------------------------------------------------------- a reference that is wrong


def _two_files(wrong):
    """Return the network of a user's own, y = tanh(x W) with half the squared error, twice."""

    @dataclass(frozen=True)
    class Mine(network.Network):
        weight_names: ClassVar = ("W",)
        activation_names: ClassVar = ("Y",)

        def forward(self, weights, X):
            return (np.tanh(X @ weights[0]),)

        def propagate(self, weights, X, T):
            (Y,) = self.forward(weights, X)
            E = 0.5 * np.sum(np.square(Y - T), axis=(-2, -1))
            slope = 1 - Y if wrong else 1 - np.square(Y)
            return network.Propagation((Y,), E, (X.mT @ ((Y - T) * slope),))

    @dataclass(frozen=True)
    class Theirs(tf_network.Network):
        weight_names: ClassVar = ("W",)
        activation_names: ClassVar = ("Y",)

        def propagate(self, weights, X, T):
            with tf.GradientTape() as tape:
                tape.watch(weights)
                Y = tf.tanh(X @ weights[0])
                E = 0.5 * tf.reduce_sum(tf.square(Y - T))
            return tf_network.Propagation((Y,), E, tuple(tape.gradient(E, weights)))

    return lambda m: Mine() if m.tree == "refimpl" else Theirs()


def _own(monkeypatch, wrong, optimizer):
    rng = np.random.default_rng(0)
    data = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    start = (rng.normal(size=(3, 2)),)
    row = equivalence.Pair(
        "mine", "my own", _two_files(wrong), optimizer, lambda: start, lambda: data, 3, keras=None
    )
    monkeypatch.setitem(PAIRS, "mine", row)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ["eager", "graph", "xla"])
def test_a_wrong_backward_is_blamed_on_the_reference(engine, dtype, monkeypatch):
    _own(monkeypatch, True, lambda m: m.SGD(0.1))
    result = equivalence.verify("mine", twin="tape", engine=engine, dtype=dtype)
    assert (result.verdict, result.expected, result.cause) == (DIFFERENT, False, "wrong-gradient")
    assert result.first.wrong_side == "reference"
    assert "wrong: reference" in result.reason and "wrong: tensorflow" not in result.reason
    assert "its backward is not the derivative of its forward" in result.reason
    if result.first.stage == "gradients":  # the true one is TensorFlow's, within its rounding
        apart = abs(result.first.true - result.first.tensorflow)
        assert apart < 1e-6 < abs(result.first.true - result.first.reference)


def test_the_same_pair_with_the_right_backward_is_certified(monkeypatch):
    _own(monkeypatch, False, lambda m: m.SGD(0.1))
    assert equivalence.verify("mine", twin="tape", engine="graph").agrees


def test_a_wrong_optimizer_of_tensorflow_is_still_tensorflows(monkeypatch):
    def optimizer(m):
        return m.SGD(0.1) if m.tree == "refimpl" else m.SGD(0.1001)

    _own(monkeypatch, False, optimizer)
    result = equivalence.verify("mine", twin="tape", engine="graph")
    assert (result.verdict, result.cause) == (DIFFERENT, "outside")
    assert result.first.wrong_side == "tensorflow"


OFTEN = [row.name for row in ROWS if row.group in ("books", "layers", "models")]


@pytest.mark.parametrize("name", thinned(8, OFTEN[::9]))
def test_no_row_is_blamed_for_its_gradient(name):
    assert derivative.departure(program(PAIRS[name], "float64")) is None


# ---------------------------------------------------------------------- the facts


def test_a_verdict_is_a_word():
    assert str(Verdict.DIFFERENT) == f"{Verdict.DIFFERENT}" == "different"
    assert Verdict.DIFFERENT == "different" and Verdict("different") is Verdict.DIFFERENT
    assert {"different": 1}[Verdict.DIFFERENT] == 1


def test_a_result_prints_as_a_line():
    spec = Spec("adam", "float64", "keras", "graph")
    line = str(Result(spec, DIFFERENT, False, "outside", "epoch 0, weights p[0, 0]: 1 and 2"))
    assert line == (
        "adam float64 keras/graph CPU:0 epochs=default: different, NOT as expected: "
        "epoch 0, weights p[0, 0]: 1 and 2"
    )


def test_every_cause_has_its_meaning_and_every_meaning_its_cause():
    import inspect

    from equivalence.judge import verdict
    from equivalence.results import journal, schema
    from equivalence.runs import in_worker, operations
    from equivalence.runs import run as runs

    files = verdict, journal, schema, in_worker, operations, runs
    source = "".join(map(inspect.getsource, files))
    assert all(f'"{cause}"' in source for cause in CAUSES)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((1.0, 2.0, 2.0), ["1", "2", "2"]),
        ((0.1, 0.1 + 1e-12, 0.1), ["0.1", "0.100000000001", "0.1"]),
        ((1.0, 1.0 + 2**-52), ["1", "1.0000000000000002"]),
        ((float("nan"), 1.0), ["nan", "1"]),
        ((0.1, 0.1), ["0.1", "0.1"]),
    ],
)
def test_numbers_have_the_digits_that_tell_them_apart(values, words):
    assert told_apart(values) == words
