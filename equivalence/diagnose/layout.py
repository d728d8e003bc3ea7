"""Which of somebody's arrays is which weight, and how its axes lie.

An array fits a weight if its axes, without those of length 1, are the weight's in some order.
Where several orders fit, as of a square kernel, the values decide if the start is one and the
same on both sides; otherwise the first fits: as it is, then reversed, then the others.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from equivalence.errors import BadInput

SMALLEST_SAME = 1e-6  # relative: a start that was written down in float32 is one and the same


@dataclass(frozen=True)
class Place:
    """Where one weight lies among the arrays: its position, its axes, the two shapes.

    order: of the array's axes but those of length 1; parts: of the last axis's equal parts.
    """

    position: int
    order: tuple
    theirs: tuple
    ours: tuple
    parts: tuple = ()

    def read(self, array):
        """Return the array in the weight's shape."""
        found = np.squeeze(np.asarray(array)).transpose(self.order).reshape(self.ours)
        return _in_parts(found, self.parts)

    def write(self, weight):
        """Return the weight in the array's shape."""
        back = _in_parts(np.asarray(weight), tuple(np.argsort(self.parts)))
        squeezed = tuple(n for n in self.theirs if n != 1)
        shape = [squeezed[k] for k in self.order]
        return back.reshape(shape).transpose(np.argsort(self.order)).reshape(self.theirs)

    def words(self, name):
        """Say how the array lies where it is not as the weight is, or return ""."""
        if self.parts:
            return f"{name}: the gates in the order {', '.join(str(k + 1) for k in self.parts)}"
        if self.order != tuple(range(len(self.order))):
            kind = "transposed" if len(self.order) == 2 else f"axes {self.order}"
            return f"{name} {kind}: {self.theirs} for {self.ours}"
        if tuple(self.theirs) != tuple(self.ours):
            return f"{name}: {self.theirs} for {self.ours}"
        return ""


def _in_parts(array, parts):
    if not parts:
        return array
    each = np.split(array, len(parts), axis=-1)
    return np.concatenate([each[k] for k in parts], axis=-1)


def orders(theirs, ours):
    """Yield the orders of axes in which an array of one shape is of another."""
    a, b = (tuple(n for n in shape if n != 1) for shape in (theirs, ours))
    if len(a) == len(b):
        known = [tuple(range(len(a))), tuple(reversed(range(len(a))))]
        for order in dict.fromkeys([*known, *permutations(range(len(a)))]):
            if tuple(a[k] for k in order) == b:
                yield order
    elif int(np.prod(a, dtype=int)) == int(np.prod(b, dtype=int)) and 1 in (len(a), len(b)):
        yield tuple(range(len(a)))  # one of the two is flat


def match(arrays, names, shapes, values=None, gates=1):
    """Return the Place of each weight; raise BadInput where an array fits none.

    arrays: in any order if the values say which is which, else in that of the weights.
    values: the weights that the arrays should hold; None where nobody knows.
    gates: of how many parts the last axis of a weight may be, in any order.
    """
    shown = ", ".join(str(np.shape(a)) for a in arrays)
    wanted = ", ".join(f"{n} {tuple(s)}" for n, s in zip(names, shapes))
    if len(arrays) != len(names):
        raise BadInput(
            f"yours has {_count(arrays)} of the shapes {shown}; Keras has {_count(names)}: {wanted}"
        )
    found, free = [], list(range(len(arrays)))
    for k, (name, shape) in enumerate(zip(names, shapes)):
        place = None
        if values is not None:
            place = _by_value(arrays, free, values[k], shape, gates)
        if place is None:
            place = next(
                (
                    Place(p, order, np.shape(arrays[p]), tuple(shape))
                    for p in ([k] if k in free else []) + free
                    for order in orders(np.shape(arrays[p]), shape)
                ),
                None,
            )
        if place is None:
            raise BadInput(f"none of yours is like {name} {tuple(shape)}: yours are {shown}")
        free.remove(place.position)
        found.append(place)
    return found


def _count(things):
    return f"{len(things)} array{'s' * (len(things) != 1)}"


def _by_value(arrays, free, value, shape, gates):
    """Return the Place of the array that holds these numbers, or None."""
    size = max(float(np.max(np.abs(value), initial=0)), 1e-300)
    several = [(), *permutations(range(gates))][: 1 + 24] if gates > 1 else [()]
    for position in free:
        theirs = np.shape(arrays[position])
        for order in orders(theirs, shape):
            for parts in several:
                whole = () if parts == tuple(range(len(parts))) else parts
                place = Place(position, order, theirs, tuple(shape), whole)
                off = np.max(np.abs(place.read(arrays[position]) - value.reshape(shape)), initial=0)
                if off <= SMALLEST_SAME * size:
                    return place
    return None


def words(places, names):
    """Say what was matched, in a sentence, or return ""."""
    found = [w for place, name in zip(places, names) if (w := place.words(name))]
    if [p.position for p in places] != list(range(len(places))):
        found.append(f"in the order {', '.join(names[p.position] for p in places)}")
    return f"matched {'; '.join(found)}" if found else ""
