"""What a ball remembers of how it was made, where a compiler may rewrite that.

A rewrite takes an operation together with the ones before it: a matmul and an addition,
a chain of additions or of products, a division by a square root.  The ball of the earlier
operation carries what the later one needs to hold both ways of computing.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Product:
    """What a matmul leaves for an addition to it: its length, |a| |b|, carried radius.

    joined: whether an addend is among its terms already.
    """

    terms: int
    magnitude: np.ndarray
    carried: np.ndarray
    joined: bool = False


def as_product(ball):
    """Return an addend as the Product that it is, or that its terms are."""
    if ball.product:
        return ball.product
    if ball.terms:
        count = max(1, int(ball.terms.count.max(initial=1)))
        return Product(count, ball.terms.magnitude, ball.terms.carried)
    return Product(1, ball.outer, ball.rad)


@dataclass(frozen=True)
class Terms:
    """The terms of a chain of additions: how many are not 0, sums of |t| and of radii.

    constant: whether one of them may be a constant to a compiler.
    mid: the sum of their midpoints, from which a partial sum's midpoint may have been moved.
    """

    count: np.ndarray
    magnitude: np.ndarray
    carried: np.ndarray
    constant: bool
    mid: np.ndarray

    def __add__(self, other):
        return Terms(
            self.count + other.count,
            self.magnitude + other.magnitude,
            self.carried + other.carried,
            self.constant or other.constant,
            self.mid + other.mid,
        )

    def __neg__(self):
        return replace(self, mid=-self.mid)

    def moved(self, move):
        arrays = (move(array) for array in (self.count, self.magnitude, self.carried))
        return Terms(*arrays, self.constant, move(self.mid))


@dataclass(frozen=True)
class Factors:
    """The factors of a chain of products: how many, and whether one is a constant.

    largest, smallest: bounds of the products of any of them.
    exact: how many of the chain's products were exact, and not by a power of 2: in another
        order a product may round instead.
    """

    count: int
    constant: bool
    largest: np.ndarray
    smallest: np.ndarray
    exact: np.ndarray | int = 0

    def __mul__(self, other):
        return Factors(
            self.count + other.count,
            self.constant or other.constant,
            self.largest * other.largest,
            self.smallest * other.smallest,
            self.exact + other.exact,
        )

    def moved(self, move):
        arrays = (self.largest, self.smallest, self.exact)
        return Factors(self.count, self.constant, *(move(a) if np.ndim(a) else a for a in arrays))


@dataclass(frozen=True)
class Origin:
    """The operation that made a ball, where a compiler may rewrite it with the next one.

    name: "sqrt", "power", "exp" of x, "divide" of numerator and divisor, "add 1" to x.
    operands: balls, all of the result's shape.
    """

    name: str
    operands: tuple[Any, ...] = ()

    def moved(self, move):
        return Origin(self.name, tuple(x._moved(move) for x in self.operands))
