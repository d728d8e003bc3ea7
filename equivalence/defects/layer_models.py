"""Models of upstream defects of layers: from a layer of ``refimpl`` to one with the defect."""

from dataclasses import replace

import numpy as np

from equivalence.arithmetic.enclosed import standing_before
from equivalence.defects.models import through_float32


def zeros_in_other_order(layer):
    """Return a recurrent layer that, unrolled, puts the zeros where the sequence was masked.

    With go_backwards its outputs are in the other order.
    """
    return standing_before(layer, _ZerosInOtherOrder)


def last_output_zero(layer):
    """Return a recurrent layer whose last output is 0 where the last time step is masked."""
    return standing_before(layer, _LastOutputZero)


def scale_through_float32(layer):
    """Return a MultiHeadAttention whose scale was a float32 for a moment."""
    return standing_before(layer, _ScaleThroughFloat32)


def rescaling_of_float32(layer):
    """Return a Rescaling whose scale and offset were float32 for a moment."""
    return replace(layer, scale=through_float32(layer.scale), offset=through_float32(layer.offset))


def biases_along_places(layer):
    """Return a MultiHeadAttention whose biases go to the places, where there are as many."""
    return standing_before(layer, _BiasesAlongPlaces)


def projections_along_places(layer):
    """Return which projections of a built MultiHeadAttention have their bias by place.

    Those of more than one head, of one feature each, on as many places (on the first axis).
    Of a layer that is not built none is known.
    """
    if layer.input_shape is None or not layer.use_bias or layer.num_heads == 1:
        return ()
    queries, values, *keys = (shape[0] for shape in layer.input_shape)
    of_values = layer.value_dim or layer.key_dim
    projections = {
        "query": (queries, layer.key_dim),
        "key": ((keys or [values])[0], layer.key_dim),
        "value": (values, of_values),
        **({"gate": (queries, of_values)} if layer.use_gate else {}),
    }
    return tuple(n for n, of in projections.items() if of == (layer.num_heads, 1))


def mask_in_other_order(layer):
    """Return a recurrent layer whose reversed outputs have the mask of its inputs."""
    return standing_before(layer, _MaskInOtherOrder)


def without_activity(layer):
    """Return a layer with penalties without that of its outputs."""
    kept = tuple(pair for pair in layer.penalties_of if pair[0] != "activity")
    return replace(layer, penalties_of=kept)


class _ZerosInOtherOrder:
    def kept_outputs(self, counts):
        kept = super().kept_outputs(counts)
        sequence = self.unroll and self.return_sequences
        return kept[::-1] if sequence and self.go_backwards else kept


class _ScaleThroughFloat32:
    @property
    def scale(self):
        return through_float32(super().scale)


class _ByPlace:
    """A bias of a projection that goes to the places of the first axis, (..., 1, places)."""

    def __init__(self, bias):
        self.bias = bias


class _BiasesAlongPlaces:
    def named(self, weights):
        along, named = projections_along_places(self), super().named(weights)
        return {n: (k, _ByPlace(b) if n in along else b) for n, (k, b) in named.items()}

    def projected(self, x, kernel, bias):
        if not isinstance(bias, _ByPlace):
            return super().projected(x, kernel, bias)
        beside = (1,) * (len(self.output_places) - 1)  # the other axes of places, the heads
        of_places = bias.bias.reshape(*kernel.shape[:-2], 1, -1, *beside)
        return super().projected(x, kernel, None) + of_places

    def _projected_back(self, x, name, named, yb):
        kernel, bias = named[name]
        if not isinstance(bias, _ByPlace):
            return super()._projected_back(x, name, named, yb)
        xb, kernelb = super()._projected_back(x, name, {name: (kernel, None)}, yb)
        lead, axes = kernel.shape[:-2], len(self.output_places)
        others = (-axes - 1, *range(-axes + 1, 0))  # of the batch, and all behind the first
        return xb, kernelb, np.sum(yb, axis=others).reshape(*lead, 1, -1)


class _LastOutputZero:
    def kept_outputs(self, counts):
        return counts if self.zero_output_for_mask else super().kept_outputs(counts)


class _MaskInOtherOrder:
    def next_mask(self, x, mask):
        return mask if self.return_sequences else None
