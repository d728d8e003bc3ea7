"""Learning-rate schedules: ``rate(iterations)`` is the learning rate of a step.

``iterations`` is the number of steps taken before that step, 0 at the first:
Keras's ``optimizer.iterations``.  It is an array of the working dtype and of any
shape, and so is the rate: () in a run, (S, 1, 1) where all S steps of a
trajectory are stacked.  The order of operations is Keras's, so that wherever only
IEEE operations occur the bits agree.

A schedule's hyperparameters are fixed numbers: they may decide a branch, the
iterations may not.
"""

from refimpl.schedules.cosine_decay import CosineDecay
from refimpl.schedules.cosine_decay_restarts import CosineDecayRestarts
from refimpl.schedules.exponential_decay import ExponentialDecay
from refimpl.schedules.inverse_time_decay import InverseTimeDecay
from refimpl.schedules.piecewise_constant_decay import PiecewiseConstantDecay
from refimpl.schedules.polynomial_decay import PolynomialDecay

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
]
