"""What a generator makes, before and after it has played, beside what it is to imitate."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import QUIET, SIDES
from equivalence.pictures.words import where

BINS = 61


def fits(pair):
    m = trees.reference()
    network = pair.network(m)
    return isinstance(network, m.Players)


def inputs(pair):
    """Return all that the players were given: whose turn it is, real samples, and noise."""
    return np.asarray(pair.data()[0])


def make(maker, name):
    return maker.run(name, inputs=inputs)


def draw(run):
    network = run.pair.network(trees.reference())
    paper = on.figure(7.8, 4.6)
    axes = paper.subplots()
    given = inputs(run.pair).astype(run.spec.dtype)
    first = tuple(array[0] for array in run.any.weights.values())
    before = dict(zip(network.activation_names, network.forward(first, given)[0]))["made"]
    real = given[:, 1 : 1 + network.features]
    made = [course.shown["made"].ravel() for course in run.sides.values()]
    every = np.concatenate([real.ravel(), before.ravel(), *made])
    bins = np.linspace(every.min(), every.max(), BINS)
    words = f"real: {real.mean():.3f} ± {real.std():.3f}"
    axes.hist(real.ravel(), bins, density=True, color="#DDDDDD", label=words)
    step = {"histtype": "step", "density": True}
    axes.hist(before.ravel(), bins, color=QUIET, linestyle=":", label="made before", **step)
    for side, course in run.sides.items():
        name, line, _ = SIDES[side]
        look = {"color": line["color"], "linewidth": line["linewidth"] * 0.8}
        look["linestyle"] = line.get("linestyle", "-")
        made = course.shown["made"].ravel()
        words = f"made, {name}: {made.mean():.3f} ± {made.std():.3f}"
        axes.hist(made, bins, label=words, **look, **step)
    axes.set(xlabel="x", ylabel="share")
    axes.legend()
    on.title(paper, "What the generator makes, and what is real", where(run))
    return paper
