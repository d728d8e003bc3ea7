"""The loss of every epoch, on both sides."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import SIDES
from equivalence.pictures.words import where

DECADES = 2  # from so many powers of ten on the axis is logarithmic
FEW = 20  # up to so many epochs each has its mark


def fits(pair):
    """Say whether a pair has a loss of its own: one with given gradients has not."""
    return pair.group not in ("optimizers", "options", "look-up", "layers")


def make(maker, name):
    return maker.run(name)


def draw(run):
    paper = on.figure(7.2, 4.4)
    axes = paper.subplots()
    for side, course in run.sides.items():
        name, line, mark = SIDES[side]
        count = np.arange(1, len(course.loss) + 1)
        words = f"{name}: {course.loss[-1]:.6g} in the last"
        marks = {"marker": mark["marker"], "markersize": mark["markersize"] - 2}
        axes.plot(count, course.loss, label=words, **line, **(marks if len(count) <= FEW else {}))
    if _decades([course.loss for course in run.sides.values()]) >= DECADES:
        axes.set_yscale("log")
    axes.set(xlabel=run.any.unit, ylabel=f"E, {loss_name(run.pair)}")
    axes.legend()
    on.title(paper, f"The loss of every {run.any.unit}", where(run))
    return paper


def _decades(losses):
    every = np.concatenate(losses)
    every = every[np.isfinite(every)]
    if not len(every) or every.min() <= 0:
        return 0
    return np.log10(every.max() / every.min())


def loss_name(pair):
    """Return the name of a pair's loss, in words."""
    network = pair.network(trees.reference())
    loss = getattr(network.end or network, "loss", None)
    return loss.name.replace("_", " ") if loss is not None else "error"
