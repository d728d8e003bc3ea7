"""Learning rates too small and too large, on the parabola of text 001."""

from equivalence.pictures import paper as on
from equivalence.pictures.curve import error, walk
from equivalence.pictures.style import FAINT

RATES = (
    (0.01, ", too small: it hardly moves"),
    (0.5, ": half of the way at every step"),
    (1.9, ": across the minimum, and nearer each time"),
    (2.1, ", too large: farther away each time"),
)
PAIR = "descent-right"


def make(maker, name):
    return [maker.run(PAIR, learning_rate=rate) for rate, _ in RATES]


def draw(runs):
    paper = on.figure(9, 7.2)
    panels = paper.subplots(2, 2)
    for axes, run, (rate, words) in zip(panels.flat, runs, RATES):
        p = run.any.weights["p"].ravel()
        axes.plot(p, error(p), color=FAINT, linewidth=1, zorder=1.5)
        walk(axes, run)
        axes.set_title(f"rate {rate}{words}")
        axes.set(xlabel="p", ylabel="E(p)")
    handles, labels = panels.flat[0].get_legend_handles_labels()
    paper.legend(handles, labels, loc="outside lower center", ncols=2)
    where = f"Data analysis, the learning rate of gradient descent; {runs[0].length}"
    on.title(paper, "Learning rates, too small to too large", where)
    return paper
