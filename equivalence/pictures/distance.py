"""How far the weights of both sides are apart, epoch by epoch, in units in the last place."""

import numpy as np

from equivalence.errors import BadInput
from equivalence.judge.distance import ulps
from equivalence.pictures import loss
from equivalence.pictures import paper as on
from equivalence.pictures.style import SEVERAL
from equivalence.pictures.words import where

MOST_LINES = len(SEVERAL)
PLAIN = 30  # ULP; beyond them the axis is logarithmic
fits = loss.fits


def make(maker, name):
    if len(maker.sides) < 2:
        raise BadInput("a distance is one of two sides: leave --side out, or give both")
    return maker.run(name)


def apart(run):
    """Return the largest distance of each weight at each epoch: name -> (epochs + 1,)."""
    ours, theirs = run.sides["numpy"].weights, run.sides["tensorflow"].weights
    each = {name: ulps(ours[name], theirs[name]) for name in ours}
    return {name: far.reshape(len(far), -1).max(axis=1) for name, far in each.items()}


def draw(run):
    paper = on.figure(7.2, 4.4)
    axes = paper.subplots()
    far = apart(run)
    shown = sorted(far, key=lambda name: -far[name].max())[:MOST_LINES]
    for look, name in zip(SEVERAL, (name for name in far if name in shown)):
        count = np.arange(len(far[name]))
        words = f"{name}: at most {far[name].max():.6g}"
        every = max(1, len(count) // 12)
        marks = {"markersize": 4.5, "markevery": every, "drawstyle": "steps-post"}
        axes.plot(count, far[name], label=words, **look, **marks)
    farthest = max(array[np.isfinite(array)].max() for array in far.values())
    if farthest > PLAIN:
        axes.set_yscale("symlog", linthresh=1)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_ylim(-0.03 * min(farthest, 2), 1.25 * max(farthest, 1))
    axes.set(xlabel=f"{run.any.unit}", ylabel="largest distance of a weight, ULP")
    if len(far) > len(shown):
        axes.plot([], [], " ", label=f"and {len(far) - len(shown)} weights that are nearer")
    axes.legend()
    on.title(paper, "How far the weights of NumPy and TensorFlow are apart", where(run))
    return paper
