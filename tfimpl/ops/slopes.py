"""Functions with a bend, and gradients by a function's own result or argument."""

import tensorflow as tf


def tanh_grad(y, dy):
    return tf.raw_ops.TanhGrad(y=y, dy=dy)  # (1)


def sigmoid_grad(y, dy):
    return tf.raw_ops.SigmoidGrad(y=y, dy=dy)  # (2)


def sqrt_grad(y, dy):
    """As TensorFlow's kernel has it, to the bit; to divide dy / 2 by y rounds once less."""
    return tf.raw_ops.SqrtGrad(y=y, dy=dy)  # (3)


def rsqrt_grad(y, dy):
    """y = x^-1/2, so dy/dx = -1/2 y^3."""
    return tf.raw_ops.RsqrtGrad(y=y, dy=dy)  # (4)


def reciprocal_grad(y, dy):
    return tf.raw_ops.ReciprocalGrad(y=y, dy=dy)  # (5)


def softplus_grad(gradients, features):
    return tf.raw_ops.SoftplusGrad(gradients=gradients, features=features)  # (6)


def softsign_grad(gradients, features):
    return tf.raw_ops.SoftsignGrad(gradients=gradients, features=features)  # (7)


def elu(features):
    return tf.raw_ops.Elu(features=features)  # (8)


def elu_grad(gradients, outputs):
    return tf.raw_ops.EluGrad(gradients=gradients, outputs=outputs)  # (9)


def selu(features):
    return tf.raw_ops.Selu(features=features)  # (10)


def selu_grad(gradients, outputs):
    return tf.raw_ops.SeluGrad(gradients=gradients, outputs=outputs)  # (11)


def leaky_relu(features, *, alpha):
    return tf.raw_ops.LeakyRelu(features=features, alpha=alpha)  # (12)


def leaky_relu_grad(gradients, features, *, alpha):
    return tf.raw_ops.LeakyReluGrad(
        gradients=gradients, features=features, alpha=alpha
    )  # (13)
