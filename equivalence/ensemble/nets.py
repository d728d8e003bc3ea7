"""Many nets of one kind in one Program, and one of them alone.

The nets stand along the axis before the matrices, which the reference code and its
GradientTape twins carry without a word:

==================  ==============================================
weights, slots      (nets, rows, columns)
inputs, targets     (batches, nets, batch, features)
learning_rate       one number for all, or an array (nets, 1, 1)
==================  ==============================================

Keras's own classes know no such axis.
"""

from dataclasses import fields, replace

import numpy as np

from equivalence import trees
from equivalence.steps.program import Program, random_numbers
from equivalence.steps.trajectory import STAGES, Trajectory


def size(program):
    """Return how many nets an ensemble has."""
    return len(program.weights[0])


def random_ensemble(pair, dtype, nets, seed):
    """Return ``nets`` random nets on random data, of the shapes of the pair's own."""
    m = trees.reference()
    weights = tuple(np.broadcast_to(w, (nets, *w.shape)) for w in pair.weights(dtype))
    inputs, targets = (
        np.broadcast_to(a[:, None], (len(a), nets, *a.shape[1:])) for a in pair.batches(dtype)
    )
    numbers = random_numbers(seed, weights, inputs, targets, dtype)
    return Program(pair.network(m), pair.optimizer(m), *numbers)


def stacked(programs):
    """Return the ensemble of Programs that differ in numbers only.

    Raises ValueError for hyperparameters other than the learning rate that differ.
    """
    first = programs[0]
    return Program(
        first.network,
        _common([p.optimizer for p in programs], first.dtype),
        tuple(np.stack(weights) for weights in zip(*(p.weights for p in programs))),
        np.stack([p.inputs for p in programs], axis=1),
        np.stack([p.targets for p in programs], axis=1),
    )


def _common(optimizers, dtype):
    """Return one optimizer for all nets; learning rates that differ become an array."""
    first = optimizers[0]
    if all(optimizer == first for optimizer in optimizers):
        return first
    for optimizer in optimizers:
        if replace(optimizer, learning_rate=first.learning_rate) != first:
            raise ValueError(f"not one ensemble: {optimizer} and {first}")
    rates = np.array([optimizer.learning_rate for optimizer in optimizers], dtype)
    return replace(first, learning_rate=rates.reshape(-1, 1, 1))


def net(program, number):
    """Return the Program of one net of an ensemble, without the axis."""
    return Program(
        program.network,
        _optimizer_of(program.optimizer, number),
        tuple(weight[number] for weight in program.weights),
        program.inputs[:, number],
        program.targets[:, number],
    )


def _optimizer_of(optimizer, number):
    values = {f.name: getattr(optimizer, f.name) for f in fields(optimizer)}
    own = {n: float(v[number, 0, 0]) for n, v in values.items() if isinstance(v, np.ndarray)}
    return replace(optimizer, **own)


def record_of(trajectory, number):
    """Return the Trajectory of one net of an ensemble, without the axis."""
    of_net = {
        stage: {name: array[:, number] for name, array in getattr(trajectory, stage).items()}
        for stage in STAGES
    }
    return Trajectory(**of_net, first_step=trajectory.first_step)
