"""Tensors whose balls are more than twice as wide as honest results lie apart, or nearly so.

Balls forget that two numbers are made of one, as what goes from time step to time step where Keras
does not give these (``plants/reach``).  Whoever sharpens a ball takes its tensors out of here.
"""

# fmt: off
WIDE_BALLS: dict[str, tuple[str, ...]] = {
    "layer-masked-simple-rnn": ("simplernn2.bias",),
}
