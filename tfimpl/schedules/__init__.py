"""Learning-rate schedules in TensorFlow; see ``refimpl.schedules``.

``keras()`` gives Keras's schedule with the same hyperparameters.
"""

from tfimpl.schedules.cosine_decay import CosineDecay
from tfimpl.schedules.cosine_decay_restarts import CosineDecayRestarts
from tfimpl.schedules.exponential_decay import ExponentialDecay
from tfimpl.schedules.inverse_time_decay import InverseTimeDecay
from tfimpl.schedules.piecewise_constant_decay import PiecewiseConstantDecay
from tfimpl.schedules.polynomial_decay import PolynomialDecay

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
]
