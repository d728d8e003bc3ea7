"""The map of Kohonen: what each of its units has become."""

from equivalence import trees
from equivalence.pictures import paper as on
from equivalence.pictures.digits import image
from equivalence.pictures.style import SIDES
from equivalence.pictures.words import where


def fits(pair):
    m = trees.reference()
    network = pair.network(m)
    return isinstance(network, m.SelfOrganizingMap) and network.rows > 1


def make(maker, name):
    return maker.run(name)


def draw(run):
    network = run.pair.network(trees.reference())
    shape = network.rows, network.columns
    paper = on.figure(4.2 * len(run.sides) + 0.3, 0.95 * shape[0] + 1.3)
    halves = paper.subfigures(1, len(run.sides), squeeze=False)[0]
    for half, (side, course) in zip(halves, run.sides.items()):
        half.suptitle(SIDES[side].name, fontsize=11)
        for axes, unit in zip(half.subplots(*shape).flat, course.last["W"]):
            image(axes, unit)
    on.title(paper, "The map: each unit has become a digit, like its neighbours", where(run))
    return paper
