"""What Keras reports of a run, each number held in the ball of what it may honestly be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from equivalence import trees
from equivalence.arithmetic import precisions
from equivalence.arithmetic.enclosed import enclose, with_balls
from equivalence.errors import BadInput, choose
from equivalence.evaluation.at_rest import at_rest, forward
from equivalence.judge.certificate import rounding_model, usage
from equivalence.machine import keras_settings
from equivalence.pairs.table import find
from equivalence.steps.program import program

VALIDATED = "val_"


@dataclass(frozen=True)
class Said:
    """One number that Keras reports.

    call: "fit", "evaluate" or "predict"; epoch: from 1; name: as Keras calls it.
    keras, reference: Keras's number and the middle of its ball; radius: of the ball.
    used: how much of the radius lies between the two, above 1 is outside.
    """

    call: str
    epoch: int
    name: str
    keras: float
    reference: float
    radius: float
    used: float

    @property
    def inside(self) -> bool:
        return bool(self.used <= 1)


def evaluate(
    pair: str, dtype: str = precisions.USUAL, epochs: int = 3, validation: float = 0.0
) -> tuple[Said, ...]:
    """Return what Keras's ``fit``, ``evaluate`` and ``predict`` say of a run, held in balls.

    The model is compiled with the metrics of its kind: "accuracy" where its loss is a
    cross-entropy, else "mae" and "mse".  What ``fit`` reports of an epoch is the mean over the
    samples of what its steps saw while they learned; ``evaluate`` asks the last weights, with
    dropout at rest.  Of ``predict`` the number that uses most of its radius is returned.

    pair: a name of ``PAIRS`` with a Keras model and a loss.
    epochs: a whole number above 0.
    validation: the share of the samples, the last of them, that is held back.

    Raises BadInput, an ``equivalence.Error``, for what there is not.
    """
    row, learned, held_back, asked = checked(pair, dtype, epochs, validation)
    with keras_settings.as_runs_have_it():
        from equivalence.evaluation.asking import report

        said = report(row, learned, held_back, epochs, asked)
    return tuple(_held(learned, held_back, said, asked, epochs))


def checked(pair, dtype, epochs, validation):
    """Return the pair, the program that is learned, what is held back, and the metrics.

    Raises BadInput for what cannot be evaluated.
    """
    row, (dtype,) = find(pair), choose("dtype", [dtype], precisions.NAMES)
    if not isinstance(epochs, int) or epochs < 1:
        raise BadInput(f"{epochs!r} epochs cannot be run: give a whole number above 0")
    if not 0 <= validation < 1:
        raise BadInput(f"{validation!r} is no share to hold back: give one from 0 to below 1")
    learned, held_back = _divided(row, program(row, dtype), validation)
    at_rest(learned.network)
    return row, learned, held_back, names_of(row, learned)


def names_of(row, learned):
    """Return the names of the metrics that a pair's model is compiled with; raise BadInput."""
    end = row.network(trees.reference()).end
    if not row.keras or end is None:
        raise BadInput(f"{row.name} has no Keras model with a loss to evaluate")
    if "crossentropy" in end.loss.name:
        return ("accuracy",)
    network, (x, y) = at_rest(learned.network), learned.batch(0)
    states = network.start_states()
    outputs, _ = forward(network, learned.weights, (states,) if states else (), x, y)
    if outputs.shape != y.shape:
        raise BadInput(f"{row.name}: its targets are of another shape than what it predicts")
    return ("mae", "mse")


def _divided(row, whole, share):
    """Return the program on the samples that are learned, and those held back or None."""
    x, y = _samples(whole)
    if not share:
        return whole, None
    kept, held_back = zip(*(trees.reference().split(a, share) for a in (x, y)))
    if not len(kept[0]):
        raise BadInput(f"{share!r} of {len(x)} samples leaves none to learn from")
    size = min(whole.inputs.shape[-2], len(kept[0]))
    parts = replace(row, data=lambda: kept, batch_size=size)
    inputs, targets = parts.batches(whole.dtype)
    return replace(whole, inputs=inputs, targets=targets, last=parts.last), held_back


def _samples(whole):
    """Return inputs and targets as (samples, ...), without what fills up the last batch."""
    arrays = [a.reshape(-1, *a.shape[2:]) for a in (whole.inputs, whole.targets)]
    missing = whole.inputs.shape[1] - whole.last if whole.last else 0
    return [a[: len(a) - missing] for a in arrays]


