"""Points of several clouds, and the ways of the means that look for them."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.regions import HATCHES, MARKS, SHADES
from equivalence.pictures.style import SIDES
from equivalence.pictures.words import where

POINTS = 241


def fits(pair):
    m = trees.reference()
    network = pair.network(m)
    alone = isinstance(network, m.SelfOrganizingMap) and network.rows == 1
    return isinstance(network, (m.KMeans, m.Instar)) or alone


def make(maker, name):
    return maker.run(name)


def draw(run):
    paper = on.figure(4.9 * len(run.sides) + 0.4, 5.2)
    panels = paper.subplots(1, len(run.sides), squeeze=False, sharey=True)[0]
    points = np.asarray(run.pair.data()[0])[:, -2:]  # a width may stand before them
    ends = zip(points.min(axis=0) - 0.6, points.max(axis=0) + 0.6)
    x, y = np.meshgrid(*(np.linspace(*end, POINTS) for end in ends))
    for axes, (side, course) in zip(panels, run.sides.items()):
        (ways,) = course.weights.values()
        places = nearest(np.stack([x, y], axis=-1), ways[-1])
        own = nearest(points, ways[-1])
        for k in range(ways.shape[1]):
            look = {"colors": [SHADES[k]], "hatches": [HATCHES[k]], "levels": (0.5, 1.5)}
            axes.contourf(x, y, places == k, **look, alpha=0.5)
            here = points[own == k]
            axes.plot(*here.T, MARKS[k], color="black", markerfacecolor="white", markersize=5)
            axes.plot(*ways[:, k].T, "-", color="black", linewidth=1.4, zorder=4)
            axes.plot(*ways[0, k], "s", color="black", markersize=5, zorder=5)
            axes.plot(*ways[-1, k], "*", color="black", markersize=15, zorder=6)
        axes.set_title(SIDES[side].name)
        axes.grid(False)
        axes.set_xlabel("$x_1$")
    panels[0].set_ylabel("$x_2$")
    words = "Each mean goes from its square to its star; the shade is what is nearest to it."
    on.title(paper, "Means that find the clouds of points", f"{where(run)}. {words}")
    return paper


def nearest(points, means):
    """Return the number of the mean that is nearest to each point, (...)."""
    apart = points[..., None, :] - means
    return np.argmin(np.sum(np.square(apart), axis=-1), axis=-1)
