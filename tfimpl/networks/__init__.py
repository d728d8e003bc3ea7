"""Networks in TensorFlow; see ``refimpl.networks``.

``model(weights, dtype)`` gives the Keras model of the same network for weights
of these shapes.  Keras keeps a bias as (units,), the book as (1, units).
"""

from tfimpl.networks.alone import Alone
from tfimpl.networks.given_gradients import GivenGradients
from tfimpl.networks.look_up import LookUp
from tfimpl.networks.multilayer import Multilayer
from tfimpl.networks.one_layer import OneLayer
from tfimpl.networks.output import Output, SigmoidOutput, SoftmaxOutput
from tfimpl.networks.point import Point
from tfimpl.networks.quadratic import Quadratic
from tfimpl.networks.sequential import Sequential
from tfimpl.networks.two_layer import TwoLayer

__all__ = [
    "Alone",
    "GivenGradients",
    "LookUp",
    "Multilayer",
    "OneLayer",
    "Output",
    "Point",
    "Quadratic",
    "Sequential",
    "SigmoidOutput",
    "SoftmaxOutput",
    "TwoLayer",
]
