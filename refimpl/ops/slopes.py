"""Functions with a bend, and gradients by a function's own result or argument."""

import numpy as np

from refimpl.activations import ELU, SELU, LeakyReLU


def tanh_grad(y, dy):
    return dy * (1 - y * y)  # (1)


def sigmoid_grad(y, dy):
    return dy * y * (1 - y)  # (2)


def sqrt_grad(y, dy):
    """As TensorFlow's kernel has it, to the bit; to divide dy / 2 by y rounds once less."""
    return dy * (0.5 / y)  # (3)


def rsqrt_grad(y, dy):
    """y = x^-1/2, so dy/dx = -1/2 y^3."""
    return -0.5 * dy * (y * y * y)  # (4)


def reciprocal_grad(y, dy):
    return -dy * (y * y)  # (5)


def softplus_grad(gradients, features):
    return gradients / (np.exp(-features) + 1)  # (6)


def softsign_grad(gradients, features):
    return gradients / np.square(1 + np.abs(features))  # (7)


def elu(features):
    return ELU().forward(features)  # (8)


def elu_grad(gradients, outputs):
    return np.where(outputs < 0, (outputs + 1) * gradients, gradients)  # (9)


def selu(features):
    return SELU().forward(features)  # (10)


def selu_grad(gradients, outputs):
    return SELU().backward(gradients, outputs, outputs)  # (11)


def leaky_relu(features, *, alpha):
    return LeakyReLU(np.float32(alpha)).forward(features)  # (12)


def leaky_relu_grad(gradients, features, *, alpha):
    return LeakyReLU(np.float32(alpha)).backward(gradients, features, features)  # (13)
