"""The NumPy side: the reference code, step after step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence import trees
from equivalence.arithmetic.exact import ExactArray
from equivalence.arithmetic.rounding import RoundingArray
from equivalence.steps.program import Program
from equivalence.steps.trajectory import Trajectory, filled


def run(program, start, steps):
    """Run ``steps`` steps from ``start`` and return their Trajectory."""
    layout = program.layout
    weights = tuple(start.weights.values())
    slots = layout.slot_tuples(start.slots)
    train_step = trees.reference().train_step
    record = []
    with np.errstate(all="ignore"):
        for s in range(start.step, start.step + steps):
            count = np.dtype(program.dtype).type(s + 1)
            step = train_step(
                program.network, program.optimizer, weights, slots, count, *program.batch(s)
            )
            weights, slots = step.weights, step.slots
            record.append(step if program.last is None else _filled_up(step, program))
    return layout.trajectory(start, record)


def _filled_up(step, program):
    """Return a step whose activations have the samples of a full batch, as they are recorded."""
    batch = program.inputs.shape[-2]
    full = lambda array: filled(array, (batch, *array.shape[1:]))
    flows = program.layout.of_samples(full, step.flows)
    return step._replace(activations=tuple(map(full, step.activations)), flows=flows)


def run_each(program, trajectory):
    """Return one step of the reference from each state of ``trajectory``.

    All steps are taken at once, stacked along the leading axis; a ``Step`` of
    arrays with that axis.
    """
    with np.errstate(all="ignore"):
        return step_each(program, trajectory, lambda array: array)


def step_each(program, trajectory, lift, take=None):
    """Take every step of ``trajectory`` from its own state, in any arithmetic.

    lift: turns float arrays into the arithmetic's arrays.
    take: takes ``Steps``, several of one batch size at once; ``take_steps`` if not given.
    """
    take = take or take_steps
    numbers = trajectory.first_step + np.arange(trajectory.steps)
    if program.last is None:
        return take(Steps(program, trajectory, slice(None), numbers, lift))
    groups = program.equal_steps(numbers)
    parts = [take(Steps(program, trajectory, which, numbers[which], lift)) for which in groups]
    batch = program.inputs.shape[-2]
    full = lambda array: _full(array, batch)
    of_samples = program.layout.of_samples
    parts = [
        part._replace(
            activations=tuple(map(full, part.activations)), flows=of_samples(full, part.flows)
        )
        for part in parts
    ]
    columns = zip(*(_leaves(part) for part in parts))
    return _like(parts[0], iter([_interleaved(groups, c) for c in columns]))


@dataclass(frozen=True)
class Steps:
    """Some steps of a trajectory, all of one batch size, with their operands in an arithmetic.

    which: their positions in the trajectory; numbers: how many steps came before each.
    """

    program: Program
    trajectory: Trajectory
    which: Any
    numbers: np.ndarray
    lift: Callable

    @property
    def weights(self):
        before = self.trajectory.before("weights")
        return tuple(self.lift(before[name][self.which]) for name in self.program.layout.weights)

    @property
    def slots(self):
        """A tuple of slots for each weight, and behind them one of the network's states."""
        before = self.trajectory.before("slots").items()
        return self.program.layout.slot_tuples({n: self.lift(a[self.which]) for n, a in before})

    @property
    def counts(self):
        """The number of each step, from 1, shaped to broadcast with the weights."""
        return self.lift(step_numbers(self.trajectory, self.program.dtype)[self.which])

    @property
    def batch(self):
        """Inputs and targets."""
        return tuple(self.lift(array) for array in self.program.batch(self.numbers))

    def recorded(self, stage):
        """What was recorded of a stage, as far as it was: name -> array."""
        samples = self.program.batch(self.numbers)[0].shape[-2]
        found = {name: a[self.which] for name, a in self.trajectory.computed(stage).items()}
        if self.program.last is not None and stage in ("activations", "flows"):
            shares = self.program.layout.shares
            found = {n: a if n in shares else a[:, :samples] for n, a in found.items()}
        return {name: self.lift(array) for name, array in found.items()}


def take_steps(steps):
    """Return the ``Step`` of some steps: all of it from the states before them."""
    program, (inputs, targets) = steps.program, steps.batch
    return trees.reference().train_step(
        program.network,
        program.optimizer,
        steps.weights,
        steps.slots,
        steps.counts,
        inputs,
        targets,
    )


def _full(activation, batch):
    """Return (S, samples, ...) filled up to ``batch`` samples, as it is recorded."""
    shape = (activation.shape[0], batch, *activation.shape[2:])
    return _on_arrays(lambda a: filled(a, shape), activation)


def _interleaved(groups, columns):
    """Return one array with the rows of ``columns`` at the positions of their groups."""

    order = np.argsort(np.concatenate(groups))

    def interleave(*arrays):
        rows = [np.broadcast_to(a, (len(w), *a.shape[1:])) for w, a in zip(groups, arrays)]
        return np.concatenate(rows)[order]

    return _on_arrays(interleave, *columns)


def _on_arrays(function, first, *others):
    """Apply ``function`` to what arrays of any arithmetic are made of."""
    of = lambda part: function(*(getattr(a, part) for a in (first, *others)))
    if isinstance(first, RoundingArray):
        return RoundingArray(of("mid"), of("rad"), first.model)
    if isinstance(first, ExactArray):
        return ExactArray(of("values"))
    return function(first, *others)


def _leaves(step):
    """Return the arrays of a nest of tuples."""
    return [x for part in step for x in _leaves(part)] if isinstance(step, tuple) else [step]


def _like(step, leaves):
    """Return a nest of tuples as ``step`` is, of other arrays."""
    if not isinstance(step, tuple):
        return next(leaves)
    parts = [_like(part, leaves) for part in step]
    return type(step)(*parts) if hasattr(step, "_fields") else tuple(parts)


def step_numbers(trajectory, dtype):
    """Return 1 + the index of every step, shaped to broadcast with the weights."""
    weight = next(iter(trajectory.weights.values()))
    steps = trajectory.first_step + 1 + np.arange(trajectory.steps)
    return steps.reshape(-1, *(1,) * (weight.ndim - 1)).astype(dtype)
