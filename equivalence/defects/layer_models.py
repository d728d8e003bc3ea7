"""Models of upstream defects of layers: from a layer of ``refimpl`` to one with the defect."""

from dataclasses import fields


def zeros_in_other_order(layer):
    """Return a recurrent layer that, unrolled, puts the zeros where the sequence was masked.

    With go_backwards its outputs are in the other order.
    """
    return _with(layer, _ZerosInOtherOrder)


def last_output_zero(layer):
    """Return a recurrent layer whose last output is 0 where the last time step is masked."""
    return _with(layer, _LastOutputZero)


def mask_in_other_order(layer):
    """Return a recurrent layer whose reversed outputs have the mask of its inputs."""
    return _with(layer, _MaskInOtherOrder)


class _ZerosInOtherOrder:
    def kept_outputs(self, counts):
        kept = super().kept_outputs(counts)
        sequence = self.unroll and self.return_sequences
        return kept[::-1] if sequence and self.go_backwards else kept


class _LastOutputZero:
    def kept_outputs(self, counts):
        return counts if self.zero_output_for_mask else super().kept_outputs(counts)


class _MaskInOtherOrder:
    def next_mask(self, x, mask):
        return mask if self.return_sequences else None


def _with(layer, model):
    kind = type(type(layer).__name__, (model, type(layer)), {})
    return kind(**{field.name: getattr(layer, field.name) for field in fields(layer)})
