"""Layers of several inputs: x is a tuple, and so is what flows back."""

from dataclasses import dataclass

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Merge(Layer):
    """``input_shape`` is a tuple of the inputs' shapes, which are all equal."""

    def build(self, input_shape):
        if len({tuple(shape) for shape in input_shape}) > 1:
            raise ValueError(f"inputs to be merged have shapes that differ: {input_shape}")
        return super().build(input_shape)

    @property
    def output_shape(self):
        return self.input_shape[0]
