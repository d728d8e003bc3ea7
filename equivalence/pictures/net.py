"""A small network with its trained weights on the edges (text 002, 3.14 to 3.19)."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import BLUE, SIDES, VERMILLION
from equivalence.pictures.words import where

WIDEST, DEEPEST = 6, 4  # units of a layer and layers that have room for their numbers
RADIUS = 0.17
APART, ACROSS = 1.0, (2.1, 3.4)  # from unit to unit of a layer, and from layer to layer,
MANY = 3  # farther where layers have more units than so many
ALONG = np.linspace(0.16, 0.8, 9)  # where on its edge a number may stand
TEXT = (0.5, 0.17)  # the room that a number takes
BESIDE, INCHES = 0.55, 1.35  # around the network, and inches for each of these


def fits(pair):
    return pair.group in ("books", "models") and layers(pair) is not None


def layers(pair):
    """Return the names of (kernel, bias or None) of each Dense layer; None for other nets."""
    m = trees.reference()
    network = pair.network(m)
    if isinstance(network, m.Sequential):
        if not all(isinstance(layer, m.Dense) for layer in network.layers):
            return None
        names = network.weight_names
    elif isinstance(network, (m.OneLayer, m.TwoLayer, m.Multilayer)):
        names = network.weight_names
    else:
        return None
    shapes = dict(zip(names, (np.shape(w) for w in pair.start())))
    found: list[tuple] = []
    for name in names:
        last = name.rpartition(".")[2]
        if last.startswith(("bias", "B")):
            found[-1] = (found[-1][0], name)
        else:
            found.append((name, None))
    sizes = [shapes[found[0][0]][0], *(shapes[kernel][1] for kernel, _ in found)]
    return found if max(sizes) <= WIDEST and len(found) <= DEEPEST else None


def make(maker, name):
    return maker.run(name)


def draw(run):
    found = layers(run.pair)
    units = [run.any.last[found[0][0]].shape[0], *(run.any.last[k].shape[1] for k, _ in found)]
    across = ACROSS[max(units) > MANY]
    wide, high = across * len(found) + 2 * BESIDE, APART * (max(units) - 1) + 2 * BESIDE
    below = max(units) > MANY  # wide networks stand one below the other
    count = len(run.sides)
    shape = (count, 1) if below else (1, count)
    paper = on.figure(INCHES * wide * shape[1] + 0.4, (INCHES * high + 0.35) * shape[0] + 0.9)
    panels = paper.subplots(*shape, squeeze=False).ravel()
    for axes, (side, course) in zip(panels, run.sides.items()):
        _network(axes, found, course.last, units, across)
        axes.set_title(SIDES[side].name)
    words = "Solid edges: above 0, dashed: below; a bias stands at its unit."
    on.title(paper, f"The weights after {run.length}", f"{where(run)}. {words}")
    return paper


def _places(count):
    """Return the heights of the units of a layer, the first at the top."""
    return APART * ((count - 1) / 2 - np.arange(count))


def _network(axes, found, weights, units, across):
    taken: list[tuple[float, float]] = []
    largest = max(np.abs(weights[kernel]).max() for kernel, _ in found) or 1
    for layer, (kernel, _) in enumerate(found):
        edges = {
            (i, j): ((layer * across, below), ((layer + 1) * across, above))
            for i, below in enumerate(_places(units[layer]))
            for j, above in enumerate(_places(units[layer + 1]))
        }
        for (i, j), ends in edges.items():
            others = [edge for edge in edges.values() if edge != ends]
            _edge(axes, ends, weights[kernel][i, j], largest, taken, others)
    for layer, count in enumerate(units):
        bias = weights.get(found[layer - 1][1]) if layer else None
        for k, y in enumerate(_places(count)):
            name = f"$x_{k + 1}$" if not layer else f"$h_{k + 1}$"
            name = f"$y_{k + 1}$" if layer == len(units) - 1 else name
            _unit(axes, layer * across, y, name, None if bias is None else bias[0, k])
    top, bottom = _places(max(units))[[0, -1]]
    axes.set(xlim=(-BESIDE, across * len(found) + BESIDE), ylim=(bottom - BESIDE, top + BESIDE))
    axes.set_aspect("equal")
    axes.set_axis_off()


def _edge(axes, ends, weight, largest, taken, others):
    """Draw one weight: its size as the line's width, its sign as colour and dashes.

    taken, others: where numbers stand already, and the other edges; this number goes where
        it is farthest from both.
    """
    (x0, y0), (x1, y1) = ends
    look = (BLUE, "-") if weight >= 0 else (VERMILLION, (0, (4, 2)))
    width = 0.8 + 3.2 * abs(weight) / largest
    axes.plot((x0, x1), (y0, y1), color=look[0], linestyle=look[1], linewidth=width, zorder=1)
    places = [(x0 + at * (x1 - x0), y0 + at * (y1 - y0)) for at in ALONG]
    place = max(places, key=lambda here: min(_free(here, taken), _clear(here, others)))
    taken.append(place)
    axes.text(
        *place,
        number(weight),
        ha="center",
        va="center",
        fontsize=9,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        zorder=3,
    )


def _free(place, taken):
    """Return how far a place is from what is taken, in rooms of a number."""
    apart = [np.abs(np.subtract(place, other)) / TEXT for other in taken]
    return min((float(far.max()) for far in apart), default=np.inf)


def _clear(place, edges):
    """Return how far a place is above or below the edges, in heights of a number, up to 1."""
    x, y = place
    apart = [y0 + (x - x0) / (x1 - x0) * (y1 - y0) - y for (x0, y0), (x1, y1) in edges]
    return min((abs(far) / TEXT[1] for far in apart), default=1.0)


def _unit(axes, x, y, name, bias):
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), RADIUS, facecolor="white", edgecolor="black", zorder=4))
    axes.text(x, y, name, ha="center", va="center", zorder=5)
    if bias is not None:
        outside, va = (1, "bottom") if y > 0 else (-1, "top")
        words = {"ha": "center", "va": va, "fontsize": 9, "zorder": 5}
        axes.text(x, y + outside * (RADIUS + 0.05), f"bias {number(bias)}", **words)


def number(value):
    """Return a weight with the digits that a reader compares."""
    return f"{value:.5g}".replace("-", "\N{MINUS SIGN}")
