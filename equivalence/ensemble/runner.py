"""TensorFlow's side of an ensemble: the tape twin, with the learning rates of its nets."""

from dataclasses import replace

from equivalence import sides
from equivalence.runners.tensorflow import build


def runner(pair, program, engine):
    """Return the Runner of a Program, with or without the axis of an ensemble.

    It is built for this program's sizes and learning rates; ``runners.cache`` has one
    for all of them.
    """
    m = sides.tensorflow()
    rate = program.optimizer.learning_rate
    optimizer = replace(pair.optimizer(m), learning_rate=rate)
    return build(pair.network(m), optimizer, program, "tape", engine)
