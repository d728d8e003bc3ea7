"""The NumPy side: the reference code, step after step."""

import numpy as np

from equivalence import sides
from equivalence.arithmetic.exact import ExactArray
from equivalence.arithmetic.rounding import RoundingArray
from equivalence.trajectory import filled


def run(program, start, steps):
    """Run ``steps`` steps from ``start`` and return their Trajectory."""
    layout = program.layout
    weights = tuple(start.weights.values())
    slots = layout.slot_tuples(start.slots)
    train_step = sides.reference().train_step
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
    activations = (filled(a, (batch, *a.shape[1:])) for a in step.activations)
    return step._replace(activations=tuple(activations))


def run_each(program, trajectory):
    """Return one step of the reference from each state of ``trajectory``.

    All steps are taken at once, stacked along the leading axis; a ``Step`` of
    arrays with that axis.
    """
    with np.errstate(all="ignore"):
        return step_each(program, trajectory, lambda array: array)


def step_each(program, trajectory, lift):
    """Take every step of ``trajectory`` from its own state, in any arithmetic.

    lift: turns float arrays into the arithmetic's arrays.
    """
    steps = trajectory.first_step + np.arange(trajectory.steps)
    if program.last is None:
        return _steps_at(program, trajectory, slice(None), steps, lift)
    groups = program.equal_steps(steps)
    parts = [_steps_at(program, trajectory, which, steps[which], lift) for which in groups]
    batch = program.inputs.shape[-2]
    parts = [p._replace(activations=tuple(_full(a, batch) for a in p.activations)) for p in parts]
    columns = zip(*(_leaves(part) for part in parts))
    return _like(parts[0], iter([_interleaved(groups, c) for c in columns]))


def _steps_at(program, trajectory, which, steps, lift):
    """Take the steps at some positions of ``trajectory``, all of one batch size."""
    layout = program.layout
    weights = {name: lift(a[which]) for name, a in trajectory.before("weights").items()}
    slots = {name: lift(a[which]) for name, a in trajectory.before("slots").items()}
    inputs, targets = program.batch(steps)
    return sides.reference().train_step(
        program.network,
        program.optimizer,
        tuple(weights[name] for name in layout.weights),
        layout.slot_tuples(slots),
        lift(step_numbers(trajectory, program.dtype)[which]),
        lift(inputs),
        lift(targets),
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
