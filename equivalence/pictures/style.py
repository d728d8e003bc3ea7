"""How pictures look: what colour-blind readers tell apart, and a printer without colours.

Colours are Okabe and Ito's (2008).  NumPy's lines are broad and light, and TensorFlow's, which
lie on them where both agree, are thin, dark and dashed.
"""

from typing import Any, NamedTuple

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
QUIET, FAINT = "#6B6B6B", "#D9D9D9"

# A line of its own for each of several, told apart by colour, dashes and mark.
SEVERAL: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": VERMILLION, "linestyle": "--", "marker": "s"},
    {"color": GREEN, "linestyle": "-.", "marker": "^"},
    {"color": PURPLE, "linestyle": ":", "marker": "D"},
    {"color": ORANGE, "linestyle": (0, (6, 2, 1, 2, 1, 2)), "marker": "v"},
    {"color": BLACK, "linestyle": (0, (1, 1)), "marker": "P"},
)


class Side(NamedTuple):
    """How one side is named and drawn."""

    name: str
    line: dict[str, Any]
    mark: dict[str, Any]


SIDES = {
    "numpy": Side(
        "NumPy",
        {"color": SKY, "linewidth": 4.5, "solid_capstyle": "round", "zorder": 2},
        {"color": SKY, "marker": "o", "markersize": 9, "linestyle": "none", "zorder": 3},
    ),
    "tensorflow": Side(
        "TensorFlow",
        {"color": "#9C3A00", "linewidth": 1.5, "linestyle": (0, (4, 2)), "zorder": 4},
        {"color": "#9C3A00", "marker": "x", "markersize": 6, "linestyle": "none", "zorder": 5},
    ),
}

LOOK: dict[Any, Any] = {
    "figure.dpi": 150,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.size": 10.5,
    "axes.titlesize": 11,
    "axes.labelsize": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E8E8E8",
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "svg.hashsalt": "equivalence",  # the same numbers give the same file
}
