"""What a generator makes, before and after it has played, beside what it is to imitate."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import QUIET, SIDES
from equivalence.pictures.words import where

COUNT = 2000
BINS = np.linspace(-1, 8, 61)


def fits(pair):
    m = trees.reference()
    network = pair.network(m)
    return isinstance(network, m.GAN)


def inputs(pair):
    """Return a row for each sample: whose turn it is, real numbers, and noise."""
    network = pair.network(trees.reference())
    rng = np.random.default_rng(0)
    real = rng.normal(4, 0.5, size=(COUNT, network.features))
    noise = rng.uniform(-1, 1, size=(COUNT, network.noise))
    return np.concatenate([np.zeros((COUNT, 1)), real, noise], axis=1)


def make(maker, name):
    return maker.run(name, inputs=inputs)


def draw(run):
    network = run.pair.network(trees.reference())
    paper = on.figure(7.8, 4.6)
    axes = paper.subplots()
    given = inputs(run.pair).astype(run.spec.dtype)
    first = tuple(array[0] for array in run.any.weights.values())
    (before, *_), _ = network.forward(first, given)
    real = given[:, 1 : 1 + network.features]
    axes.hist(real.ravel(), BINS, density=True, color="#DDDDDD", label="real: N(4, ½)")
    step = {"histtype": "step", "density": True}
    axes.hist(before.ravel(), BINS, color=QUIET, linestyle=":", label="made before", **step)
    for side, course in run.sides.items():
        name, line, _ = SIDES[side]
        look = {"color": line["color"], "linewidth": line["linewidth"] * 0.8}
        look["linestyle"] = line.get("linestyle", "-")
        made = course.shown["made"].ravel()
        words = f"made, {name}: {made.mean():.3f} ± {made.std():.3f}"
        axes.hist(made, BINS, label=words, **look, **step)
    axes.set(xlabel="x", ylabel="share")
    axes.legend()
    on.title(paper, "What the generator makes, and what is real", where(run))
    return paper
