"""Networks: ``forward`` and ``propagate`` (forward, error, backward).

``weight_names`` and ``activation_names`` say what the tuples hold, in order.
A network knows no sizes: they come with the weights.
"""

from refimpl.networks.alone import Alone
from refimpl.networks.given_gradients import GivenGradients
from refimpl.networks.look_up import LookUp
from refimpl.networks.multilayer import Multilayer
from refimpl.networks.one_layer import OneLayer
from refimpl.networks.output import Output, SigmoidOutput, SoftmaxOutput
from refimpl.networks.point import Point
from refimpl.networks.quadratic import Quadratic
from refimpl.networks.sequential import Sequential
from refimpl.networks.two_layer import TwoLayer

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
