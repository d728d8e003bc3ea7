"""Which class a trained network says where, and the samples that it learned from."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import SIDES
from equivalence.pictures.words import where

POINTS = 161  # of the grid along either axis
FEW = 4  # samples that a picture of regions needs at least
MARKS = ("o", "^", "s", "D")
SHADES = ("#CFE8F7", "#F8DFC4", "#D6EBD9", "#EBD7E4")
HATCHES = ("", "//", "..", "xx")
# Of what has more than two features: the two that are shown, and what they are called.
AXES = {"iris": ((2, 3), ("length of the petals (cm)", "width of the petals (cm)"))}


def fits(pair):
    if pair.group not in ("books", "models"):
        return False
    network = pair.network(trees.reference())
    x, t = (np.asarray(array) for array in pair.data())
    classes = set(np.unique(t)) <= {0, 1} and len(np.unique(t)) == 2
    drawable = x.shape[1:] == (2,) or _axes(pair) is not None
    return classes and drawable and len(x) >= FEW and network.end is not None


def _axes(pair):
    return next((AXES[key] for key in AXES if pair.name.startswith(key)), None)


def columns(pair):
    """Return which two features are drawn, and their names."""
    return _axes(pair) or ((0, 1), ("$x_1$", "$x_2$"))


def grid(pair):
    """Return the two coordinates at which the network is asked, (POINTS, POINTS) each."""
    x = np.asarray(pair.data()[0], float)[:, columns(pair)[0]]
    margin = 0.2 * (x.max(axis=0) - x.min(axis=0))
    ends = zip(x.min(axis=0) - margin, x.max(axis=0) + margin)
    return np.meshgrid(*(np.linspace(*end, POINTS) for end in ends))


def inputs(pair):
    """Return the grid as the network takes it; features that are not drawn have their mean."""
    x = np.asarray(pair.data()[0], float)
    rows = np.tile(x.mean(axis=0), (POINTS * POINTS, 1))
    for column, values in zip(columns(pair)[0], grid(pair)):
        rows[:, column] = values.ravel()
    return rows


def make(maker, name):
    return maker.run(name, inputs=inputs)


def draw(run):
    paper = on.figure(4.9 * len(run.sides) + 0.4, 4.9)
    panels = paper.subplots(1, len(run.sides), squeeze=False, sharey=True)[0]
    for axes, (side, course) in zip(panels, run.sides.items()):
        one = course.output.shape[-1] == 1
        (_threshold if one else _largest)(axes, run.pair, course.output)
        samples(axes, run.pair)
        axes.set_title(SIDES[side].name)
        axes.grid(False)
        axes.set_xlabel(columns(run.pair)[1][0])
    panels[0].set_ylabel(columns(run.pair)[1][1])
    handles, labels = panels[0].get_legend_handles_labels()
    paper.legend(handles, labels, loc="outside lower center", ncols=4)
    others = "; the other features at their means" if _axes(run.pair) else ""
    on.title(paper, "What the trained network says where", where(run) + others)
    return paper


def _threshold(axes, pair, output):
    """Shade where one output is above a half, with lines of equal output."""
    x, y = grid(pair)
    heights = output.reshape(x.shape)
    axes.contourf(x, y, heights, levels=(-np.inf, 0.5, np.inf), colors=(SHADES[1], SHADES[0]))
    levels = (0.1, 0.3, 0.7, 0.9)
    lines = axes.contour(x, y, heights, levels=levels, colors="#777777", linewidths=0.8)
    axes.clabel(lines, fontsize=8)
    axes.contour(x, y, heights, levels=(0.5,), colors="black", linewidths=1.8)


def _largest(axes, pair, output):
    """Shade and hatch where each of several outputs is the largest."""
    x, y = grid(pair)
    largest = np.argmax(output, axis=-1).reshape(x.shape)
    for k in range(output.shape[-1]):
        axes.contourf(
            x, y, largest == k, levels=(0.5, 1.5), colors=[SHADES[k % 4]], hatches=[HATCHES[k % 4]]
        )
        axes.contour(x, y, largest == k, levels=(0.5,), colors="black", linewidths=1)


def samples(axes, pair):
    """Draw the samples, a mark for each class: filled for class 1 of two."""
    x, t = (np.asarray(array) for array in pair.data())
    x = x[:, columns(pair)[0]]
    classes = t[:, 0].astype(int) if t.shape[1] == 1 else np.argmax(t, axis=1)
    size = 9 if len(x) <= 10 else 5
    for k in np.unique(classes):
        filled = "black" if k % 2 else "white"
        look = {"marker": MARKS[k], "markerfacecolor": filled, "color": "black", "linestyle": ""}
        here = x[classes == k]
        axes.plot(here[:, 0], here[:, 1], markersize=size, label=f"class {k}", zorder=5, **look)
