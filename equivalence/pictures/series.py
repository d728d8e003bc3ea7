"""A series, and what a trained network foretells of it."""

import numpy as np

from equivalence.pictures import paper as on
from equivalence.pictures.style import SIDES
from equivalence.pictures.words import where

NAMES = ("series-", "recurrent-")


def fits(pair):
    if pair.group != "models" or not pair.name.startswith(NAMES):
        return False
    return not set(np.unique(pair.data()[1])) <= {0, 1}  # classes: words, letters


def inputs(pair):
    return np.asarray(pair.data()[0])


def make(maker, name):
    return maker.run(name, inputs=inputs)


def draw(run):
    paper = on.figure(9, 4.3)
    axes = paper.subplots()
    targets = np.asarray(run.pair.data()[1])
    count = np.arange(1, len(targets) + 1)
    dots = {"marker": "o", "markersize": 5, "linestyle": "none", "markerfacecolor": "white"}
    axes.plot(count, targets[:, -1], color="black", label="the series", zorder=6, **dots)
    for side, course in run.sides.items():
        name, line, _ = SIDES[side]
        axes.plot(count, course.output[:, -1], label=name, **line)
    last = "the last of " if targets.shape[1] > 1 else ""
    axes.set(xlabel="window", ylabel=f"{last}what follows")
    if targets.shape == np.shape(run.pair.data()[0]):
        axes.set_ylabel("last number of the window")
    paper.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    on.title(paper, "A series, and what the trained network says of it", where(run))
    return paper
