"""Four ways down one bowl: the surface, its contours, and the points walked (text 000, 1-8, 1-9).

The bowl is the mean squared error of a line through Pearson's ten points, over its slope a
and its intercept b.
"""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import QUIET, SEVERAL, SIDES

WAYS = (
    ("bowl-sgd", "gradient descent, rate 0.04"),
    ("bowl-momentum", "momentum, rate 0.02, β 0.8"),
    ("bowl-nesterov", "Nesterov's momentum, rate 0.02, β 0.8"),
    ("bowl-adam", "Adam, rate 0.3"),
)
SLOPES, INTERCEPTS = np.linspace(-1.9, 1.6, 141), np.linspace(-1, 8, 141)
LEVELS = np.geomspace(0.3, 60, 12)


def make(maker, name):
    return [maker.run(pair) for pair, _ in WAYS]


def draw(runs):
    paper = on.figure(12, 6.4)
    grid = paper.add_gridspec(2, 3, width_ratios=(1, 1, 1.25))
    panels = [paper.add_subplot(grid[k // 2, k % 2]) for k in range(len(WAYS))]
    a, b = np.meshgrid(SLOPES, INTERCEPTS)
    heights = error(runs[0].pair, a, b)
    for axes, run, (_, words) in zip(panels, runs, WAYS):
        axes.contour(a, b, heights, levels=LEVELS, colors=QUIET, linewidths=0.7)
        for side, course in run.sides.items():
            name, line, mark = SIDES[side]
            small = {"marker": mark["marker"], "markersize": mark["markersize"] - 3}
            axes.plot(*way(course), label=name, **{**line, "linewidth": 1}, **small)
        axes.set_title(words)
        axes.set(xlim=(SLOPES[0], SLOPES[-1]), ylim=(INTERCEPTS[0], INTERCEPTS[-1]))
        axes.set(xlabel="slope a", ylabel="intercept b")
    _surface(paper.add_subplot(grid[:, 2], projection="3d"), a, b, heights, runs)
    paper.legend(*panels[0].get_legend_handles_labels(), loc="outside lower left", ncols=2)
    where = f"{runs[0].pair.where} · {runs[0].length} in {runs[0].spec.dtype}; Pearson's points"
    on.title(paper, "Four ways down E(a, b), the squared error of a line through ten points", where)
    return paper


def _surface(axes, a, b, heights, runs):
    """Draw the bowl itself, and NumPy's or the one side's ways on it."""
    axes.plot_surface(a, b, heights, cmap="Greys", vmax=120, alpha=0.55, linewidth=0)
    for run, look, (_, words) in zip(runs, SEVERAL, WAYS):
        slopes, intercepts = way(run.any)
        up = error(run.pair, slopes, intercepts)
        axes.plot(slopes, intercepts, up, label=words.split(",")[0], markersize=3, zorder=9, **look)
    axes.view_init(elev=38, azim=-118)
    axes.set(xlabel="a", ylabel="b", zlabel="E", xticks=(-1, 0, 1), yticks=(0, 4, 8))
    axes.set_zticks((0, 50, 100))
    axes.set_box_aspect((1, 1, 0.8), zoom=0.9)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 0.92), fontsize=9.5)


def way(course):
    """Return slope and intercept before and after every step."""
    return course.weights["W"].ravel(), course.weights["B"].ravel()


def error(pair, a, b):
    """Return E(a, b) of a pair with one weight and one bias, elementwise."""
    network = pair.network(trees.reference())
    inputs, targets = pair.batches("float64")
    W, B = (np.asarray(x, np.float64)[..., None, None] for x in (a, b))
    Z, Y = network.forward((W, B), inputs[0])
    return network.output.error(Z, Y, targets[0])
