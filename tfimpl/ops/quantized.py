"""Numbers as few bits have them, and what flows back (Jacob and others 2018)."""

import tensorflow as tf


def fake_quant_args(inputs, *, min, max, num_bits, narrow_range):
    """Between two numbers that are given once."""
    return tf.raw_ops.FakeQuantWithMinMaxArgs(
        inputs=inputs, min=min, max=max, num_bits=num_bits, narrow_range=narrow_range
    )  # (1)


def fake_quant(inputs, min, max, *, num_bits, narrow_range):
    """The nearest of 2^bits numbers between both ends, of which one is 0.

    min, max: of all numbers, or of each channel.
    """
    of_all = len(min.shape) == 0
    kernels = (
        tf.raw_ops.FakeQuantWithMinMaxVars,
        tf.raw_ops.FakeQuantWithMinMaxVarsPerChannel,
    )
    options = {"num_bits": num_bits, "narrow_range": narrow_range}
    return kernels[not of_all](inputs=inputs, min=min, max=max, **options)  # (2)


def fake_quant_args_grad(gradients, inputs, *, min, max, num_bits, narrow_range):
    return tf.raw_ops.FakeQuantWithMinMaxArgsGradient(
        gradients=gradients,
        inputs=inputs,
        min=min,
        max=max,
        num_bits=num_bits,
        narrow_range=narrow_range,
    )  # (3)


def fake_quant_grad(gradients, inputs, min, max, *, num_bits, narrow_range):
    """What flows back to numbers between the ends is theirs, the rest is the ends'."""
    of_all = len(min.shape) == 0
    kernels = (
        tf.raw_ops.FakeQuantWithMinMaxVarsGradient,
        tf.raw_ops.FakeQuantWithMinMaxVarsPerChannelGradient,
    )
    options = {"num_bits": num_bits, "narrow_range": narrow_range}
    given = {"gradients": gradients, "inputs": inputs, "min": min, "max": max}
    return kernels[not of_all](**given, **options)  # (4)
