"""Pictures of TensorFlow's side, beside the reference's."""

import numpy as np
import pytest

from equivalence.engines.build import runner
from equivalence.judge.distance import ulps
from equivalence.pairs.table import PAIRS
from equivalence.pictures import paper, table
from equivalence.pictures.making import Maker
from equivalence.reader.lead import numbers
from equivalence.steps import numpy as numpy_runner
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


def test_the_distance_is_that_of_the_weights():
    figure = table.find("sigmoid-softmax-2-2-2", "distance").figure(
        Maker(epochs=30), "sigmoid-softmax-2-2-2"
    )
    pair = PAIRS["sigmoid-softmax-2-2-2"]
    reference = program(pair, "float32")
    engine = runner(pair, reference, "keras", "graph")
    theirs = engine.run(reference, engine.start(reference), 30).weights
    ours = numpy_runner.run(reference, reference.start(), 30).weights
    for name in ("WH", "BH", "WO", "BO"):
        _, far = line(figure.axes[0], name)
        assert far == ulps(ours[name], theirs[name]).reshape(31, -1).max(axis=1).tolist()


@pytest.mark.parametrize(
    "name", ["xor-2-2-1", "autoencoder", "vae", "rbm", "gan", "recurrent-many-to-one"]
)
def test_what_is_shown_of_a_trained_network_is_each_side_s_own(name):
    picture = table.find(name)
    run = picture.file.make(Maker(epochs=1), name)
    ours, theirs = run.sides["numpy"].shown, run.sides["tensorflow"].shown
    assert list(ours) == list(theirs)
    for part, of_ours in ours.items():
        assert of_ours.shape == theirs[part].shape
        assert theirs[part] == pytest.approx(of_ours, rel=1e-4, abs=1e-4)
    assert picture.file.draw(run).axes


def test_an_activation_of_both_sides_and_its_derivative():
    figure = table.find("selu").figure(Maker(dtype="float64"), "selu")
    for axes in figure.axes:
        ours, theirs = (np.array(line(axes, side)[1]) for side in ("NumPy", "TensorFlow"))
        assert np.nan_to_num(theirs) == pytest.approx(np.nan_to_num(ours), rel=1e-12)


def test_numbers_of_a_page_are_told_apart_where_they_are_not_the_same():
    maker = Maker(epochs=40)
    run = maker.run("sigmoid-softmax-2-2-2")
    ours, theirs = (side.weights["WH"] for side in run.sides.values())
    theirs[10, 0, 0] = np.nextafter(ours[10, 0, 0], 2)  # on some machines all bits agree
    rows = dict(numbers(run).rows)
    for place, count in enumerate((0, 1, 2, 10, 20, 40)):
        for name in ("WH", "BH", "WO", "BO"):
            ours, theirs = (side.weights[name][count, 0, 0] for side in run.sides.values())
            shown = rows[f"{name}[0,0]"][place]
            assert np.float32(shown[0].replace("−", "-")) == pytest.approx(ours, rel=1e-5)
            assert (shown[1] == "") == (ours == theirs)
    assert rows["WH[0,0]"][3][1]
