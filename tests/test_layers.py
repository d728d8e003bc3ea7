"""Every layer alone: its gradients are derivatives, its runs are certified, wrong lines show.

The rows and what is planted into them stand in ``equivalence/layers``, by family.  Which engine
certifies a row goes round, so that every engine sees every family; ``equivalence verify --group
layers`` runs all of them.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from test_exact_gradients import BITS, assert_agree
from turns import in_turn, named

from equivalence.arithmetic import ExactArray
from equivalence.arithmetic.exact import precision
from equivalence.engines import build as tensorflow_runner
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL, SKIPPED, judge
from equivalence.pairs import layers
from equivalence.pairs.table import PAIRS
from equivalence.plants.planting import planted
from equivalence.results.result import Spec
from equivalence.runs.run import run
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

NAMES = [row.name for row in layers.ROWS]
# XLA, which compiles for three times as long as all others, has two turns of eleven.
ENGINES = (
    ("tape", "graph", "float32"),
    ("keras", "eager", "float64"),
    ("keras", "fit", "float32"),
    ("keras", "xla", "float32"),
    ("keras", "graph", "float64"),
    ("tape", "eager", "float32"),
    ("keras", "train_on_batch", "float64"),
    ("keras", "graph", "float32"),
    ("tape", "graph", "float64"),
    ("tape", "xla", "float64"),
    ("keras", "fit", "float64"),
)
STEPS = 3


@pytest.mark.parametrize("name", NAMES)
def test_every_gradient_is_a_derivative(name):
    """In exact arithmetic, for the inputs and every weight, on the row's own numbers."""
    start = program(PAIRS[name], "float64")
    with precision(BITS):
        weights, X, T = tuple(map(ExactArray, start.weights)), *map(ExactArray, start.batch(0))
        states = tuple(map(ExactArray, start.start().slots.values()))
        states = (states,) if states else ()
        _, _, gradients, *_ = start.network.propagate(weights, X, T, *states)
        for k, weight in enumerate(weights):

            def error(w, k=k):
                every = (*weights[:k], w, *weights[k + 1 :])
                lead = w.shape[:-2]
                stacked = [np.broadcast_to(a, (*lead, *a.shape[-2:])) for a in every]
                data = [np.broadcast_to(a, (*lead, *a.shape)) for a in (X, T)]
                more = [tuple(np.broadcast_to(a, (*lead, *a.shape)) for a in s) for s in states]
                return start.network.propagate(stacked, *data, *more)[1]

            what = f"{name}, gradient of {start.layout.weights[k]}"
            assert_agree(what, gradients[k], weight, error)


@pytest.mark.parametrize(("name", "turn"), in_turn(NAMES, ENGINES), ids=named)
def test_an_engine_in_turn_is_certified(name, turn):
    twin, engine, dtype = turn
    if twin == "keras" and PAIRS[name].keras is None:
        twin, engine = "tape", "eager"
    result = run(Spec(pair=name, twin=twin, engine=engine, dtype=dtype))
    assert result.expected, result


@cache
def _honest(name, dtype):
    """Return the row's program and TensorFlow's honest trajectory."""
    pair = PAIRS[name]
    reference = program(pair, dtype)
    runner = tensorflow_runner.runner(pair, reference, "tape", "eager")
    return reference, runner.run(reference, runner.start(reference), STEPS)


def _verdict(plant):
    """Return the judge's verdict on a run with the defect planted in one side."""
    pair, m = PAIRS[plant.pair], planted(plant)
    reference, honest = _honest(plant.pair, plant.dtype)
    model, start = rounding_model(plant.dtype, "eager"), reference.start()
    network = pair.network(m)
    if plant.tree == "refimpl":
        record = numpy_runner.run(replace(reference, network=network), start, STEPS)
        return judge(reference, honest, reference=record, model=model, start=start)
    runner = tensorflow_runner.build(network, pair.optimizer(m), reference, "tape", "eager")
    return judge(reference, runner.run(reference, start, STEPS), model=model, start=start)


@pytest.mark.parametrize("plant", layers.PLANTS, ids=lambda p: f"{p.tree}: {p.name} ({p.pair})")
def test_the_wrong_line_is_found_at_its_stage_and_step_and_the_right_side_is_blamed(plant):
    verdict = _verdict(plant)
    assert verdict.verdict == DIFFERENT
    found = (verdict.first.stage, verdict.first.step, verdict.first.wrong_side)
    assert found == (plant.stage, plant.epoch, plant.wrong_side)


@pytest.mark.parametrize("pair", sorted({p.pair for p in layers.PLANTS}))
def test_the_same_runs_without_a_wrong_line_are_certified(pair):
    reference, honest = _honest(pair, "float32")
    model = rounding_model("float32", "eager")
    verdict = judge(reference, honest, model=model, start=reference.start())
    assert verdict.verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL)


@pytest.mark.parametrize("family", layers.FAMILIES, ids=lambda family: family.__name__)
def test_every_family_has_five_wrong_lines_and_its_rows_have_names_of_their_own(family):
    assert len(family.PLANTS) >= 5
    names = {row.name for row in family.ROWS}
    assert len(names) == len(family.ROWS)
    assert {plant.pair for plant in family.PLANTS} <= names


def test_a_layer_that_the_installed_keras_lacks_is_skipped_with_its_name(monkeypatch):
    monkeypatch.delattr("keras.layers.RMSNormalization")
    spec = Spec("layer-rms-normalization", "float32", "keras", "eager")
    result = run(spec)
    assert result.verdict == SKIPPED and result.expected
    assert result.reason.endswith("has no RMSNormalization")
    assert run(replace(spec, twin="tape")).verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL)


def _refusing(words):
    """Return what stands for a layer of Keras that refuses its options by these words."""

    def refuse(*arguments, **options):
        raise ValueError(words)

    return refuse


def test_a_layer_whose_options_an_older_keras_refuses_is_skipped_with_its_words(monkeypatch):
    """Up to 3.8 at least Keras's DepthwiseConv2D has no strides and dilation_rate at once."""
    words = "`strides > 1` not supported in conjunction with `dilation_rate > 1`"
    refuse = _refusing(f"{words}. Received: strides=(2, 2) and dilation_rate=(2, 2)")
    monkeypatch.setattr("keras.layers.DepthwiseConv2D", refuse)
    result = run(Spec("layer-depthwise2d-strides-dilated-no-bias", "float32", "keras", "eager"))
    assert (result.verdict, result.expected, result.cause) == (SKIPPED, True, "not-in-keras")
    assert result.reason.endswith(f"refuses it: {words}")


def test_what_no_version_is_known_to_refuse_is_an_error(monkeypatch):
    monkeypatch.setattr("keras.layers.DepthwiseConv2D", _refusing("something else"))
    with pytest.raises(ValueError, match="something else"):
        run(Spec("layer-depthwise2d-strides-dilated-no-bias", "float32", "keras", "eager"))