def _batches(x, y, size):
    """Yield inputs and targets of batches of this size, the last of what is left."""
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


# -------------------------------------------------------------------- in balls


def _held(learned, held_back, said, asked, epochs):
    model = rounding_model(learned.dtype, "fit")
    size, count = learned.inputs.shape[-2], len(learned.inputs)
    ask = _Asking(learned, model, asked)
    ends = [f"{VALIDATED}{name}" for name in ("loss", *asked)]
    for epoch in range(1, epochs + 1):
        steps = slice((epoch - 1) * count, epoch * count)
        balls = ask.while_learning(said.record, steps)
        if held_back is not None:
            of_others, _ = ask.afterwards(said.record, epoch * count, held_back, size)
            balls |= dict(zip(ends, of_others.values(), strict=True))
        for name, ball in balls.items():
            yield _said("fit", epoch, name, said.history[name][epoch - 1], ball)
    balls, outputs = ask.afterwards(said.record, epochs * count, _samples(learned), size)
    for name, ball in balls.items():
        yield _said("evaluate", epochs, name, said.evaluated[name], ball)
    shares = usage(said.predicted.reshape(outputs.mid.shape), outputs)
    worst = np.unravel_index(int(np.argmax(shares)), shares.shape)
    found = said.predicted.reshape(shares.shape)[worst]
    yield _said("predict", epochs, f"{shares.size} numbers", found, outputs[worst])


def _said(call, epoch, name, value, ball):
    share = float(np.max(usage(np.asarray(value), ball)))
    middle, radius = float(np.ravel(ball.mid)[0]), float(np.ravel(ball.rad)[0])
    return Said(call, epoch, name, float(value), middle, radius, share)


class _Asking:
    """The mathematics of what is reported, over balls."""

    def __init__(self, learned, model, asked):
        self.learned, self.model, self.asked = learned, model, asked
        self.network = at_rest(with_balls(enclose(learned.network), model))
        m = trees.reference()
        self.m = m
        self.of_samples = {
            "accuracy": m.accuracy,
            "mae": m.MeanAbsoluteError().samples,
            "mse": m.MeanSquaredError().samples,
        }

    def while_learning(self, record, steps):
        """Return {name: ball} of an epoch: of the losses and outputs that its steps recorded."""
        count, lift = len(self.learned.inputs), self.model.array
        sizes = [len(self.learned.batch(k)[0]) for k in range(count)]
        found = {"loss": self._mean(lift(record.loss["E"][steps]), sizes)}
        outputs = record.activations[self.learned.layout.activations[-1]][steps]
        values = {name: [] for name in self.asked}
        for k, size in enumerate(sizes):
            _, targets = self.learned.batch(k)
            for name in self.asked:
                values[name].append(self.of_samples[name](lift(outputs[k][:size]), lift(targets)))
        return found | self._means(values)

    def afterwards(self, record, step, samples, size):
        """Return {name: ball} of the weights after a step on other samples, and the outputs."""
        at = lambda arrays: tuple(self.model.array(array[step]) for array in arrays.values())
        weights, states = at(record.weights), self.learned.layout.states
        own = (at({name: record.slots[name] for name in states}),) if states else ()
        errors, outputs, sizes, values = [], [], [], {name: [] for name in self.asked}
        for x, y in _batches(*samples, size):
            x, y = map(self.model.array, (x, y))
            O, E = forward(self.network, weights, own, x, y)
            errors, outputs, sizes = [*errors, E], [*outputs, O], [*sizes, len(x.mid)]
            for name in self.asked:
                values[name].append(self.of_samples[name](O, y))
        found = {"loss": self._mean(np.stack(errors), sizes)} | self._means(values)
        return found, np.concatenate(outputs)

    def _mean(self, means, sizes):
        counts = np.array(sizes, self.learned.dtype)
        return self.m.mean_over_batches(means, self.model.array(counts))

    def _means(self, values):
        """Return the mean over all samples of values of the samples of each batch."""
        every = {name: np.concatenate([v.reshape(-1) for v in of]) for name, of in values.items()}
        return {name: np.sum(v) / len(v.mid) for name, v in every.items()}
