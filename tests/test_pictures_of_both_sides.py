"""Pictures of TensorFlow's side, beside the reference's."""

import pytest

from equivalence.engines.build import runner
from equivalence.pairs.table import PAIRS
from equivalence.pictures import paper, table
from equivalence.pictures.making import Maker
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow


@pytest.fixture(autouse=True)
def _look():
    with paper.look():
        yield


def line(axes, label):
    """Return x and y of the line with a label that begins so."""
    (found,) = (line for line in axes.lines if str(line.get_label()).startswith(label))
    return [values.tolist() for values in found.get_xydata().T]


def test_both_sides_stand_in_one_picture_each_with_its_own_numbers():
    figure = table.find("sigmoid-softmax-2-2-2", "loss").figure(
        Maker(epochs=40), "sigmoid-softmax-2-2-2"
    )
    pair = PAIRS["sigmoid-softmax-2-2-2"]
    reference = program(pair, "float32")
    engine = runner(pair, reference, "keras", "graph")
    theirs = engine.run(reference, engine.start(reference), 40).loss["E"]
    assert line(figure.axes[0], "TensorFlow")[1] == theirs.tolist()
    assert line(figure.axes[0], "NumPy")[1] != theirs.tolist()  # they round differently


def test_a_form_that_keras_lacks_is_run_by_its_tape_twin():
    figure = table.find("adagrad-textbook").figure(Maker(sides=("tensorflow",)), "adagrad-textbook")
    p, _ = line(figure.axes[0], "TensorFlow")
    assert p[0] == -5
    assert p[1] == pytest.approx(-4.5)  # the first step is the rate, whatever the slope
    assert "GradientTape" in figure.texts[1].get_text()
