"""Random numbers that TensorFlow draws, made again from their seed."""

from refimpl.random.philox import normal, philox, uniform, words

__all__ = [
    "normal",
    "philox",
    "uniform",
    "words",
]
