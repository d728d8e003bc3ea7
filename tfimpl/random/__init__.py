"""Random numbers that TensorFlow draws, made again from their seed."""

from tfimpl.random.philox import philox, uniform, words

__all__ = [
    "philox",
    "uniform",
    "words",
]
