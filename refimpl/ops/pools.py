"""Pooling of images, and its gradients: the mathematics of the pooling layers."""

from refimpl.layers import AveragePooling2D, MaxPooling2D


def max_pool(input, *, ksize, strides, padding):
    """input (batch, height, width, channels)."""
    return _layer(MaxPooling2D, input.shape, ksize, strides, padding).forward((), input)[
        0
    ]  # (1)


def max_pool_grad(orig_input, orig_output, grad, *, ksize, strides, padding):
    layer = _layer(MaxPooling2D, orig_input.shape, ksize, strides, padding)
    _, seen = layer.forward((), orig_input)  # (2)
    return layer.backward((), seen, grad)[0]  # (3)


def avg_pool(value, *, ksize, strides, padding):
    return _layer(AveragePooling2D, value.shape, ksize, strides, padding).forward(
        (), value
    )[0]  # (4)


def avg_pool_grad(orig_input_shape, grad, *, ksize, strides, padding):
    shape = tuple(int(n) for n in orig_input_shape)
    layer = _layer(AveragePooling2D, shape, ksize, strides, padding)
    return layer.backward((), _Shape(shape), grad)[0]  # (5)


class _Shape:
    """What an average's way back needs of its input."""

    def __init__(self, shape):
        self.shape = shape


def _layer(kind, images, ksize, strides, padding):
    return kind(
        tuple(ksize[1:3]),
        tuple(strides[1:3]),
        padding.lower(),
        input_shape=tuple(int(n) for n in images[1:]),
    )
