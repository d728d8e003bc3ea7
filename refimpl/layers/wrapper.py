"""A layer around a layer; what it does not do otherwise, the layer inside does."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from refimpl.layers.layer import Layer

# Which of Keras's options a weight belongs to, where that is not its own name.
PREFIX = {
    "recurrent_kernel": "recurrent",
    "depthwise_kernel": "depthwise",
    "pointwise_kernel": "pointwise",
    **{f"{part}_kernel": "kernel" for part in ("query", "key", "value", "gate", "output")},
    **{f"{part}_bias": "bias" for part in ("query", "key", "value", "gate", "output")},
}


@dataclass(frozen=True)
class Wrapper(Layer):
    """Keras: ``Wrapper``, the base of layers around another one.

    What ``forward`` keeps is a tuple, of which the first is what the layer inside kept.
    """

    layer: Any

    @cached_property
    def inner(self):
        """The layer inside, built for what it is given."""
        return self.layer.build(self.input_shape)

    @property
    def weight_names(self):
        return self.inner.weight_names

    @property
    def weight_shapes(self):
        return self.inner.weight_shapes

    @property
    def state_names(self):
        return self.inner.state_names

    @property
    def sparse_names(self):
        return self.inner.sparse_names

    @property
    def letter_names(self):
        return self.inner.letter_names

    @property
    def share_names(self):
        return self.inner.share_names

    @property
    def takes_mask(self):
        return self.inner.takes_mask

    @property
    def output_shape(self):
        return self.inner.output_shape

    def of_weights(self, options):
        """Return what pairs (option of Keras's, thing) have for each weight, or None."""
        names, found = self.inner.weight_names, dict(options)
        alone = {"kernel": found.get("depthwise"), **found}  # DepthwiseConv's only kernel
        return [alone.get(PREFIX.get(name, name)) for name in names]

    def start_states(self):
        return self.inner.start_states()

    def next_states(self, kept):
        return self.inner.next_states(kept[0])

    def noted(self, kept):
        return self.inner.noted(kept[0])

    def penalties(self, weights, kept):
        return self.inner.penalties(weights, kept[0])

    def penalties_back(self, kept):
        return self.inner.penalties_back(kept[0])

    def constrained(self, weights):
        return self.inner.constrained(weights)

    def next_mask(self, x, mask):
        return self.inner.next_mask(x, mask)
