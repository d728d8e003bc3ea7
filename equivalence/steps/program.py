"""What a run computes: a network, an optimizer and data, at one precision."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from equivalence import trees
from equivalence.steps.pair import Pair
from equivalence.steps.trajectory import Layout, State


@dataclass(frozen=True)
class Program:
    """The reference's network and optimizer with their start and data.

    inputs, targets: (batches, ..., batch, features); step s takes batch
    s modulo batches.  The arrays' dtype is the working precision.
    last: samples of the last batch where it is smaller than the others; the arrays
        are filled up with zeros there, which no step sees.
    """

    network: Any
    optimizer: Any
    weights: tuple
    inputs: np.ndarray
    targets: np.ndarray
    last: int | None = None

    @property
    def dtype(self):
        return self.inputs.dtype.name

    @property
    def layout(self):
        return Layout.of(self.network, self.optimizer)

    @property
    def hyperparameters(self):
        """The optimizer's hyperparameters by name, without parts that have none themselves."""
        values = {f.name: getattr(self.optimizer, f.name) for f in fields(self.optimizer)}
        return {name: v for name, v in values.items() if not is_dataclass(v) or fields(v)}

    def start(self) -> State:
        """Return the state before the first step."""
        states = tuple(np.asarray(state, self.dtype) for state in self.network.start_states())
        slots = trees.reference().build_slots(self.optimizer, self.weights, states)
        return self.layout.state(self.weights, slots)

    def batch(self, steps):
        """Return inputs and targets of ``steps``: an index, or several of equal size."""
        which = np.asarray(steps) % len(self.inputs)
        inputs, targets = self.inputs[which], self.targets[which]
        if self.last is not None and self._short(which).all():
            axis = which.ndim  # samples come after the axes of ``steps``
            return tuple(a.take(range(self.last), axis) for a in (inputs, targets))
        return inputs, targets

    def _short(self, which):
        return (which == len(self.inputs) - 1) & (self.last is not None)

    def equal_steps(self, steps):
        """Return the positions in ``steps`` of full batches, and of the smaller ones."""
        short = self._short(np.asarray(steps) % len(self.inputs))
        return [found for mask in (~short, short) if len(found := np.flatnonzero(mask))]


def program(pair: Pair, dtype: str, seed: int | None = None) -> Program:
    """Return the program of a pair; a seed replaces the start and the data.

    The random start and data have the shapes of the pair's own, so that what was
    compiled for the one serves the other.
    """
    m = trees.reference()
    weights, (inputs, targets) = pair.weights(dtype), pair.batches(dtype)
    if seed is not None:
        weights, inputs, targets = random_numbers(seed, weights, inputs, targets, dtype)
    return Program(pair.network(m), pair.optimizer(m), weights, inputs, targets, pair.last)


def random_numbers(seed, weights, inputs, targets, dtype):
    """Return normal weights, inputs and targets; one-hot targets stay one-hot.

    Whole numbers, as the rows of a table, stay what they are, in another order of samples.
    Kernels of more than 16 rows are scaled down as their square root, so that units do not
    saturate.
    """
    rng = np.random.default_rng(seed)
    weights = tuple(
        (rng.normal(size=w.shape) * min(1.0, 4 / np.sqrt(w.shape[-2]))).astype(dtype)
        for w in weights
    )
    if np.array_equal(inputs, np.floor(inputs)) and len(np.unique(inputs)) > 2:
        inputs = rng.permutation(inputs.reshape(-1, inputs.shape[-1])).reshape(inputs.shape)
    else:
        inputs = rng.normal(size=inputs.shape).astype(dtype)
    classes = targets.shape[-1]
    if classes > 1 and set(np.unique(targets)) <= {0, 1}:
        targets = np.eye(classes, dtype=dtype)[rng.integers(classes, size=targets.shape[:-1])]
    else:
        targets = rng.normal(size=targets.shape).astype(dtype)
    return weights, inputs, targets
