"""The error parabola E(p), the points that a descent walks through, and p step by step."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import QUIET, SIDES
from equivalence.pictures.words import where

AT = -2.0  # where the texts' parabola has its minimum
WIDE = 4.0  # how far the curve is drawn to either side, at least


def fits(pair):
    point = isinstance(pair.network(trees.reference()), trees.reference().Point)
    return point and np.unique(pair.data()[1]).tolist() == [AT]


def make(maker, name):
    return maker.run(name)


def draw(run):
    paper = on.figure(9, 4.3)
    left, right = paper.subplots(1, 2, width_ratios=(3, 2))
    walk(left, run)
    left.set(xlabel="p", ylabel="E(p) = ½ (p + 2)²")
    left.legend(loc="upper center")
    for side, course in run.sides.items():
        _, line, mark = SIDES[side]
        p = course.weights["p"].ravel()
        right.plot(np.arange(len(p)), p, **{**line, **mark, "linestyle": line.get("linestyle")})
    right.axhline(AT, color=QUIET, linewidth=1, linestyle=":")
    right.set(xlabel="step", ylabel="p")
    on.title(paper, "Down the error parabola, point by point", where(run))
    return paper


def walk(axes, run):
    """Draw the parabola, and on it the points where p was before and after every step."""
    reached = np.concatenate([c.weights["p"].ravel() for c in run.sides.values()])
    reached = reached[np.isfinite(reached)]
    wide = max(WIDE, 1.08 * float(np.abs(reached - AT).max()))
    p = np.linspace(AT - wide, AT + wide, 400)
    axes.plot(p, error(p), color=QUIET, linewidth=1.2, zorder=1)
    for side, course in run.sides.items():
        name, _, mark = SIDES[side]
        p = course.weights["p"].ravel()
        axes.plot(p, error(p), label=name, **mark)
    first = run.any.weights["p"].ravel()[0]
    inside = 1 if first < AT else -1
    axes.annotate(
        "start",
        (first, error(first)),
        (11 * inside, 0),
        textcoords="offset points",
        ha="left" if inside > 0 else "right",
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8},
        zorder=6,
    )


def error(p):
    """Return E(p) of the texts' example (seed 001, 421)."""
    return 0.5 * (p - AT) ** 2
