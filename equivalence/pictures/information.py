"""Exponential and softmax, information, and cross entropy, with text 002's own numbers."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import BLUE, ORANGE, QUIET

SCORES = (2.0, 1.0, 0.0)
RAIN = (0.01, 0.99)
WINES = (((1.0, 0.0), (0.87, 0.13)), ((0.0, 1.0), (0.6, 0.4)))
KINDS = ("red", "white")


def make(maker, name):
    m = trees.reference()
    scores = np.array([SCORES], maker.dtype)
    return {
        "powers": m.Exponential().forward(scores)[0],
        "shares": m.Softmax().forward(scores)[0],
        "entropies": [-np.mean(np.array(p) * np.log(q)) for p, q in WINES],
    }


def draw(made):
    paper = on.figure(9.6, 7.4)
    panels = paper.subplots(2, 2)
    _exponential(panels[0, 0], made["powers"])
    _softmax(panels[0, 1], made["shares"])
    _information(panels[1, 0])
    _entropy(panels[1, 1], made["entropies"])
    where = "Data analysis 5.8, figures 5.5 and 5.6"
    on.title(paper, "From scores to probabilities, and what a wrong one costs", where)
    return paper


def _exponential(axes, powers):
    x = np.linspace(-1, 2.3, 200)
    axes.plot(x, np.exp(x), color=BLUE)
    axes.plot(SCORES, powers, "o", color="black", zorder=3)
    for score, power in zip(SCORES, powers):
        axes.annotate(
            f"{power:.3f}", (score, power), (-8, 4), textcoords="offset points", ha="right"
        )
    axes.set(title=f"$e^z$ of the scores 2, 1, 0; their sum is {powers.sum():.4f}", xlabel="z")


def _softmax(axes, shares):
    place = np.arange(len(SCORES))
    bars = axes.bar(place, shares, 0.6, color=BLUE)
    axes.bar_label(bars, [f"{share:.3f}" for share in shares])
    axes.set_xticks(place, [f"z = {score:g}" for score in SCORES])
    axes.set(title="Softmax: their shares in the sum", ylabel="share", ylim=(0, 0.78))
    axes.grid(axis="x", visible=False)


def _information(axes):
    p = np.linspace(0.002, 1, 500)
    axes.plot(p, -np.log(p), color=BLUE)
    for share, words, shift in zip(RAIN, ("rain", "no rain"), ((14, 0), (-12, 90))):
        told = -np.log(share)
        axes.plot(share, told, "o", color="black", zorder=3)
        axes.annotate(
            f"{words}, p = {share}: {told:.3f}",
            (share, told),
            shift,
            textcoords="offset points",
            ha="left" if share < 0.5 else "right",
            va="center",
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.8},
        )
    axes.set(title="Information: h = −log p", xlabel="p", ylabel="h")


def _entropy(axes, entropies):
    for row, ((p, q), entropy) in enumerate(zip(WINES, entropies)):
        place = np.arange(2) + 3 * row
        axes.bar(place - 0.2, p, 0.38, color="white", edgecolor="black", label="p, the label")
        bars = axes.bar(place + 0.2, q, 0.38, color=ORANGE, hatch="..", label="q, the prediction")
        axes.bar_label(bars, [f"{share:g}" for share in q])
        axes.text(place.mean(), 1.06, f"CCE = {entropy:.4f}", ha="center", fontweight="bold")
    axes.set_xticks([0, 1, 3, 4], KINDS * 2)
    axes.set(title="Cross entropy: −½ Σ p log q", ylim=(0, 1.45), ylabel="probability")
    axes.grid(axis="x", visible=False)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[:2], labels[:2], loc="upper center", ncols=2)
