"""Balls of images seen through a transform, whose places are computed in float32 (L22)."""

from itertools import product

import numpy as np

from equivalence.arithmetic.precisions import precision_of
from equivalence.arithmetic.rounding import RoundingArray
from equivalence.arithmetic.two_floats import narrowed
from refimpl.ops import projections as plain

# A numerator of two products and three terms, the denominator, the quotient, and what puts a
# place back into the image round so often.
ROUNDINGS = 8
UNIT = precision_of("float32").unit


def image_projective_transform(
    images, transforms, output_shape, fill_value, *, interpolation, fill_mode
):
    """Each place is one of a small box, over which an image is read at the ends and the kinks."""
    exact = [narrowed(transforms.mid), narrowed(transforms.rad)]
    exact, rad = (np.asarray(part, np.float64) for part in exact)
    if rad.any():
        raise NotImplementedError("a transform that is not known")
    y, x = plain._places(exact, output_shape)
    apart = _apart(exact, y, x, images.shape, output_shape)
    if not isinstance(images, RoundingArray):
        images = transforms.lift(images)

    def weigh(weights):
        ball = images.model.array(weights)
        return ball.bounded(ball.mid, np.where(np.isin(weights, (0, 1)), 0, UNIT) + ball.rad)

    found = None
    for at_y, at_x in product(_ends(y, apart[0]), _ends(x, apart[1])):
        one = plain._sampled(images, at_y, at_x, fill_value, interpolation, fill_mode, weigh)
        found = one if found is None else found._or(one)
    open_box = ~(np.maximum(*apart) < 0.5)[..., None] & np.ones(found.shape, bool)
    if open_box.any():
        images.model.note("a place that may be anywhere")
    return found.bounded(found.mid, np.where(open_box, np.inf, found.rad))


def _ends(at, apart):
    """Return the ends of what a place may be, and the whole number between them if one is."""
    low, high = at - apart, at + apart
    return low, high, np.clip(np.rint(at), low, high)


def _apart(transforms, y, x, shape, output_shape):
    """Return how far float32's places may be from exact ones, along both axes."""
    a, b, c, d, e, f, g, h = np.moveaxis(transforms, -1, 0)[..., None, None]
    height, width = (int(n) for n in output_shape)
    row, column = np.arange(height)[:, None], np.arange(width)
    k = g * column + h * row + 1
    size = abs(g) * column + abs(h) * row + 1
    with np.errstate(all="ignore"):
        least = np.maximum(np.abs(k) - ROUNDINGS * UNIT * size, 0)
        of_y = abs(d) * column + abs(e) * row + abs(f) + np.abs(y) * size
        of_x = abs(a) * column + abs(b) * row + abs(c) + np.abs(x) * size
        return tuple(
            ROUNDINGS * UNIT * (terms_of / least + np.abs(at) + 2 * edge)
            for terms_of, at, edge in ((of_y, y, shape[1]), (of_x, x, shape[2]))
        )
