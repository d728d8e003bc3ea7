"""TensorFlow's side of an ensemble: the tape twin, with the learning rates of its nets."""

from dataclasses import replace

import numpy as np

from equivalence import trees
from equivalence.engines.build import build


def runner(pair, program, engine):
    """Return the Runner of a Program, with or without the axis of an ensemble.

    It is built for this program's sizes and learning rates; ``engines.cache`` has one
    for all of them.  A schedule is the pair's own.
    """
    m = trees.tensorflow()
    optimizer, rate = pair.optimizer(m), program.optimizer.learning_rate
    number = isinstance(rate, (float, np.ndarray))
    if number and not np.array_equal(rate, optimizer.learning_rate):
        optimizer = replace(optimizer, learning_rate=rate)
    return build(pair.network(m), optimizer, program, "tape", engine)
