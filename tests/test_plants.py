"""Every planted defect is found, at its stage and epoch, and the right side is blamed."""

import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from equivalence import trees
from equivalence.engines import build as tensorflow_runner
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL, judge
from equivalence.pairs.table import PAIRS, Pair
from equivalence.plants.plant import Plant
from equivalence.plants.planting import importers, planted
from equivalence.plants.tables.networks import PLANTS
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import Program, program

STEPS = 3


def _features():
    rng = np.random.default_rng(0)
    return rng.normal(size=(5, 2)), rng.normal(size=(5, 2))


SHAPES = ((2, 2), (1, 2), (2, 2), (1, 2))


def _small(optimizer):
    """Return a descent whose gradients are so small that epsilon counts."""
    return Pair(
        "small",
        "test",
        network=lambda m: m.Point(),
        optimizer=optimizer,
        start=lambda: ([[-1.9999]],),
        data=lambda: (np.ones((1, 1)), np.full((1, 1), -2.0)),
        epochs=STEPS,
    )


# Runs that show what no row of the book's pairs can.
MORE_PAIRS = {
    "small-adagrad": _small(lambda m: m.Adagrad(0.5, 1e-6, 1e-7)),
    "small-adam": _small(lambda m: m.Adam(0.001)),
    "small-rmsprop": _small(lambda m: m.RMSprop(0.001)),
    "quadratic-relu": Pair(  # with units that the rectifier switches off
        "quadratic-relu",
        "test",
        network=lambda m: m.TwoLayer(m.ReLU(), m.Output()),
        optimizer=lambda m: m.SGD(0.01),
        start=lambda: tuple(np.random.default_rng(1).normal(size=s) for s in SHAPES),
        data=_features,
        epochs=STEPS,
    ),
}


def _pair(name):
    return PAIRS.get(name) or MORE_PAIRS[name]


@cache
def _honest(name, dtype):
    """Return the pair's program and TensorFlow's honest trajectory."""
    pair = _pair(name)
    reference = program(pair, dtype)
    runner = tensorflow_runner.runner(pair, reference, "tape", "eager")
    return reference, runner.run(reference, runner.start(reference), STEPS)


def _verdict(plant):
    """Return the judge's verdict on a run with the defect planted in one side."""
    pair, m = _pair(plant.pair), planted(plant)
    reference, honest = _honest(plant.pair, plant.dtype)
    model = rounding_model(plant.dtype, "eager")
    network, optimizer = pair.network(m), pair.optimizer(m)
    if plant.tree == "refimpl":
        wrong = replace(reference, network=network, optimizer=optimizer)
        slots = m.build_slots(optimizer, reference.weights)
        start = wrong.layout.state(reference.weights, slots)
        record = numpy_runner.run(wrong, start, STEPS)
        return judge(reference, honest, reference=record, model=model, start=reference.start())
    runner = tensorflow_runner.build(network, optimizer, reference, "tape", "eager")
    record = runner.run(reference, _start(runner, reference, m, optimizer), STEPS)
    return judge(reference, record, model=model, start=reference.start())


def _start(runner, reference: Program, m, optimizer):
    built = m.build_slots(optimizer, reference.weights)
    slots = tuple(tuple(np.asarray(s) for s in of_weight) for of_weight in built)
    return reference.layout.state(reference.weights, slots)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: f"{p.tree}: {p.name} ({p.pair})")
def test_the_defect_is_found_at_its_stage_and_epoch_and_the_right_side_is_blamed(plant):
    verdict = _verdict(plant)
    assert verdict.verdict == DIFFERENT
    found = (verdict.first.stage, verdict.first.epoch, verdict.first.wrong_side)
    assert found == (plant.stage, plant.epoch, plant.wrong_side)


@pytest.mark.parametrize("pair", sorted({p.pair for p in PLANTS}))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_runs_without_a_defect_are_certified(pair, dtype):
    reference, honest = _honest(pair, dtype)
    verdict = judge(
        reference, honest, model=rounding_model(dtype, "eager"), start=reference.start()
    )
    assert verdict.verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL)


def test_a_plant_that_no_longer_fits_the_source_is_refused():
    with pytest.raises(ValueError, match="0 times"):
        planted(Plant("", "refimpl", "optimizers/sgd.py", "no such line", "", "dense-2-2", ""))


def test_planting_leaves_the_real_tree_alone():
    before = trees.reference().SGD
    planted(PLANTS[0])
    import refimpl.optimizers

    assert refimpl.optimizers.SGD is before


def test_only_what_imports_the_changed_file_is_imported_again():
    import refimpl.layers
    from refimpl.layers import LSTM, Dense

    again = importers("refimpl", "refimpl.layers.lstm")
    assert {"refimpl.layers.lstm", "refimpl.layers"} <= again
    assert not {"refimpl", "refimpl.layers.dense", "refimpl.training"} & again
    before = "gate_count: ClassVar = 4"
    wrong = planted(Plant("", "refimpl", "layers/lstm.py", before, before + "  #", "", ""))
    assert wrong.LSTM is not LSTM and wrong.Dense is Dense
    assert refimpl.layers is sys.modules["refimpl.layers"] and refimpl.layers.LSTM is LSTM


def test_a_package_keeps_a_function_that_has_its_modules_name():
    import refimpl.random

    before = refimpl.random.philox
    line = "def philox("
    planted(Plant("", "refimpl", "random/philox.py", line, "# wrong\n" + line, "", ""))
    assert refimpl.random.philox is before and callable(before)
