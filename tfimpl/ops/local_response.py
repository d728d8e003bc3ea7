"""Numbers divided by what their neighbours are (Krizhevsky and others 2012)."""

import tensorflow as tf


def lrn(input, *, depth_radius, bias, alpha, beta):
    """x (bias + alpha s)^-beta; s sums the squares of so many channels on each side."""
    return tf.raw_ops.LRN(
        input=input, depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta
    )  # (1)


def lrn_grad(input_grads, input_image, output_image, *, depth_radius, bias, alpha, beta):
    """Each channel flows back to its neighbours by -2 alpha beta x y / (bias + alpha s)."""
    return tf.raw_ops.LRNGrad(
        input_grads=input_grads,
        input_image=input_image,
        output_image=output_image,
        depth_radius=depth_radius,
        bias=bias,
        alpha=alpha,
        beta=beta,
    )  # (2)-(4)
