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


def vectors_as_biases(layer):
    """Return an Add whose inputs that can be squeezed to a vector are added as a bias is."""
    return standing_before(layer, _VectorsAsBiases)


def adds_vectors_aside(layer):
    """Say whether a built Add may add an input along another axis than its own.

    One whose sample is one number has as many as there are samples, which may be any.
    """
    if layer.input_shape is None:
        return False
    rank, shapes = len(layer.output_shape), layer.input_shape
    aligned = [(*(1,) * (rank - len(shape)), *shape) for shape in shapes]
    for place in range(1, len(aligned)):
        above = np.broadcast_shapes(*aligned[:place])
        if max(aligned[place]) == 1 < max(above) or _is_aside((1, *aligned[place]), (2, *above)):
            return True
    return False


def bias_as_a_vector(layer):
    """Return an EinsumDense whose bias, where it can be squeezed to a vector, is added as one."""
    return standing_before(layer, _BiasAsAVector)


def has_its_bias_aside(layer):
    """Say whether a built EinsumDense adds its bias along another axis than its own."""
    if layer.input_shape is None or not layer.bias_axes:
        return False
    beside = (*(1,) * (len(layer.letters[2]) - len(layer.bias_shape)), *layer.bias_shape)
    return _is_aside(beside, (2, *layer.output_shape))


def _along(shape, above):
    """Return along which axis keras.ops.add adds what has a shape to what has another, or None.

    It is given to tf.nn.bias_add where it can be squeezed to a vector, which is as long as the
    last axis, or as the one behind the batch.
    """
    sizes = [size for size in shape if size > 1]
    if len(sizes) != 1 or len(above) < 2 or sizes[0] not in (above[1], above[-1]):
        return None
    return len(above) - 1 if above[-1] == sizes[0] else 1


def _is_aside(shape, above):
    along = _along(shape, above)
    return along is not None and shape[along] == 1


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


class _VectorsAsBiases:
    def aligned(self, x):
        first, *others = super().aligned(x)
        axes, found = len(self.output_shape) + 1, [first]
        for each in others:
            lead = each.ndim - axes
            shape = each.shape[lead:]
            above = np.broadcast_shapes(*(other.shape[lead:] for other in found))
            along = _along(shape, above)
            if along is not None:
                vector = [1] * axes
                vector[along] = max(shape)
                each = each.reshape(*each.shape[:lead], *vector)
            found.append(each)
        return tuple(found)

    def back_to_inputs(self, x, gradients):
        lead, each = x[0].ndim - len(self.output_shape) - 1, zip(x, gradients, self.input_shape)
        return tuple(
            self.back_to(a, g).reshape(*a.shape[:lead], -1, *shape) for a, g, shape in each
        )


class _BiasAsAVector:
    def _beside(self, shape):
        shape = super()._beside(shape)
        along = _along(shape, (2, *self.output_shape))
        if along is None:
            return shape
        return tuple(max(shape) if axis == along else 1 for axis in range(len(shape)))


class _LastOutputZero:
    def kept_outputs(self, counts):
        return counts if self.zero_output_for_mask else super().kept_outputs(counts)


class _MaskInOtherOrder:
    def next_mask(self, x, mask):
        return mask if self.return_sequences else None
