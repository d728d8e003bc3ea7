"""The engines run what they say, and record what was computed."""

import sys

import keras
import numpy as np
import pytest

from equivalence.engines import build as tensorflow_runner
from equivalence.judge.certificate import check, enclose_steps, rounding_model, usage
from equivalence.judge.distance import ulps
from equivalence.pairs.table import PAIRS
from equivalence.results.result import Spec
from equivalence.runs.run import run
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("name", ["sigmoid-softmax-2-2-2", "quadratic-adam-minibatch"])
def test_fit_over_epochs_gives_the_bits_of_the_recording_fit(name):
    """``Model.fit(epochs=E)`` as a user writes it, without any of the recording."""
    pair, epochs = PAIRS[name], 5
    reference = program(pair, "float32")
    runner = tensorflow_runner.runner(pair, reference, "keras", "fit")
    steps = epochs * pair.steps_per_epoch
    recorded = runner.run(reference, runner.start(reference), steps).weights

    m = tensorflow_runner.trees.tensorflow()
    network = pair.network(m)
    model, _ = getattr(network, pair.keras)(reference.weights, "float32")
    model.compile(optimizer=pair.optimizer(m).keras(), loss=network.output.loss.keras())
    for variable, value in zip(model.trainable_variables, reference.weights, strict=True):
        variable.assign(value.reshape(variable.shape))
    flat = [a.reshape(-1, a.shape[-1]) for a in (reference.inputs, reference.targets)]
    size = reference.inputs.shape[1]
    model.fit(*flat, batch_size=size, epochs=epochs, shuffle=False, verbose=0)
    for array, variable in zip(recorded.values(), model.trainable_variables, strict=True):
        assert np.array_equal(array[-1].reshape(variable.shape), variable.numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("twin", "engine"), [("tape", "graph"), ("tape", "xla"), ("keras", "fit")])
def test_everything_recorded_has_the_working_precision(dtype, twin, engine):
    pair = PAIRS["sigmoid-softmax-2-2-2"]
    reference = program(pair, dtype)
    runner = tensorflow_runner.runner(pair, reference, twin, engine)
    record = runner.run(reference, runner.start(reference), 2)
    stages = (record.activations, record.loss, record.gradients, record.weights, record.slots)
    assert {a.dtype.name for stage in stages for a in stage.values()} == {dtype}


def test_float64_means_float64_throughout():
    """A detour through float32 anywhere would cost some 1e9 ULP."""
    pair = PAIRS["sigmoid-softmax-2-2-2"]
    reference = program(pair, "float64")
    from equivalence.steps import numpy as numpy_runner

    ours = numpy_runner.run(reference, reference.start(), 20)
    for engine in ("eager", "graph", "xla", "fit"):
        runner = tensorflow_runner.runner(pair, reference, "keras", engine)
        theirs = runner.run(reference, runner.start(reference), 20)
        assert max(ulps(a, ours.weights[n]).max() for n, a in theirs.weights.items()) < 1e3


def test_a_run_goes_on_where_the_last_one_stopped():
    pair = PAIRS["quadratic-adam-minibatch"]
    reference = program(pair, "float32")
    for twin, engine in (("tape", "graph"), ("keras", "graph"), ("keras", "fit")):
        runner = tensorflow_runner.runner(pair, reference, twin, engine)
        whole = runner.run(reference, runner.start(reference), 30)
        first = runner.run(reference, runner.start(reference), 13)
        second = runner.run(reference, first.last_state, 17)
        assert np.array_equal(second.weights["W"][-1], whole.weights["W"][-1])


@pytest.mark.parametrize("engine", ["eager", "graph"])
@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("sigmoid-softmax-2-2-2", ("A", "H", "Z", "O", "Ob", "Hb")),
        ("sequential-100-64-10", ("dense1", "dense2", "outputs", "dense1b", "dense2b")),
    ],
)
def test_keras_too_records_what_goes_into_an_activation(name, letters, engine):
    pair = PAIRS[name]
    reference = program(pair, "float32")
    runner = tensorflow_runner.runner(pair, reference, "keras", engine)
    record = runner.run(reference, runner.start(reference), 2)
    assert {*record.activations, *record.flows} == set(letters)
    assert reference.layout.flows == tuple(record.flows)
    enclosures = enclose_steps(reference, record, rounding_model("float32", engine))
    assert check(record, enclosures).outside is None
    for stage in ("activations", "flows"):
        for letter, values in getattr(record, stage).items():
            assert usage(values * (1 + 1e-2), enclosures.balls[stage][letter]).max() > 1, letter


def test_the_tape_has_no_model_to_fit():
    pair = PAIRS["dense-2-2"]
    with pytest.raises(ValueError, match="no model to fit"):
        tensorflow_runner.runner(pair, program(pair, "float32"), "tape", "fit")


def test_keras_computes_with_the_logits_that_its_softmax_left():
    """Saturated: logits 40, 0, -40.  Clipped probabilities would give another gradient."""
    from dataclasses import replace

    from equivalence.judge.certificate import rounding_model
    from equivalence.judge.verdict import ROUNDING_IDENTICAL, judge

    pair = PAIRS["iris-softmax"]
    reference = replace(
        program(pair, "float32"),
        weights=(np.eye(4, 3, dtype="float32"), np.zeros((1, 3), "float32")),
        inputs=np.array([[[40, 0, -40, 0]]], "float32"),
        targets=np.array([[[0, 0, 1]]], "float32"),
    )
    for engine in ("eager", "graph", "xla", "fit"):
        runner = tensorflow_runner.runner(pair, reference, "keras", engine)
        record = runner.run(reference, runner.start(reference), 1)
        verdict = judge(reference, record, model=rounding_model("float32", engine))
        assert verdict.verdict in (ROUNDING_IDENTICAL, "bit-identical"), verdict
        assert record.loss["E"][0] == 80


def test_keras_is_left_with_the_floatx_it_had():
    assert keras.config.floatx() == "float32"


@pytest.mark.parametrize(("dtype", "verdicts"), [("float32", 1), ("float64", 2)])
def test_a_run_is_judged_once_and_again_with_the_model_of_a_known_defect_only(
    dtype, verdicts, monkeypatch
):
    """Keras's float64 momentum is a known defect; each verdict encloses every step anew."""
    judging = sys.modules["equivalence.runs.run"]  # the package has a function of that name too
    judge, asked = judging.judge, []
    monkeypatch.setattr(judging, "judge", lambda *a, **k: asked.append(a) or judge(*a, **k))
    assert run(Spec("given-momentum", dtype, "keras", "graph", epochs=1)).expected
    assert len(asked) == verdicts
