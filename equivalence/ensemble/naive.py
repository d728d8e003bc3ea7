"""The loops that people write to compare one net with TensorFlow, round by round.

They verify what an ensemble verifies: both sides train, and every weight is compared
in ULP.
"""

import numpy as np
import tensorflow as tf

from equivalence import trees
from equivalence.engines.base import floatx
from equivalence.engines.keras_objects import loss_of
from equivalence.ensemble.measurement import Clock
from equivalence.judge.distance import largest, ulps


def timed(rounds, count):
    """Return the times of ``count`` rounds, and the largest distance in any, in ULP.

    One round more goes before, untimed, in which Keras traces its graph.
    """
    worst, clock = next(rounds), Clock()
    for _ in range(count):
        worst = max(worst, next(rounds))
    return clock.read(), worst


def eager_rounds(pair, program):
    """Take a step of the GradientTape twin, eagerly, and of NumPy; yield their distance."""
    m = trees.tensorflow()
    network, optimizer = pair.network(m), pair.optimizer(m)
    weights = tuple(tf.constant(w) for w in program.weights)
    slots = m.build_slots(optimizer, weights)
    for s, ours in enumerate(reference_steps(program)):
        count = tf.constant(s + 1, program.dtype)
        step = m.train_step(network, optimizer, weights, slots, count, *program.batch(s))
        weights, slots = step.weights, step.slots
        yield apart([w.numpy() for w in weights], ours)


def fit_rounds(pair, program):
    """Call ``model.fit(epochs=1)`` and take as many steps in NumPy; yield their distance."""
    m = trees.tensorflow()
    network, optimizer = pair.network(m), pair.optimizer(m)
    batches, *_, samples, _ = program.inputs.shape
    inputs, targets = (a.reshape(-1, a.shape[-1]) for a in (program.inputs, program.targets))
    with floatx(program.dtype):
        model, _ = getattr(network, pair.keras)(program.weights, program.dtype)
        for variable, weight in zip(model.trainable_variables, program.weights, strict=True):
            variable.assign(weight.reshape(variable.shape))
        model.compile(optimizer=optimizer.keras(), loss=loss_of(network))
    for s, ours in enumerate(reference_steps(program), start=1):
        if s % batches == 0:
            with floatx(program.dtype):
                model.fit(inputs, targets, batch_size=samples, shuffle=False, verbose=0)
            yield apart(model.get_weights(), ours)


def reference_steps(program):
    """Yield the reference's weights after each step, for ever."""
    m = trees.reference()
    weights, s = program.weights, 0
    slots = m.build_slots(program.optimizer, weights)
    number = np.dtype(program.dtype).type
    while True:
        step = m.train_step(
            program.network, program.optimizer, weights, slots, number(s + 1), *program.batch(s)
        )
        weights, slots, s = step.weights, step.slots, s + 1
        yield weights


def apart(theirs, ours):
    """Return the largest distance of two lists of weights, in ULP."""
    return max(largest(ulps(a.reshape(b.shape), b)) for a, b in zip(theirs, ours, strict=True))
