"""Runners to be used again: built once, for as many programs as they can serve.

Tracing a graph costs some 0.1 s and compiling one for XLA more, a step of a compiled
loop 0.00003 s.  So the graph of the tape twin is traced here without sizes and without
a learning rate, and serves every program of its pair and dtype; what is compiled for
one size or holds a learning rate of its own is kept for the next program of that kind.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import tensorflow as tf

from equivalence import trees
from equivalence.engines.build import build
from equivalence.engines.tape import TapeRunner
from equivalence.steps.program import Program

MOST_RUNNERS = 256


class AnySizeRunner(TapeRunner):
    """The graph engine of the tape twin for all sizes and learning rates."""

    def __init__(self, network, optimizer, program, device="CPU:0"):
        self.rates = (-1, 1, 1) if program.weights[0].ndim > 2 else ()  # one for each net
        rate = tf.Variable(
            np.reshape(optimizer.learning_rate, self.rates),
            dtype=program.dtype,
            trainable=False,
            shape=[None if n == -1 else n for n in self.rates],
        )
        optimizer = replace(optimizer, learning_rate=rate)
        super().__init__(network, optimizer, program, "graph", device)
        self.shapes = [(None,) * len(shape) for shape in self.shapes]
        self.slot_shapes = [(None,) * len(shape) for shape in self.slot_shapes]
        data = tf.TensorSpec((None,) * program.inputs.ndim, program.dtype)
        number = tf.TensorSpec((), tf.int32)
        self._loop = tf.function(
            TapeRunner._loop.__get__(self),
            autograph=False,
            input_signature=[data, data, number, number, self._state_signature()],
        )

    def _state_signature(self):
        specs = [tf.TensorSpec(shape, self.dtype) for shape in self.shapes]
        width = len(self.layout.slot_names)
        return tuple(specs), tuple((spec,) * width for spec in specs)

    def run(self, program, start, steps):
        """Run as ``Runner.run``, with the learning rate, or rates, of ``program``."""
        rate = np.reshape(program.optimizer.learning_rate, self.rates)
        self.optimizer.learning_rate.assign(rate.astype(self.dtype))
        return super().run(program, start, steps)


def runner_of(pair, program, twin, engine):
    """Return a Runner for ``program``: one that was built before, if it can serve.

    The program's optimizer must be of the pair's class; its hyperparameters count.
    """
    hyperparameters = program.hyperparameters
    weights = tuple(w.shape for w in program.weights)
    data = program.inputs.shape, program.targets.shape
    if _any_size(twin, engine, hyperparameters, program.last):
        hyperparameters["learning_rate"] = pair.optimizer(trees.reference()).learning_rate
        weights = tuple((1,) * len(shape) for shape in weights)
        data = tuple((1,) * len(shape) for shape in data)
    key = tuple(hyperparameters.items())
    return _built(pair, program.dtype, twin, engine, key, weights, data, program.last)


def _any_size(twin, engine, hyperparameters, last):
    """Say whether an AnySizeRunner can serve: a schedule is no number to be assigned.

    A program with a smaller last batch is traced for its own two sizes.
    """
    number = isinstance(hyperparameters["learning_rate"], (float, np.ndarray))
    return (twin, engine) == ("tape", "graph") and number and last is None


@lru_cache(MOST_RUNNERS)
def _built(pair, dtype, twin, engine, hyperparameters, weights, data, last):
    m, reference = trees.tensorflow(), trees.reference()
    network, optimizer = pair.network(m), replace(pair.optimizer(m), **dict(hyperparameters))
    ours = replace(pair.optimizer(reference), **dict(hyperparameters))
    inputs, targets = (np.zeros(shape, dtype) for shape in data)
    zeros = tuple(np.zeros(shape, dtype) for shape in weights)
    empty = Program(pair.network(reference), ours, zeros, inputs, targets, last)
    if _any_size(twin, engine, dict(hyperparameters), last):
        return AnySizeRunner(network, optimizer, empty)
    return build(network, optimizer, empty, twin, engine, model=pair.keras)


def forget():
    """Drop all runners, so that the next are built anew."""
    _built.cache_clear()
