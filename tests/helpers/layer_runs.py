"""Runs of layers and models, honest and with a wrong line planted."""

from dataclasses import replace
from functools import cache

from equivalence.engines import build as tensorflow_runner
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import judge
from equivalence.pairs.table import PAIRS
from equivalence.plants.planting import planted
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

STEPS = 3


@cache
def honest(name, dtype):
    """Return the row's program and TensorFlow's honest trajectory."""
    pair = PAIRS[name]
    reference = program(pair, dtype)
    runner = tensorflow_runner.runner(pair, reference, "tape", "eager")
    return reference, runner.run(reference, runner.start(reference), STEPS)


def verdict_on(plant):
    """Return the judge's verdict on a run with the defect planted in one side."""
    pair, m = PAIRS[plant.pair], planted(plant)
    reference, theirs = honest(plant.pair, plant.dtype)
    model, start = rounding_model(plant.dtype, "eager"), reference.start()
    network = pair.network(m)
    if plant.tree == "refimpl":
        record = numpy_runner.run(replace(reference, network=network), start, STEPS)
        return judge(reference, theirs, reference=record, model=model, start=start)
    runner = tensorflow_runner.build(network, pair.optimizer(m), reference, "tape", "eager")
    return judge(reference, runner.run(reference, start, STEPS), model=model, start=start)
