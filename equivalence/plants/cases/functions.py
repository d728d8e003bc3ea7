"""Functions of the trees that no training step calls: what they are tried on.

Each row gives its arguments as arrays, and takes the module that has the function and what
makes tensors, or balls, of an array.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import numpy as np

from equivalence.judge.certificate import rounding_model


@dataclass(frozen=True)
class Case:
    """One function: the file that has it, and its call on lifted arrays."""

    name: str
    file: str
    call: Callable

    def values(self, tree, lift):
        """Return the results of the call, a tuple."""
        module = self.file.removesuffix(".py").replace("/", ".")
        return self.call(import_module(f"{tree}.{module}"), lift)


def _points(lift):
    rng = np.random.default_rng(2)
    return lift(rng.normal(size=(2, 3, 7))), lift(rng.normal(size=(2, 3, 7)))


CASES: tuple[Case, ...] = (
    Case(
        "least squares", "regression.py", lambda module, lift: module.least_squares(*_points(lift))
    ),
    Case(
        "left inverse",
        "regression.py",
        lambda module, lift: tuple(
            module.left_inverse(lift(np.random.default_rng(3).normal(size=(*lead, 5, 2))))
            for lead in ((3,), (2, 3))
        ),
    ),
)


def _two_nets(name, file):
    """Return the case of a hinge loss of two nets: one has signs, one labels of 0 and 1."""

    def call(module, lift):
        rng = np.random.default_rng(4)
        labels = rng.integers(0, 2, (4, 3)).astype(float)
        O, T = lift(rng.normal(size=(2, 4, 3))), lift(np.stack([2 * labels - 1, labels]))
        loss = getattr(module, name)()
        return loss.forward(O, T), loss.backward(O, T)

    return Case(f"{name} of two nets", file, call)


def _worlds(module, lift):
    """Every action in every place of two worlds, and where an episode begins."""
    found = []
    for rows, columns in ((3, 4), (4, 3)):
        world = module.GridWorld(rows, columns)
        places = np.array(
            [(r, c, a) for r in range(rows) for c in range(columns) for a in range(4)]
        )
        place = lift(places[:, None, :2].astype(float))
        found += [*world.step(place, lift(places[:, None, 2:].astype(float))), world.start(place)]
    return found


CASES += (
    Case("every action in every place", "networks/grid_world.py", _worlds),
    _two_nets("Hinge", "losses/hinge.py"),
    _two_nets("SquaredHinge", "losses/squared_hinge.py"),
)
BY_NAME = {case.name: case for case in CASES}


def reference(case):
    return case.values("refimpl", np.asarray)


@cache
def balls(case):
    """Return the balls of a function's results in float64."""
    return case.values("refimpl", rounding_model("float64", "eager").array)


# ------------------------------------------------------------------------- refusals

NAN, INFINITY = float("nan"), float("inf")
A, B = np.zeros((2, 3)), np.zeros((3, 2))
# a function of ``refimpl.checks``, what it must take, what it must refuse
# fmt: off
REFUSALS = (
    ("positive", [("x", 1e-300), ("x", 3), ("x", None)], [("x", 0), ("x", -1), ("x", INFINITY), ("x", NAN)]),
    ("not_negative", [("x", 0), ("x", 2.5), ("x", None)], [("x", -1e-300), ("x", INFINITY), ("x", NAN)]),
    ("fraction", [("x", 0), ("x", 0.999), ("x", None)], [("x", 1), ("x", 1.5), ("x", -1e-9)]),
    ("not_positive", [("x", 0), ("x", -2)], [("x", 1e-300), ("x", -INFINITY), ("x", NAN)]),
    ("positive_fraction", [("x", 1), ("x", 1e-300)], [("x", 0), ("x", 1.5), ("x", -0.5)]),
    ("fraction_or_one", [("x", 0), ("x", 1), ("x", 0.5)], [("x", 1.5), ("x", -1e-9), ("x", 2)]),
    ("axis_of_a_matrix", [(-2,), (-1,)], [(0,), (-3,), (1,), (2,)]),
    ("at_least", [(1, "x", None), (1, "x", 1), (2, "x", 3)], [(1, "x", 0), (2, "x", 1), (1, "x", 1.5)]),
    ("at_most_one", [({"a": None, "b": 1},), ({"a": None},)], [({"a": 1, "b": 1},), ({"a": 1, "b": 2, "c": 3},)]),
    ("rate", [("x", 0.1), ("x", A)], [("x", True), ("x", "a"), ("x", None), ("x", 0), ("x", -1)]),
    ("same_shapes", [([A, B], [A, B]), ([A], [np.zeros((4, 2, 3))])], [([A], []), ([A, B], [A, A]), ([A], [np.zeros((2, 4))]), ([A], [np.zeros((4, 3))])]),
    ("one_or_above", [("x", 1), ("x", 7.5), ("x", None)], [("x", 0.999), ("x", INFINITY), ("x", NAN), ("x", 0)]),
    ("switch", [("x", True), ("x", False)], [("x", None), ("x", 1), ("x", 0)]),
    ("increasing", [("x", (1, 2)), ("x", (-1, 0, 5))], [("x", (1, 1)), ("x", (2, 1)), ("x", (1, 2, 2))]),
    ("one_more", [("x", (1, 2), "y", (1,)), ("x", (1, 2, 3), "y", (1, 2))], [("x", (1,), "y", ()), ("x", (1,), "y", (1,)), ("x", (1, 2, 3), "y", (1,)), ("x", (1, 2), "y", (1, 2))]),
)
# fmt: on


def unexpected_refusals():
    """Return in words each call of a check that takes what it must refuse, or the reverse."""
    checks = import_module("refimpl.checks")
    return [
        f"{name}{arguments} is {'not ' if refused else ''}refused"
        for name, taken, not_taken in REFUSALS
        for refused, rows in ((False, taken), (True, not_taken))
        for arguments in rows
        if _is_refused(getattr(checks, name), arguments) != refused
    ]


def _is_refused(check, arguments):
    try:
        check(*arguments)
    except ValueError:
        return True
    return False
