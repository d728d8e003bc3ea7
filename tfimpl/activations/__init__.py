"""Activation functions in TensorFlow; see ``refimpl.activations``."""

from tfimpl.activations.activation import Activation
from tfimpl.activations.binary_step import BinaryStep
from tfimpl.activations.celu import CELU
from tfimpl.activations.elu import ELU
from tfimpl.activations.exponential import Exponential
from tfimpl.activations.gaussian import Gaussian
from tfimpl.activations.gelu import GELU
from tfimpl.activations.gelu_tanh import GELUTanh
from tfimpl.activations.general_relu import GeneralReLU
from tfimpl.activations.glu import GLU
from tfimpl.activations.hard_shrink import HardShrink
from tfimpl.activations.hard_sigmoid import HardSigmoid
from tfimpl.activations.hard_silu import HardSiLU
from tfimpl.activations.hard_tanh import HardTanh
from tfimpl.activations.leaky_relu import LeakyReLU
from tfimpl.activations.linear import Linear
from tfimpl.activations.log_sigmoid import LogSigmoid
from tfimpl.activations.log_softmax import LogSoftmax
from tfimpl.activations.mish import Mish
from tfimpl.activations.relu import ReLU
from tfimpl.activations.relu6 import ReLU6
from tfimpl.activations.selu import SELU
from tfimpl.activations.sigmoid import Sigmoid
from tfimpl.activations.silu import SiLU
from tfimpl.activations.soft_shrink import SoftShrink
from tfimpl.activations.softmax import Softmax
from tfimpl.activations.softplus import Softplus
from tfimpl.activations.softsign import Softsign
from tfimpl.activations.sparse_plus import SparsePlus
from tfimpl.activations.sparse_sigmoid import SparseSigmoid
from tfimpl.activations.sparsemax import Sparsemax
from tfimpl.activations.squareplus import Squareplus
from tfimpl.activations.tanh import Tanh
from tfimpl.activations.tanh_shrink import TanhShrink
from tfimpl.activations.threshold import Threshold

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
