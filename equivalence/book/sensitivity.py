"""Why some printed figures come out for nobody: measured sensitivity.

The root-mean-square loss has a gradient that turns round at its minimum.  An
iteration that carries momentum across it amplifies the last bit.  Here many
copies of the NumPy run go side by side along the ensemble axis, each a copy
whose weights are moved after every step by at most one ULP, as another honest
order of summation would: what they print at the book's epochs is the range that
honest runs may print.
"""

from dataclasses import dataclass, replace

import numpy as np

from equivalence import trees
from equivalence.arithmetic import precisions
from equivalence.book.columns import EVERY
from equivalence.judge.distance import ulps
from equivalence.pairs.models import neurons
from equivalence.pairs.table import PAIRS
from equivalence.steps.program import program

COPIES = 200
SEED = 0
# Seed 000 prints this program's loss after the update of the epoch, not before it.
AFTER_UPDATE = ("quadratic-rmse-adam",)


@dataclass(frozen=True)
class Spread:
    """What copies of one run print that differ in the last bit of every step.

    losses: epoch -> (smallest, largest) of the loss.
    apart: steps -> the largest distance of a weight from the unmoved run, in ULP.
    printed: epoch -> the book's figure.
    """

    pair: str
    losses: dict
    apart: dict
    printed: dict

    @property
    def growth(self):
        """Return the factor by which a difference of 1 ULP grew until the end."""
        return max(self.apart.values())


def printed_losses(pair):
    """Return {epoch: the book's loss} of a pair's figures that do not come out."""
    rows = [f for f in EVERY if f.pair == pair and f.tensor == "E" and not f.reproducible]
    return {f.epoch: f.printed for f in rows}


def measure(pair_name, dtype=precisions.USUAL, copies=COPIES, marks=(1, 10, 30, 100, 290)):
    """Return the Spread of a pair: the first copy unmoved, the others moved."""
    pair = PAIRS[pair_name]
    reference = program(pair, dtype)
    weights = tuple(np.broadcast_to(w, (copies, *w.shape)).copy() for w in reference.weights)
    reference = replace(reference, weights=weights)
    slots = trees.reference().build_slots(reference.optimizer, weights)
    rng, printed = np.random.default_rng(SEED), printed_losses(pair_name)
    losses, apart = {}, {}
    late = pair_name in AFTER_UPDATE
    for epoch in range(pair.epochs):
        step = trees.reference().train_step(
            reference.network,
            reference.optimizer,
            weights,
            slots,
            np.dtype(dtype).type(epoch + 1),
            *reference.batch(epoch),
        )
        if epoch - late in printed:
            losses[epoch - late] = (float(step.error.min()), float(step.error.max()))
        weights, slots = tuple(_moved(w, rng) for w in step.weights), step.slots
        if epoch + 1 in marks:
            apart[epoch + 1] = float(max(ulps(w, w[:1]).max() for w in weights))
    return Spread(pair_name, losses, apart, printed)


def _moved(weights, rng):
    """Move every copy but the first by -1, 0 or 1 ULP."""
    by = rng.integers(-1, 2, weights.shape).astype(weights.dtype)
    by[0] = 0
    return weights + by * np.spacing(np.abs(weights))


# Neurons of text 002 that start from random weights: the targets of their four corners.
NEURONS = {"and-neuron": neurons.AND, "xor-neuron": neurons.XOR}


def of_starts(pair):
    """Return epoch -> (printed, smallest, largest) of a neuron's sum of errors.

    Smallest and largest of starts from N(0, 1), with weights in float32 as the book has them.
    """
    rng, float32 = np.random.default_rng(SEED), lambda x: np.asarray(x, "float32")
    w, b = float32(rng.normal(size=(2, COPIES))), float32(rng.normal(size=COPIES))
    printed = {f.epoch: f.printed for f in EVERY if f.pair == pair}
    samples, found = list(zip(neurons.CORNERS, NEURONS[pair].ravel())), {}
    for epoch in range(max(printed) + 1):
        errors = 0.0
        for x, y in samples:
            error = y - 1 / (1 + np.exp(-(float32(x) @ w + b).astype(float)))
            w, b = w + float32(0.1 * np.outer(x, error)), b + float32(0.1 * error)
            errors = errors + error
        if epoch in printed:
            found[epoch] = (printed[epoch], errors.min(), errors.max())
    return found
