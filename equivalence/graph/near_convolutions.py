"""Convolutions of float32 numbers as sums of products that ``near`` holds, tap by tap.

Each kind says what its two factors are, along which axes the terms of a sum lie that every tap
has, and how the taps are put together; each ends in a matrix product (``convolutions``).
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from equivalence.graph.convolutions import counts_along, may_be_whole, taps_of
from equivalence.graph.near_sums import LARGE, Sums, cannot_overflow
from equivalence.graph.to_the_bit import SAMPLE


class _Convolution:
    """A kind; ``sums`` gives the Sums of its operands, ``part`` a part of these and the result."""

    def is_near(self, operands, value, attributes, model):
        if not self._answers_for(operands, attributes):
            return False
        for images in self.blocks(operands, value):
            some, result = self.part(operands, value, images, slice(None))
            sums = self.sums(some, attributes)
            if not cannot_overflow(sums.x, sums.y, sums.n, model):
                return False
            if not sums.is_near(result, model):
                return False
        return True

    def measure(self, operands, value, attributes, model, largest):
        every = max(value.size // SAMPLE, 1)
        first = min(max(int(every**0.5), 1), value.shape[self.first])
        last = min(-(-every // first), value.shape[self.last])
        cut = (slice(step // 2, None, step) for step in (first, last))
        some, result = self.part(operands, value, *cut)
        return self.sums(some, attributes).measure(result, model, largest)

    def blocks(self, operands, value):
        """Return which images are held at once."""
        most = max(value.size, *(np.size(each) for each in self.of_images(operands)))
        some = max(LARGE * len(value) // max(most, 1), 1)
        return [slice(start, start + some) for start in range(0, len(value), some)]

    def _answers_for(self, operands, attributes):
        x, y, filter, channels = self.factors(operands)
        floats = all(isinstance(a, np.ndarray) and a.dtype == np.float32 and a.size for a in (x, y))
        plain = attributes["padding"] != "EXPLICIT" and filter[2] == channels
        return floats and plain and not self.may_be_whole(y)


@dataclass(frozen=True)
class _Forward(_Convolution):
    first, last = 0, 3

    def factors(self, operands):
        x, filter = operands
        return x, filter, filter.shape, x.shape[-1]

    def of_images(self, operands):
        return operands[:1]

    def may_be_whole(self, filter):
        return may_be_whole(filter.reshape(-1, filter.shape[-1]), 0)

    def part(self, operands, value, images, channels):
        x, filter = operands
        return (x[images], filter[..., channels]), value[images, ..., channels]

    def sums(self, operands, attributes):
        x, filter = operands
        over, taps = taps_of(x.shape, filter.shape, attributes)
        places = len(x), *over.counts

        def gather(x, filter):
            flat = lambda x, f: x.reshape(-1, x.shape[-1]) @ f
            parts = ((made, flat(x[seen], filter[tap])) for tap, made, seen in taps)
            return _added((*places, filter.shape[-1]), x.dtype, parts)

        def terms():
            rows, of_x = np.zeros((*places, 1), np.intp), counts_along(x, (3,))
            for _, made, seen in taps:
                rows[made] += of_x[seen]
            return np.minimum(rows, _varying(counts_along(filter, (0, 1, 2))))

        return Sums(x, filter, (3, 2), prod(filter.shape[:3]), gather, terms)


@dataclass(frozen=True)
class _BackpropInput(_Convolution):
    first, last = 0, 3

    def factors(self, operands):
        sizes, filter, flow = operands
        return flow, filter, filter.shape, int(sizes[-1])

    def of_images(self, operands):
        return operands[2:]

    def may_be_whole(self, filter):
        return may_be_whole(np.moveaxis(filter, 2, 0).reshape(filter.shape[2], -1), 1)

    def part(self, operands, value, images, channels):
        sizes, filter, flow = operands
        result = value[images, ..., channels]
        return (result.shape, filter[:, :, channels], flow[images]), result

    def sums(self, operands, attributes):
        sizes, filter, flow = operands
        _, taps = taps_of(sizes, filter.shape, attributes)

        def gather(flow, filter):
            flat = lambda flow, f: flow.reshape(-1, flow.shape[-1]) @ f.T
            parts = ((seen, flat(flow[made], filter[tap])) for tap, made, seen in taps)
            return _added(sizes, flow.dtype, parts)

        def terms():
            rows, of_flow = np.zeros((*sizes[:3], 1), np.intp), counts_along(flow, (3,))
            for _, made, seen in taps:
                rows[seen] += of_flow[made]
            return np.minimum(rows, _varying(counts_along(filter, (0, 1, 3))).reshape(1, 1, 1, -1))

        n = prod(filter.shape[:2]) * filter.shape[-1]
        return Sums(flow, filter, (3, 3), n, gather, terms)


@dataclass(frozen=True)
class _BackpropFilter(_Convolution):
    first, last = 2, 3

    def factors(self, operands):
        x, sizes, flow = operands
        return x, flow, tuple(sizes), x.shape[-1]

    def of_images(self, operands):
        return operands[0], operands[2]

    def blocks(self, operands, value):
        return [slice(None)]  # a sum is over all images

    def may_be_whole(self, flow):
        return may_be_whole(flow.reshape(-1, flow.shape[-1]), 0)

    def part(self, operands, value, inputs, outputs):
        x, _, flow = operands
        result = value[:, :, inputs, outputs]
        return (x[..., inputs], result.shape, flow[..., outputs]), result

    def sums(self, operands, attributes):
        x, sizes, flow = operands
        _, taps = taps_of(x.shape, sizes, attributes)

        def gather(x, flow):
            found = np.zeros(sizes, x.dtype)
            for tap, made, seen in taps:
                a, b = (s.reshape(-1, s.shape[-1]) for s in (x[seen], flow[made]))
                found[tap] = a.T @ b
            return found

        def terms():
            there, rows = None if x.all() else x != 0, np.zeros((*sizes[:3], 1), np.intp)
            for tap, made, seen in taps:
                each = there if there is None else np.count_nonzero(there[seen], axis=(0, 1, 2))
                rows[tap] = flow[made][..., 0].size if each is None else each[:, None]
            return np.minimum(rows, _varying(counts_along(flow, (0, 1, 2))))

        return Sums(x, flow, (0, 0), flow.size // flow.shape[-1], gather, terms)


def _added(shape, dtype, parts):
    """Return the sum of (where, a matrix of what is added there); one that is all as it is."""
    found = None
    for where, part in parts:
        if found is None:
            if part.size == prod(shape):
                found = part.reshape(shape)
                continue
            found = np.zeros(shape, dtype)
        into = found[where]
        into += part.reshape(into.shape)
    return np.zeros(shape, dtype) if found is None else found


def _varying(counts):
    """Return counts, or one number where all are the same."""
    return counts if any(counts.strides) else counts.flat[0]


NEAR_CONVOLUTIONS = {
    "Conv2D": _Forward(),
    "Conv2DBackpropInput": _BackpropInput(),
    "Conv2DBackpropFilter": _BackpropFilter(),
}
