"""All five methods of text 001 on one parabola: a panel each."""

from equivalence.pictures import paper as on
from equivalence.pictures.curve import walk

METHODS = (
    ("descent-left", "Gradient descent, to the left"),
    ("descent-right", "Gradient descent, to the right"),
    ("momentum", "Momentum"),
    ("adagrad-textbook", "AdaGrad"),
    ("rmsprop-textbook", "RMSProp"),
    ("adam-textbook", "Adam"),
)


def make(maker, name):
    return [maker.run(pair) for pair, _ in METHODS]


def draw(runs):
    paper = on.figure(9.6, 6.6)
    panels = paper.subplots(2, 3, sharex=True, sharey=True)
    for axes, run, (_, words) in zip(panels.flat, runs, METHODS):
        walk(axes, run)
        axes.set_title(f"{words} ({run.pair.sections[0][4:]})")
    for axes in panels[-1]:
        axes.set_xlabel("p")
    for axes in panels[:, 0]:
        axes.set_ylabel("E(p)")
    handles, labels = panels.flat[0].get_legend_handles_labels()
    paper.legend(handles, labels, loc="outside lower center", ncols=2)
    where = f"Inside TensorFlow 424 to 434; rate 0.5, {runs[0].length}, {runs[0].spec.dtype}"
    on.title(paper, "Sixteen steps down E(p) = ½ (p + 2)² by five methods", where)
    return paper
