"""Digits, and what a network makes of them again: autoencoders and Boltzmann machines."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import SIDES
from equivalence.pictures.words import where

SHOWN = 10
SQUARES = {16: 4, 64: 8}  # pixels of a digit: how many on a side


def fits(pair):
    if pair.group != "models":
        return False
    m = trees.reference()
    network = pair.network(m)
    if isinstance(network, (m.RBM, m.VAE)):
        return True
    targets = np.asarray(pair.data()[1])
    classes = set(np.unique(targets)) <= {0, 1}
    return isinstance(network, m.Sequential) and targets.shape[1] in SQUARES and not classes


def inputs(pair):
    """Return the first digits that the network learned from."""
    return np.asarray(pair.data()[0])[:SHOWN]


def make(maker, name):
    return maker.run(name, inputs=inputs)


def rows(run):
    """Return what is drawn, row by row: words -> (digits, pixels)."""
    m = trees.reference()
    network = run.pair.network(m)
    given, targets = (np.asarray(array)[:SHOWN] for array in run.pair.data())
    coded = isinstance(network, (m.RBM, m.VAE))  # their draws come behind the pixels
    pixels = 16 if coded else targets.shape[1]
    found = {"given": given[:, :pixels]}
    if not coded and not np.array_equal(given, targets):
        found["wanted"] = targets
    for side, course in run.sides.items():
        made = course.output
        if isinstance(network, m.VAE):  # logits
            made = m.Sigmoid().forward(made)
        found[SIDES[side].name] = made
    return found


def draw(run):
    shown = rows(run)
    paper = on.figure(8.6, 0.95 * len(shown) + 0.8)
    panels = paper.subplots(len(shown), SHOWN)
    for line, (words, digits) in zip(panels, shown.items()):
        for axes, digit in zip(line, digits):
            image(axes, digit)
        line[0].set_ylabel(words, rotation=0, ha="right", va="center", labelpad=8)
    on.title(paper, "Digits, and what the trained network makes of them", where(run))
    return paper


def image(axes, digit):
    """Draw one digit: black is 1."""
    side = SQUARES[digit.size]
    axes.imshow(digit.reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
    axes.set(xticks=(), yticks=())
    axes.grid(False)
    for edge in axes.spines.values():
        edge.set_visible(True)
        edge.set_color("#BBBBBB")
