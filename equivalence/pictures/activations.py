"""All activation functions and their derivatives, and one of them by its name."""

from functools import cache

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import SEVERAL, SIDES

X = np.linspace(-5, 5, 401)
HEIGHT = (-2.4, 4.2)
COLUMNS = 6

# What needs more than its defaults to look like itself: the arguments.
ARGUMENTS = {"threshold": (1.0, 0.5), "general_relu": (0.1, 3.0, 1.0)}
# Functions of several numbers: those beside x, behind it or before it, and what is shown.
BESIDE = {
    "softmax": ((), (0.0, 0.0), "of (x, 0, 0)"),
    "log_softmax": ((), (0.0, 0.0), "of (x, 0, 0)"),
    "sparsemax": ((), (0.0, 0.0), "of (x, 0, 0)"),
    "glu": ((1.0,), (), "of (1, x)"),
}


@cache
def names():
    """Return the activations by the names of their files: name -> class."""
    import refimpl.activations as room

    found = (getattr(room, name) for name in room.__all__ if name != "Activation")  # their base
    return {cls.__module__.rpartition(".")[2]: cls.__name__ for cls in found}


def values(side, name, dtype):
    """Return y and dy/dx of an activation at X, by one side.

    Of several outputs the first is shown.
    """
    m = trees.reference() if side == "numpy" else trees.tensorflow()
    function = getattr(m, names()[name])(*ARGUMENTS.get(name, ()))
    before, behind, _ = BESIDE.get(name, ((), (), ""))
    columns = (*(np.full_like(X, b) for b in before), X, *(np.full_like(X, b) for b in behind))
    x = np.stack(columns, axis=-1).astype(dtype)
    if side == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
    y = function.forward(x)
    first = np.zeros(np.asarray(y).shape, dtype)
    first[..., 0] = 1  # the gradient of the first output alone
    yb = first if side == "numpy" else tf.constant(first)
    with np.errstate(all="ignore"):
        xb = function.backward(yb, x, y)
    return np.asarray(y)[..., 0], np.asarray(xb)[..., len(before)]


def title_of(name):
    """Return how an activation is called in a picture: with what is not its default."""
    given = ", ".join(f"{a:g}" for a in ARGUMENTS.get(name, ()))
    return (
        names()[name] + (f"({given})" if given else "") + f" {BESIDE.get(name, '   ')[2]}".rstrip()
    )


def make(maker, name):
    return {one: maker.values(values, one, maker.dtype) for one in sorted(names())}


def draw(every):
    rows = -(-len(every) // COLUMNS)
    paper = on.figure(11.5, 0.9 + 1.75 * rows)
    panels = paper.subplots(rows, COLUMNS, sharex=True, sharey=True)
    for axes in panels.flat[len(every) :]:
        axes.set_axis_off()
    for axes, (name, sides) in zip(panels.flat, every.items()):
        y, slope = next(iter(sides.values()))
        axes.axhline(0, color="#999999", linewidth=0.6)
        axes.axvline(0, color="#999999", linewidth=0.6)
        function, derivative = (dict(look, marker=None) for look in SEVERAL[:2])
        axes.plot(X, unjumped(y), label="y", **function)
        axes.plot(X, unjumped(slope), label="dy/dx", **derivative, linewidth=1.5)
        axes.set_title(title_of(name), fontsize=9.5)
        axes.set(ylim=HEIGHT, xlim=(X[0], X[-1]), xticks=(-4, 0, 4))
    paper.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside lower right", ncols=2)
    where = "refimpl/activations; of several outputs the first; cut off above 4.2 and below -2.4"
    on.title(paper, f"{len(every)} activation functions y and their derivatives dy/dx", where)
    return paper


def make_one(maker, name):
    return name, maker.dtype, maker.values(values, name, maker.dtype)


def draw_one(made):
    name, dtype, sides = made
    paper = on.figure(9, 4)
    panels = paper.subplots(1, 2)
    for axes, part, words in zip(panels, (0, 1), ("y", "dy/dx")):
        axes.axhline(0, color="#999999", linewidth=0.6)
        axes.axvline(0, color="#999999", linewidth=0.6)
        for side, both in sides.items():
            axes.plot(X, unjumped(both[part]), label=SIDES[side].name, **SIDES[side].line)
        axes.set(xlabel="x", ylabel=words, xlim=(X[0], X[-1]))
    panels[0].legend()
    where = f"refimpl/activations/{name}.py and tfimpl/activations/{name}.py · {dtype}"
    on.title(paper, f"{title_of(name)} and its derivative", where)
    return paper


def unjumped(y):
    """Return y with NaN behind every jump, so that no line is drawn across it."""
    change = np.abs(np.diff(y))
    beside = np.maximum(np.append(change[1:], 0), np.insert(change[:-1], 0, 0))
    y = y.astype(np.float64)
    y[:-1][(change > 0.2) & (change > 8 * beside)] = np.nan
    return y
