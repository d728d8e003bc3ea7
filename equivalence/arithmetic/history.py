"""What a ball remembers of how it was made, where a compiler may rewrite that.

A rewrite takes an operation together with the ones before it: a matmul and an addition,
a chain of additions or of products, a division by a square root.  The ball of the earlier
operation carries what the later one needs to hold both ways of computing.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from equivalence.arithmetic.two_floats import size_of


@dataclass(frozen=True)
class Product:
    """What a matmul or a sum leaves for an addition to it: |a| |b| and the carried radius.

    terms: how many are not 0, of each element.
    joined: whether an addend is among its terms already.
    """

    terms: np.ndarray | int
    magnitude: np.ndarray
    carried: np.ndarray
    joined: bool = False

    def around(self, moved):
        """Return the same of a ball whose midpoint has been moved so far."""
        return replace(self, carried=self.carried + moved)

    def moved(self, move):
        """Return the same of a ball in another shape."""
        terms = np.broadcast_to(self.terms, np.shape(self.magnitude))
        return Product(move(terms), move(self.magnitude), move(self.carried), self.joined)


def together(products, join):
    """Return what sums that are joined to one array leave."""
    terms = [np.broadcast_to(each.terms, np.shape(each.magnitude)) for each in products]
    magnitude, carried = (
        join([getattr(product, name) for product in products]) for name in ("magnitude", "carried")
    )
    return Product(join(terms), magnitude, carried)


def as_product(ball):
    """Return an addend as the Product that it is, or that its terms are."""
    if ball.product:
        return ball.product
    if ball.terms:
        count = np.maximum(ball.terms.count, 1)
        moved = size_of(ball.mid - ball.terms.mid)
        return Product(count, ball.terms.magnitude, ball.terms.carried).around(moved)
    return Product(1, ball.outer, ball.rad)


class Chain:
    """Terms of a sum, or factors of a product: one, two chains in one, or a chain moved."""

    def __add__(self, other):
        return Terms(self, other)

    def __mul__(self, other):
        return Factors(self, other)

    def moved(self, move):
        return Moved(self, move)


@dataclass(frozen=True)
class Term(Chain):
    """A ball as the only term of a sum, or taken away."""

    ball: Any
    sign: int = 1
    most = 1

    @property
    def constant(self):
        return self.ball._is_constant()

    @cached_property
    def count(self):
        return (~self.ball._zero).astype(int)

    @property
    def magnitude(self):
        return self.ball.outer

    @property
    def carried(self):
        return self.ball.rad

    @property
    def mid(self):
        return self.sign * self.ball.mid

    def __neg__(self):
        return Term(self.ball, -self.sign)


@dataclass(frozen=True)
class Terms(Chain):
    """The terms of a chain of additions, which is two such chains, or terms, in a sum.

    Nothing is summed before it is asked for: most sums have two terms, in one order.

    most: how many terms there are, 0s among them.
    constant: whether one of them may be a constant to a compiler.
    count: how many are not 0.
    magnitude, carried: the sums of |t| and of the radii.
    mid: the sum of their midpoints, from which a partial sum's midpoint may have been moved.
    """

    left: Any
    right: Any

    @cached_property
    def most(self):
        return self.left.most + self.right.most

    @cached_property
    def constant(self):
        return self.left.constant or self.right.constant

    @cached_property
    def count(self):
        return self.left.count + self.right.count

    @cached_property
    def magnitude(self):
        return self.left.magnitude + self.right.magnitude

    @cached_property
    def carried(self):
        return self.left.carried + self.right.carried

    @cached_property
    def mid(self):
        return self.left.mid + self.right.mid

    def __neg__(self):
        return Terms(-self.left, -self.right)


@dataclass(frozen=True)
class Factor(Chain):
    """A ball as the only factor of a product, or its inverse."""

    ball: Any
    inverted: bool = False
    count = 1
    exact = 0

    @property
    def constant(self):
        return self.ball._is_constant()

    @property
    def largest(self):
        with np.errstate(divide="ignore"):
            bound = 1 / self.ball.inner if self.inverted else self.ball.outer
        return np.maximum(bound, 1)

    @property
    def smallest(self):
        if self.inverted:
            with np.errstate(divide="ignore"):
                return np.minimum(1 / self.ball.outer, 1)
        return np.where(self.ball._zero, 1, np.minimum(self.ball.inner, 1))


@dataclass(frozen=True)
class Factors(Chain):
    """The factors of a chain of products: two chains, or factors, and what their product adds.

    As with ``Terms``, nothing is computed before it is asked for.

    more: where the product of the two was exact, and not by a power of 2.
    count: how many factors there are.
    constant: whether one is a constant to a compiler.
    largest, smallest: bounds of the products of any of them.
    exact: how many of the chain's products were exact, and not by a power of 2: in another
        order a product may round instead.
    """

    left: Any
    right: Any
    more: np.ndarray | int = 0

    @cached_property
    def count(self):
        return self.left.count + self.right.count

    @cached_property
    def constant(self):
        return self.left.constant or self.right.constant

    @cached_property
    def largest(self):
        return self.left.largest * self.right.largest

    @cached_property
    def smallest(self):
        return self.left.smallest * self.right.smallest

    @cached_property
    def exact(self):
        return self.left.exact + self.right.exact + self.more


@dataclass(frozen=True)
class Moved(Chain):
    """A chain of terms or factors whose ball was given another shape.

    Its arrays are moved when they are asked for: only then do they have the whole shape.
    """

    chain: Any
    move: Any

    def _moved(self, array):
        return self.move(array) if np.ndim(array) else array

    @property
    def most(self):
        return self.chain.most

    @property
    def constant(self):
        return self.chain.constant

    @property
    def count(self):
        return self._moved(self.chain.count)

    @property
    def magnitude(self):
        return self._moved(self.chain.magnitude)

    @property
    def carried(self):
        return self._moved(self.chain.carried)

    @property
    def mid(self):
        return self._moved(self.chain.mid)

    @property
    def largest(self):
        return self._moved(self.chain.largest)

    @property
    def smallest(self):
        return self._moved(self.chain.smallest)

    @property
    def exact(self):
        return self._moved(self.chain.exact)

    def __neg__(self):
        return Moved(-self.chain, self.move)


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
