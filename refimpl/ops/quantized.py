"""Numbers as few bits have them, and what flows back (Jacob and others 2018)."""

import numpy as np


def fake_quant_args(inputs, *, min, max, num_bits, narrow_range):
    """Between two numbers that are given once."""
    return fake_quant(inputs, min, max, num_bits=num_bits, narrow_range=narrow_range)  # (1)


def fake_quant(inputs, min, max, *, num_bits, narrow_range):
    """The nearest of 2^bits numbers between both ends, of which one is 0.

    min, max: of all numbers, or of each channel.
    """
    return _nearest(inputs, min, max, num_bits, narrow_range)  # (2)


def _nearest(inputs, min, max, num_bits, narrow_range, floor=np.floor, zero=None):
    """Return the nearest of 2^bits numbers.

    floor: of what is in the middle of two; zero: which number 0 is, if that is known.
    """
    nothing, ends = _ends(min, max)
    least, most, scale, zero = _nudged(*ends, num_bits, narrow_range, floor, zero)
    within = np.maximum(np.minimum(inputs, most), least)
    step = floor((within - least) / scale - zero + 0.5)
    return np.where(nothing, np.zeros_like(inputs), step * scale)


def fake_quant_args_grad(gradients, inputs, *, min, max, num_bits, narrow_range):
    options = {"num_bits": num_bits, "narrow_range": narrow_range}
    return fake_quant_grad(gradients, inputs, min, max, **options)[0]  # (3)


def fake_quant_grad(gradients, inputs, min, max, *, num_bits, narrow_range):
    """What flows back to numbers between the ends is theirs, the rest is the ends'."""
    return _back(gradients, inputs, min, max, num_bits, narrow_range)  # (4)


def _back(gradients, inputs, min, max, num_bits, narrow_range, floor=np.floor, zero=None):
    """Return what flows back to the numbers, and to both ends."""
    nothing, ends = _ends(min, max)
    least, most, *_ = _nudged(*ends, num_bits, narrow_range, floor, zero)
    none = np.zeros_like(gradients)
    inside = (inputs >= least) & (inputs <= most)
    back = np.where(nothing, gradients, np.where(inside, gradients, none))
    axes = tuple(range(np.ndim(inputs) - np.ndim(min)))
    sides = (inputs < least, inputs > most)
    of_ends = (np.where(side & ~nothing, gradients, none) for side in sides)
    return (back, *(np.sum(part, axis=axes) for part in of_ends))


def _ends(min, max):
    """Return where both ends are 0, and the ends with 1 for the upper one there."""
    nothing = np.equal(min, 0) & np.equal(max, 0)
    return nothing, (min, np.where(nothing, np.ones_like(max), max))


def _nudged(min, max, num_bits, narrow_range, floor, zero=None):
    """Return both ends moved so that 0 is a number, the step, and which number 0 is.

    Which it is is counted from the lower end.
    """
    low, high = _bounds(num_bits, narrow_range)
    scale = (max - min) / (high - low)
    if zero is None:
        zero = np.clip(floor(low - min / scale + 0.5), low, high)
    return (low - zero) * scale, (high - zero) * scale, scale, zero - low


def _bounds(num_bits, narrow_range):
    """Return the first and the last of the whole numbers that so many bits have."""
    return int(narrow_range), 2**num_bits - 1
