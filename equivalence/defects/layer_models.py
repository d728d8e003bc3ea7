"""Models of upstream defects of layers: from a layer of ``refimpl`` to one with the defect."""

from dataclasses import replace

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


class _LastOutputZero:
    def kept_outputs(self, counts):
        return counts if self.zero_output_for_mask else super().kept_outputs(counts)


class _MaskInOtherOrder:
    def next_mask(self, x, mask):
        return mask if self.return_sequences else None
