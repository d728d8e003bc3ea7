"""The grid world: the value of the best action in each place, and where it leads."""

import numpy as np

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.style import SIDES
from equivalence.pictures.words import where

WAYS = ((0, -0.3), (0.3, 0), (0, 0.3), (-0.3, 0))  # up, right, down, left, rows going down


def fits(pair):
    m = trees.reference()
    return isinstance(pair.network(m), (m.Sarsa, m.QLearning))


def make(maker, name):
    return maker.run(name)


def draw(run):
    world = run.pair.network(trees.reference()).world
    paper = on.figure(4.7 * len(run.sides) + 0.3, 4.4)
    panels = paper.subplots(1, len(run.sides), squeeze=False)[0]
    for axes, (side, course) in zip(panels, run.sides.items()):
        table = course.last["Q"].reshape(world.rows, world.columns, -1)
        best = table.max(axis=-1)
        ends = np.zeros((world.rows, world.columns), bool)
        ends[:2, -1] = True
        shown = np.where(ends, np.nan, best)
        axes.imshow(shown, cmap="Blues", vmin=0, vmax=1.4 * np.nanmax(shown))
        for row, column in np.ndindex(best.shape):
            if ends[row, column]:
                reward = "+1" if row == 0 else "\N{MINUS SIGN}1"
                axes.text(column, row, reward, ha="center", va="center", fontsize=15)
                continue
            axes.text(column, row + 0.4, f"{best[row, column]:.3f}", ha="center", fontsize=9)
            across, down = WAYS[int(np.argmax(table[row, column]))]
            axes.annotate(
                "",
                (column + across, row + down - 0.08),
                (column - across, row - down - 0.08),
                arrowprops={"arrowstyle": "-|>", "linewidth": 1.6, "color": "black"},
            )
        axes.set_title(SIDES[side].name)
        axes.set_xticks(np.arange(world.columns + 1) - 0.5, [])
        axes.set_yticks(np.arange(world.rows + 1) - 0.5, [])
        axes.grid(color="black", linewidth=0.8)
        axes.tick_params(length=0)
    words = "Each place has the value of its best action, and an arrow where that leads."
    on.title(paper, "What the agent has learned of its world", f"{where(run)}. {words}")
    return paper
