"""Numbers divided by what their neighbours are (Krizhevsky and others 2012)."""

import numpy as np


def lrn(input, *, depth_radius, bias, alpha, beta):
    """x (bias + alpha s)^-beta; s sums the squares of so many channels on each side."""
    return input * _inverse_power(_inner(input, depth_radius, bias, alpha), beta)  # (1)


def lrn_grad(input_grads, input_image, output_image, *, depth_radius, bias, alpha, beta):
    """Each channel flows back to its neighbours by -2 alpha beta x y / (bias + alpha s)."""
    inner = _inner(input_image, depth_radius, bias, alpha)
    around = -2 * alpha * beta * output_image
    flows, around = (_spread(part, depth_radius, 0) for part in (input_grads, around))
    terms = input_image[..., None] * around / _spread(inner, depth_radius, 1)  # (2)
    here = np.arange(2 * depth_radius + 1) == depth_radius
    own = np.power(inner, -beta)[..., None]
    terms = terms + np.where(here, own, np.zeros_like(own))  # (3)
    return np.sum(terms * flows, axis=-1)  # (4)


def _inner(x, depth_radius, bias, alpha):
    total = np.sum(_spread(np.square(x), depth_radius, 0), axis=-1)
    return bias + alpha * total


def _inverse_power(inner, beta):
    """inner^-beta, as the kernel has it."""
    if beta == 1:
        return np.reciprocal(inner)
    if beta == 0.5:
        return 1 / np.sqrt(inner)
    return np.exp(-beta * np.log(inner))


def _spread(x, radius, beyond):
    """Return (..., channels, 2 radius + 1): each channel with its neighbours.

    beyond: what those are that there are none of.
    """
    ends = [(0, 0)] * (x.ndim - 1) + [(radius, radius)]
    padded = np.pad(x, ends, constant_values=beyond)
    channels = x.shape[-1]
    return np.stack([padded[..., k : k + channels] for k in range(2 * radius + 1)], axis=-1)
