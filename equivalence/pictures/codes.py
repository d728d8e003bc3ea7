"""The two numbers that an autoencoder puts for each digit."""

import numpy as np

from equivalence.pictures import paper as on
from equivalence.pictures.style import SEVERAL, SIDES
from equivalence.pictures.words import where

# Where the codes of a pair stand among its activations.
CODES = {"autoencoder": "dense2", "denoising-autoencoder": "dense2", "vae": "mean"}


def fits(pair):
    return pair.name in CODES


def inputs(pair):
    return np.asarray(pair.data()[0])


def make(maker, name):
    return maker.run(name, inputs=inputs)


def draw(run):
    from sklearn.datasets import load_digits

    paper = on.figure(4.9 * len(run.sides) + 0.4, 5.2)
    panels = paper.subplots(1, len(run.sides), squeeze=False, sharey=True, sharex=True)[0]
    for axes, (side, course) in zip(panels, run.sides.items()):
        codes = course.shown[CODES[run.pair.name]]
        which = load_digits().target[: len(codes)]
        axes.plot(codes[:, 0], codes[:, 1], linestyle="none")  # for the limits of the axes
        for code, digit in zip(codes, which):
            colour = SEVERAL[digit % len(SEVERAL)]["color"]
            words = {"ha": "center", "va": "center", "fontsize": 10, "color": colour}
            axes.text(*code, str(digit), fontweight="bold" if digit % 2 else "normal", **words)
        axes.set_title(SIDES[side].name)
        axes.set_xlabel("first number")
    panels[0].set_ylabel("second number")
    on.title(paper, "The two numbers that stand for each digit", where(run))
    return paper
