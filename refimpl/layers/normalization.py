"""What batch, layer and group normalization share: moments, scale and shift."""

from dataclasses import dataclass
from math import prod

import numpy as np

from refimpl.functions import total
from refimpl.layers.layer import Layer

SMALL = 1e-7  # keras.config.epsilon(), which keeps a mean of nothing from 0 / 0


@dataclass(frozen=True)
class Normalization(Layer):
    """y = (x - mean) / sqrt(variance + epsilon) gamma + beta, folded into one product:

        mean = E x,  variance = E (x - mean)^2  over the axes ``over``
        r = 1 / sqrt(variance + epsilon),  inv = r gamma
        y = x inv + (beta - mean inv)

    The variance is the biased one, divided by n (Ioffe and Szegedy 2015, Algorithm 1).  The
    folded form is what TensorFlow computes (tf.nn.batch_normalization): where x is far from
    0 it rounds more than the form above, as x inv and mean inv are then both large.

    A subclass has the fields ``epsilon``, ``center`` (there is a beta) and ``scale`` (there
    is a gamma).  It says ``over`` which axes the moments are taken, counted from the last;
    the ``sizes`` of the axes of a weight; and the shape that a weight has when it is
    ``spread`` beside a sample.
    """

    @property
    def weight_names(self):
        return ("gamma",) * self.scale + ("beta",) * self.center

    @property
    def weight_shapes(self):
        *rows, last = self.sizes
        return ((prod(rows), last),) * len(self.weight_names)

    def gamma_and_beta(self, weights):
        """Return gamma and beta in the axes of x, None for what the layer has not."""
        named = zip(self.weight_names, weights)
        found = {name: w.reshape(*w.shape[:-2], *self.spread) for name, w in named}
        return found.get("gamma"), found.get("beta")

    def count(self, x, counts=None):
        """Return of how many numbers a moment is; where some do not count, SMALL more."""
        if counts is None:
            return prod(x.shape[axis] for axis in self.over)
        ones = np.where(counts, np.ones_like(x), 0)
        return np.sum(ones, axis=self.over, keepdims=True) + SMALL  # (1)

    def moments(self, x, counts=None):
        """Return mean and variance, with axes of size 1 where they were taken.

        counts: which places they are of, in the axes of x; None is all.
        """
        n = self.count(x, counts)
        if counts is None:
            mean = np.sum(x, axis=self.over, keepdims=True) / n  # (2)
            square = np.square(x - mean)  # (3)
        else:
            nothing = np.zeros_like(x)
            mean = (
                np.sum(np.where(counts, x, nothing), axis=self.over, keepdims=True) / n
            )  # (4)
            square = np.square(np.where(counts, x - mean, nothing))  # (5)
        return mean, np.sum(square, axis=self.over, keepdims=True) / n  # (6)

    def normalize(self, weights, x, mean, variance, counts=None):
        """Return y, and what the way back needs.

        counts: which places mean and variance are of, in the axes of x; None is all.
        """
        r = np.reciprocal(np.sqrt(variance + self.epsilon))  # (7)
        return self.folded(weights, x, mean, r, counts)

    def folded(self, weights, x, mean, r, counts=None):
        """Return the same of the mean and of one over the root of the variance."""
        gamma, beta = self.gamma_and_beta(weights)
        inv = r * gamma if self.scale else r  # (8)
        shift = -mean * inv  # (9)
        shift = shift + beta if self.center else shift  # (10)
        return x * inv + shift, (x, mean, r, inv, counts)  # (11)

    def normalize_back(self, weights, kept, yb, of_x=True):
        """Return the gradient of x, and a tuple of those of the weights.

        of_x: whether mean and variance are those of x, so that they hand gradients on.
        """
        x, mean, r, inv, counts = kept
        gamma, beta = self.gamma_and_beta(weights)
        product = mean * inv
        shiftb = _summed(yb, product + beta if self.center else product)  # (12)
        productb = -_summed(shiftb, product)  # (13)
        invb = _summed(yb * x, inv) + _summed(productb * mean, inv)  # (14)
        gammab = (_summed(invb * r, gamma),) if self.scale else ()  # (15)
        betab = (_summed(shiftb, beta),) if self.center else ()  # (16)
        lead = x.shape[: -len(self.spread)]
        each = zip((*gammab, *betab), self.weight_shapes)
        gradients = tuple(b.reshape(*lead, *shape) for b, shape in each)
        if not of_x:
            return yb * inv, gradients  # (17)
        rb = _summed(invb * gamma, r) if self.scale else invb  # (18)
        varianceb = -0.5 * rb * (r * r * r)  # (19)
        meanb = _summed(productb * inv, mean)  # (20)
        n = self.count(x, counts)
        if counts is None:
            by_variance = 2 * (varianceb / n) * (x - mean)  # (21)
            by_mean = np.broadcast_to(meanb / n, x.shape)  # (22)
        else:
            nothing = np.zeros_like(x)
            by_variance = np.where(
                counts, 2 * (varianceb / n) * (x - mean), nothing
            )  # (23)
            meanb = meanb - np.sum(by_variance, axis=self.over, keepdims=True)  # (24)
            by_mean = np.where(counts, meanb / n, nothing)  # (25)
        return total(yb * inv, [by_variance, by_mean]), gradients  # (26)


def _summed(gradient, like):
    """Return a gradient summed over the axes along which ``like`` was broadcast."""
    axes = [k for k in range(-like.ndim, 0) if like.shape[k] < gradient.shape[k]]
    return np.sum(gradient, axis=tuple(axes), keepdims=True) if axes else gradient
