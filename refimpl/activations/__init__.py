"""Activation functions: ``forward(x)`` and ``backward(yb, x, y)``.

``x`` is what goes in, ``y = forward(x)``, and ``yb`` the gradient of the error
with respect to ``y``; ``backward`` returns the gradient with respect to ``x``.
All are of one shape, (..., batch, units).
"""

from refimpl.activations.activation import Activation
from refimpl.activations.binary_step import BinaryStep
from refimpl.activations.celu import CELU
from refimpl.activations.elu import ELU
from refimpl.activations.exponential import Exponential
from refimpl.activations.gaussian import Gaussian
from refimpl.activations.gelu import GELU
from refimpl.activations.gelu_tanh import GELUTanh
from refimpl.activations.general_relu import GeneralReLU
from refimpl.activations.glu import GLU
from refimpl.activations.hard_shrink import HardShrink
from refimpl.activations.hard_sigmoid import HardSigmoid
from refimpl.activations.hard_silu import HardSiLU
from refimpl.activations.hard_tanh import HardTanh
from refimpl.activations.leaky_relu import LeakyReLU
from refimpl.activations.linear import Linear
from refimpl.activations.log_sigmoid import LogSigmoid
from refimpl.activations.log_softmax import LogSoftmax
from refimpl.activations.mish import Mish
from refimpl.activations.relu import ReLU
from refimpl.activations.relu6 import ReLU6
from refimpl.activations.selu import SELU
from refimpl.activations.sigmoid import Sigmoid
from refimpl.activations.silu import SiLU
from refimpl.activations.soft_shrink import SoftShrink
from refimpl.activations.softmax import Softmax
from refimpl.activations.softplus import Softplus
from refimpl.activations.softsign import Softsign
from refimpl.activations.sparse_plus import SparsePlus
from refimpl.activations.sparse_sigmoid import SparseSigmoid
from refimpl.activations.sparsemax import Sparsemax
from refimpl.activations.squareplus import Squareplus
from refimpl.activations.tanh import Tanh
from refimpl.activations.tanh_shrink import TanhShrink
from refimpl.activations.threshold import Threshold

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Activation",
    "BinaryStep",
    "Exponential",
    "GELUTanh",
    "Gaussian",
    "GeneralReLU",
    "HardShrink",
    "HardSiLU",
    "HardSigmoid",
    "HardTanh",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "SoftShrink",
    "Softmax",
    "Softplus",
    "Softsign",
    "SparsePlus",
    "SparseSigmoid",
    "Sparsemax",
    "Squareplus",
    "Tanh",
    "TanhShrink",
    "Threshold",
]
