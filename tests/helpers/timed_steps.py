"""Whether a step that is timed is the step that is verified."""

from dataclasses import replace

import numpy as np

from equivalence import trees
from equivalence.arithmetic.enclosed import enclose, with_balls
from equivalence.benchmark import cases
from equivalence.benchmark.steppers import stepper
from equivalence.judge.certificate import rounding_model, usage

RATE = 0.1  # with the benchmark's own rate a wrong step would hide in the weights

# Whose rounding model holds, where an engine has none of its own.  autograd calls NumPy;
# PyTorch's exp is SLEEF's, within 1 ULP, which that of NumPy and Eigen contains.
MODEL = {
    "numpy": "graph",
    "train_on_batch": "fit",
    "autograd": "graph",
    "torch": "graph",
    "jax": "xla",
}


def enclosure(program, engine, steps):
    """Return balls that contain the weights after some steps of any honest engine.

    Each step is taken over rounding balls, from the balls of the step before.
    """
    model = rounding_model(program.dtype, MODEL.get(engine, engine))
    network, optimizer = enclose(program.network), with_balls(program.optimizer, model)
    build_slots, train_step = trees.reference().build_slots, trees.reference().train_step
    weights = tuple(model.array(w) for w in program.weights)
    slots = build_slots(program.optimizer, program.weights)
    slots = tuple(tuple(model.array(slot) for slot in of_weight) for of_weight in slots)
    data = [model.array(array) for array in program.batch(0)]
    for s in range(steps):
        count = model.array(np.asarray(s + 1, program.dtype))
        step = train_step(network, optimizer, weights, slots, count, *data)
        weights, slots = step.weights, step.slots
    return weights


def share_used(case, steps=1, rate=RATE):
    """Return the share of the enclosure that a stepper's weights use; above 1 is outside.

    rate: what the stepper takes for a learning rate where RATE is right.
    """
    right = with_rate(cases.program(case), RATE)
    with stepper(case, with_rate(right, rate)) as built:
        assert built.steps == 1
        for _ in range(steps):
            built.step()
        weights = built.weights()
    assert {w.dtype.name for w in weights} == {case.dtype}
    balls = enclosure(right, case.engine, steps)
    return max(usage(w, ball).max() for w, ball in zip(weights, balls, strict=True))


def with_rate(program, rate):
    return replace(program, optimizer=replace(program.optimizer, learning_rate=rate))
