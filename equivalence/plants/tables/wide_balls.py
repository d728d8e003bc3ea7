"""Tensors whose balls are more than twice as wide as honest results lie apart, or nearly so.

Balls forget that two numbers are made of one: of a normalization's mean and variance, of the shares
of a softmax, of a gate and what it leaves (``plants/reach``).  Whoever sharpens a ball takes its
tensors out of here.
"""

# fmt: off
WIDE_BALLS: dict[str, tuple[str, ...]] = {
    "layer-masked-simple-rnn": ("simplernn2.bias",),
}
