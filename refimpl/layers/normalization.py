"""What batch, layer and group normalization share: moments, scale and shift."""

from dataclasses import dataclass
from math import prod

import numpy as np

from refimpl.functions import total
from refimpl.layers.layer import Layer


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

    def moments(self, x):
        """Return mean and variance, with axes of size 1 where they were taken."""
        n = prod(x.shape[axis] for axis in self.over)
        mean = np.sum(x, axis=self.over, keepdims=True) / n  # (1)
        square = np.square(x - mean)  # (2)
        return mean, np.sum(square, axis=self.over, keepdims=True) / n  # (3)

    def normalize(self, weights, x, mean, variance):
        """Return y, and what the way back needs."""
        gamma, beta = self.gamma_and_beta(weights)
        r = np.reciprocal(np.sqrt(variance + self.epsilon))  # (4)
        inv = r * gamma if self.scale else r  # (5)
        shift = -mean * inv  # (6)
        shift = shift + beta if self.center else shift  # (7)
        return x * inv + shift, (x, mean, r, inv)  # (8)

    def normalize_back(self, weights, kept, yb, of_x=True):
        """Return the gradient of x, and a tuple of those of the weights.

        of_x: whether mean and variance are those of x, so that they hand gradients on.
        """
        x, mean, r, inv = kept
        gamma, beta = self.gamma_and_beta(weights)
        product = mean * inv
        shiftb = _summed(yb, product + beta if self.center else product)  # (9)
        productb = -_summed(shiftb, product)  # (10)
        invb = _summed(yb * x, inv) + _summed(productb * mean, inv)  # (11)
        gammab = (_summed(invb * r, gamma),) if self.scale else ()  # (12)
        betab = (_summed(shiftb, beta),) if self.center else ()  # (13)
        lead = x.shape[: -len(self.spread)]
        each = zip((*gammab, *betab), self.weight_shapes)
        gradients = tuple(b.reshape(*lead, *shape) for b, shape in each)
        if not of_x:
            return yb * inv, gradients  # (14)
        n = prod(x.shape[axis] for axis in self.over)
        rb = _summed(invb * gamma, r) if self.scale else invb  # (15)
        varianceb = -0.5 * rb * (r * r * r)  # (16)
        meanb = _summed(productb * inv, mean)  # (17)
        by_variance = 2 * (varianceb / n) * (x - mean)  # (18)
        by_mean = np.broadcast_to(meanb / n, x.shape)  # (19)
        return total(yb * inv, [by_variance, by_mean]), gradients  # (20)


def _summed(gradient, like):
    """Return a gradient summed over the axes along which ``like`` was broadcast."""
    axes = [k for k in range(-like.ndim, 0) if like.shape[k] < gradient.shape[k]]
    return np.sum(gradient, axis=tuple(axes), keepdims=True) if axes else gradient
