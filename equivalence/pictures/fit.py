"""Points, and the line or curve that was learned through them."""

import numpy as np

from equivalence import trees
from equivalence.pairs import data
from equivalence.pictures import paper as on
from equivalence.pictures.style import QUIET, SIDES
from equivalence.pictures.words import where

POINTS = 200  # at which the curve is computed
# What the numbers are, where the texts say it: x and y.
NAMES = {
    "celsius": ("°C", "°F"),
    "population": ("growth of the population (%)", "share of the elderly (%)"),
}


def fits(pair):
    if pair.group not in ("books", "models"):
        return False
    if isinstance(pair.network(trees.reference()), trees.reference().Point):
        return False  # which has no input
    x, y = (np.asarray(array) for array in pair.data())
    return len(x) > 2 and y.shape[1:] == (1,) and place(pair) is not None


def place(pair):
    """Return which column of the inputs is x, None where the inputs are no function of one."""
    if pair.data is data.parabola_features:
        return 1
    return 0 if np.shape(pair.data()[0])[1:] == (1,) else None


def grid(pair):
    """Return x from a little before the first point to a little behind the last."""
    x = np.asarray(pair.data()[0], float)[:, place(pair)]
    margin = 0.06 * (x.max() - x.min())
    return np.linspace(x.min() - margin, x.max() + margin, POINTS)


def inputs(pair):
    """Return ``grid`` as the network takes it."""
    x = grid(pair)
    if pair.data is data.parabola_features:
        return np.stack([x * x, x], axis=-1)
    return x[:, None]


def make(maker, name):
    return maker.run(name, inputs=inputs)


def draw(run):
    paper = on.figure(7.2, 5)
    axes = paper.subplots()
    x = grid(run.pair)
    points, values = (np.asarray(array, float) for array in run.pair.data())
    dots = {"marker": "o", "markersize": 5, "linestyle": "none", "markerfacecolor": "white"}
    axes.plot(
        points[:, place(run.pair)], values[:, 0], label="data", color="black", zorder=6, **dots
    )
    before = _before(run)
    axes.plot(x, before, color=QUIET, linestyle=":", linewidth=1.2, label="before the first epoch")
    for side, course in run.sides.items():
        name, line, _ = SIDES[side]
        words = f"{name}{_equation(course.last)}"
        axes.plot(x, course.output[:, 0], label=words, **line)
    names = next((NAMES[key] for key in NAMES if run.pair.name.startswith(key)), ("x", "y"))
    axes.set(xlabel=names[0], ylabel=names[1])
    learned = np.concatenate([values[:, 0], *(c.output[:, 0] for c in run.sides.values())])
    learned = learned[np.isfinite(learned)]
    margin = 0.15 * (learned.max() - learned.min())
    axes.set_ylim(learned.min() - margin, learned.max() + margin)
    axes.legend()
    on.title(paper, "What was learned through the points", where(run))
    return paper


def _before(run):
    """Return what the network makes of the grid before the first epoch."""
    network = run.pair.network(trees.reference())
    first = tuple(array[0] for array in run.any.weights.values())
    found = network.forward(first, inputs(run.pair).astype(run.spec.dtype))
    found = found[0] if isinstance(found[0], tuple) else found
    return found[-1][:, 0]


def _equation(weights):
    """Return the equation that the weights of a line or a parabola make, else nothing."""
    numbers = [float(w) for array in weights.values() for w in np.ravel(array)]
    powers = {2: ("x", ""), 3: ("x²", "x", "")}.get(len(numbers))
    if powers is None:
        return ""
    terms = [f"{abs(n):.6g} {p}".strip() for n, p in zip(numbers, powers)]
    signs = ["" if numbers[0] >= 0 else "−", *(" + " if n >= 0 else " − " for n in numbers[1:])]
    return ": y = " + "".join(sign + term for sign, term in zip(signs, terms))
