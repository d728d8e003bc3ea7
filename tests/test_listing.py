"""The pairs as one program: each listing is run, and comes to the pair's numbers bit for bit."""

from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
from helpers.turns import one_in

from equivalence.cli import main
from equivalence.engines.build import runner
from equivalence.pairs.table import PAIRS, ROWS
from equivalence.reader.align import step_marks
from equivalence.reader.listing import listing
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

NAMES = [row.name for row in ROWS if listing(row)]
LONGEST = 40
SOME = 16  # epochs


def after(source):
    """Run a program; return its variables, and what it printed."""
    names, printed = {}, StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "listing", "exec"), names)
    return names, printed.getvalue()


def printed_names(weights):
    """The names of a pair's weights in its listing: Sequential has other ones."""
    return ("WH", "BH", "WO", "BO") if "dense1.kernel" in weights else tuple(weights)


def test_which_pairs_are_one_program():
    """The networks of 411 to 418, every descent of 424 to 434 that Keras has, and two more."""
    assert {"dense-3-3", "relu-softmax-2-2-2", "descent-left", "adam"} <= set(NAMES)
    assert {"celsius-1", "xor-2-2-1"} <= set(NAMES)
    assert len(NAMES) == 19
    assert listing(PAIRS["adagrad-textbook"]) is None
    assert listing(PAIRS["digits-784-10"]) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_program_in_numpy_comes_to_the_pair_s_weights(name):
    pair, found = PAIRS[name], listing(PAIRS[name])
    names, printed = after(found.numpy)
    reference = program(pair, "float32")
    steps = pair.epochs * pair.steps_per_epoch
    weights = numpy_runner.run(reference, reference.start(), steps).weights
    for weight, states in zip(printed_names(weights), weights.values()):
        assert np.ravel(names[weight]).tolist() == states[-1].ravel().tolist()
        assert weight in printed


@pytest.mark.parametrize("name", one_in(3, NAMES))
def test_the_program_in_keras_comes_to_the_weights_of_the_pair_s_fit(name):
    """For the first epochs: Keras's fit takes milliseconds a step."""
    pair, source = PAIRS[name], listing(PAIRS[name]).keras
    for_all = (f"epochs={pair.epochs}", f"range({pair.epochs})")
    assert sum(source.count(words) for words in for_all) == 1
    for words in for_all:
        source = source.replace(words, words.replace(str(pair.epochs), str(SOME)))
    names, _ = after(source)
    reference = program(pair, "float32")
    engine = "eager" if "p" in reference.layout.weights else "fit"
    ran = runner(pair, reference, "keras", engine)
    weights = ran.run(reference, ran.start(reference), SOME * pair.steps_per_epoch).weights
    for weight, states in zip(printed_names(weights), weights.values()):
        assert np.ravel(names[weight]).tolist() == states[-1].ravel().tolist()


@pytest.mark.parametrize("name", NAMES)
def test_both_programs_are_short_and_in_step(name):
    found = listing(PAIRS[name])
    for text in (found.numpy, found.keras):
        assert len(text.splitlines()) <= LONGEST
        assert max(map(len, text.splitlines())) <= 100
    steps = [
        {k for a, b in step_marks(text) for k in range(a, b + 1)}
        for text in (found.numpy, found.keras)
    ]
    assert steps[0] == steps[1] == set(range(1, max(steps[0]) + 1))


def test_a_listing_is_read_in_a_terminal(capsys):
    assert main(["read", "dense-2-2", "--listing"]) == 0
    printed = capsys.readouterr().out
    assert "Wb = X.T @ Yb" in printed and "model.fit(X, T, epochs=200" in printed
    assert main(["read", "gru", "--listing"]) == 2
    assert "no pair with a listing: these are dense-2-2, " in capsys.readouterr().err
