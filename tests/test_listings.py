"""The numbers of a run as the texts print them, from both sides."""

import csv
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import equivalence
from equivalence import trees
from equivalence.book.check import PRECISION, numbers, runs
from equivalence.cli.parser import main
from equivalence.errors import BadInput
from equivalence.listings import lines, trajectory
from equivalence.listings.sides import SIDES, Counting, record_of
from equivalence.listings.start import changes, data_letters
from equivalence.pairs.table import PAIRS

pytestmark = pytest.mark.tensorflow


# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    ("pair", "asked", "every", "wanted"),
    [
        ("dense-2-2", None, None, (1, 2, 200)),
        ("dense-2-2", [200, 2, 20, 2], None, (2, 20, 200)),
        ("dense-2-2", None, 50, (50, 100, 150, 200)),
        ("line", None, None, (1, 2, 20_000)),
        ("sarsa", None, None, (1, 2, 2000)),
    ],
)
def test_epochs_are_the_first_two_and_the_last_unless_they_are_named(pair, asked, every, wanted):
    assert Counting.of(PAIRS[pair]).wanted(asked, every) == wanted


def test_every_pairs_data_have_letters_that_its_weights_may_share_where_they_are_fed():
    for row in PAIRS.values():
        network = row.network(trees.reference())
        inputs, targets = data_letters(network)
        assert targets not in network.weight_names
        assert inputs not in network.weight_names or inputs in network.input_names


def test_what_goes_through_its_data_once_is_counted_in_steps():
    assert Counting.of(PAIRS["sarsa"]).unit == "step"
    assert Counting.of(PAIRS["dense-2-2"]).unit == "epoch"


WRONG = (
    (["411", "--epochs", "201"], ["epoch 201", "200"]),
    (["411", "--every", "201"], ["epoch 201", "200"]),
    (["411", "--epochs", "2,x"], ["'x'"]),
    (["411", "--digits", "40"], ["'40'"]),
    (["411", "--side", "jax"], ["jax", "both, numpy, tensorflow"]),
    (["411", "--dtype", "int8"], ["int8", "float32, float64"]),
    (["411", "--set", "V[0,0]=1"], ["'V'", "W (2, 2), B (1, 2), X (1, 2), T (1, 2)"]),
    (["411", "--set", "W[0,2]=1"], ["W[0,2]", "W (2, 2)"]),
    (["411", "--set", "W[0]=1"], ["W[0]", "W (2, 2)"]),
    (["411", "--set", "W[0,-1]=1"], ["W[0,-1]", "W (2, 2)"]),
    (["411", "--set", "W=1"], ["W", "(2, 2)", "W[0,0]"]),
    (["411", "--set", "W[0,0]=nan"], ["W[0,0]=nan", "finite"]),
    (["411", "--set", "W[0,0]"], ["'W[0,0]'", "WH[0,0]=0.2"]),
    (["411", "--csv", "/no/such/folder/numbers.csv"], ["/no/such/folder"]),
    (["417"], ["417", "sigmoid-softmax-2-2-2", "relu-softmax-2-2-2"]),
    (["1-4"], ["Course 1-4"]),
    (["dens-2-2"], ["dens-2-2", "dense-2-2"]),
)


@pytest.mark.parametrize(("typed", "named"), WRONG, ids=lambda x: " ".join(x)[:50])
def test_what_cannot_be_shown_is_one_sentence_and_exit_code_2(typed, named, capsys):
    assert main(["show", *typed]) == 2
    answer = capsys.readouterr()
    assert answer.out == "" and answer.err.count("\n") == 1
    assert [word for word in named if word not in answer.err] == []


# ----------------------------------------------------------------- the numbers


@pytest.mark.parametrize("side", ["numpy", "tensorflow"])
def test_the_numbers_are_those_that_the_text_prints(side):
    """415_1 and 415_2, and the gradients of 418_2, at the epochs of the text."""
    for (pair, dtype), figures in runs().items():
        if pair not in ("dense-2-2", "linear-2-2-2", "relu-softmax-2-2-2"):
            continue
        kept = record_of(pair, side, dtype, [1 + f.epoch for f in figures], {})
        for figure in figures:
            sides = [kept[1 + figure.epoch] if side == which else None for which in SIDES]
            (array,) = (a for a in lines.arrays(*sides) if a.name == figure.tensor)
            shown = "".join(line.plain for line in lines.lines(array.there, None, 3, 80))
            told = [float(number) for number in numbers(shown)]
            assert told == [float(number) for number in numbers(figure.printed)]
    assert PRECISION == {"numpy": "float64", "tensorflow": "float32"}


def test_a_trajectory_has_every_number_of_a_side():
    ours = equivalence.trajectory("dense-2-2")
    assert ours.weights["W"].shape == (201, 2, 2)
    assert ours.flows["Yb"].shape == (200, 1, 2)
    theirs = trajectory("dense-2-2", "tensorflow", epochs=3)
    assert theirs.steps == 3
    np.testing.assert_array_equal(theirs.weights["W"], ours.weights["W"][:4])
    np.testing.assert_array_equal(theirs.loss["E"], ours.loss["E"][:3])
    with pytest.raises(BadInput, match="unknown side 'jax'"):
        trajectory("dense-2-2", "jax")
    with pytest.raises(BadInput, match="0 epochs"):
        trajectory("dense-2-2", epochs=0)


def test_a_long_run_is_kept_where_it_is_asked_for_alone(monkeypatch):
    monkeypatch.setattr("equivalence.runs.blocks.NUMBERS", 100)
    whole = trajectory("quadratic-adam-minibatch", epochs=7)
    kept = record_of("quadratic-adam-minibatch", "numpy", "float32", [2, 7], {})
    assert [*kept] == [2, 7]
    for epoch, found in kept.items():
        np.testing.assert_array_equal(found["weights"]["W"], whole.weights["W"][10 * epoch])
        np.testing.assert_array_equal(found["loss"]["E"], whole.loss["E"][10 * epoch - 1])


@pytest.mark.parametrize("side", ["numpy", "tensorflow"])
def test_a_changed_start_changes_what_follows_from_it_alone(side):
    usual = trajectory("sigmoid-2-2-2", side, epochs=2)
    other = trajectory("sigmoid-2-2-2", side, epochs=2, start={"WH[0,1]": 0.75})
    assert other.weights["WH"][0, 0, 1] == 0.75
    np.testing.assert_array_equal(usual.weights["WH"][0, :, 0], other.weights["WH"][0, :, 0])
    assert usual.activations["H"][0, 0, 0] == other.activations["H"][0, 0, 0]
    assert usual.activations["H"][0, 0, 1] != other.activations["H"][0, 0, 1]
    zeros = trajectory("sigmoid-2-2-2", side, epochs=1, start={"WH": np.zeros((2, 2)), "T[0,0]": 1})
    assert np.all(zeros.weights["WH"][0] == 0)


def test_data_are_changed_by_samples_across_batches():
    name = "quadratic-adam-minibatch"
    usual, other = (trajectory(name, epochs=1, start=s) for s in ({}, {"X[15,0]": 0}))
    np.testing.assert_array_equal(usual.loss["E"][:1], other.loss["E"][:1])
    assert usual.loss["E"][1] != other.loss["E"][1]
    with pytest.raises(BadInput, match=r"X \(100, 2\), T \(100, 1\)"):
        trajectory("quadratic-adam-minibatch", epochs=1, start={"X[100,0]": 0})


def test_changes_are_read_as_they_are_typed():
    assert changes([" WH[ 0 ,1] = .5", "p=-1e-3"]) == {"WH[ 0 ,1]": 0.5, "p": -0.001}


# ------------------------------------------------------------------- the lines


def _plain(rows):
    return [row.plain for row in rows]


def test_an_array_is_printed_as_the_book_prints_it():
    W = np.array([[3.16, 3.8], [4.24, -4.2]])
    assert _plain(lines.lines(W, None, 3, 80)) == ["[[ 3.160   3.800 ]", " [ 4.240  -4.200 ]]"]
    assert _plain(lines.lines(np.array(0.25), None, 2, 80)) == [" 0.25 "]


def test_the_first_digit_that_differs_is_marked_with_and_without_colour():
    a, b = np.array([[0.12345, 1.0, 2.0]]), np.array([[0.12395, 1.0, 2.0000001]])
    (left,), (right,) = lines.lines(a, b, 5, 80), lines.lines(b, a, 5, 80)
    assert left.plain == "[[ 0.123|45  1.00000   2.00000~]]"
    assert right.plain == "[[ 0.123|95  1.00000   2.00000~]]"
    styles = {left.plain[span.start : span.end]: span.style for span in left.spans}
    assert styles[" 0.123"] == "dim" and styles["|4"] == "bold red"


def test_signs_lengths_and_what_is_no_number_are_marked_too():
    a, b = np.array([[-0.1, 12.5, np.nan]]), np.array([[0.1, 2.5, np.nan]])
    (left,), (right,) = lines.lines(a, b, 3, 80), lines.lines(b, a, 3, 80)
    assert left.plain == "[[|-0.100 |12.500    nan ]]"
    assert right.plain == "[[| 0.100 | 2.500    nan ]]"


def test_a_large_array_is_cut_and_says_how_many_rows_it_has():
    rows = _plain(lines.lines(np.ones((20, 50)), None, 3, 40))
    assert len(rows) == 9 and rows[-1] == " ... 20 rows"
    assert max(map(len, rows)) <= 40 and rows[0].endswith(" ...]")


def test_an_array_that_just_fits_is_not_cut():
    (row,) = _plain(lines.lines(np.ones((1, 4)), None, 3, 35))
    assert len(row) == 35 and lines.CUT not in row
    assert lines.CUT in lines.lines(np.ones((1, 4)), None, 3, 34)[0].plain


def test_what_differs_is_counted_over_what_both_have():
    one, other = np.float32([1, 2]), np.float32([1, np.nextafter(np.float32(2), np.float32(3))])
    shown = [lines.Shown("W", one, other), lines.Shown("Z", one, None)]
    count, differ, ulp = lines.compared(shown)
    assert (count, differ, ulp) == (2, 1, 1.0)


# ----------------------------------------------------------------- the command


def test_the_command_says_that_both_sides_are_bit_identical(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["show", "411", "--epochs", "1,2", "--data"]) == 0
    said = capsys.readouterr().out
    assert "epoch = 1  (after 2 epochs)" in said
    assert "Y = [[20.120 21.600 ]] [[20.120 21.600 ]]" in " ".join(said.split())
    assert " X = [[ 2.000   3.000 ]]" in said
    assert "bit-identical in all" in said
    assert max(map(len, said.splitlines())) <= 80


def test_the_command_marks_what_differs_and_explains_its_signs(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    typed = ["show", "434_1", "--epochs", "16", "--digits", "9"]
    assert main(typed) == 2  # two pairs
    assert main(["show", "celsius-1", "--epochs", "500", "--digits", "12"]) == 0
    said = capsys.readouterr().out
    assert ("differ, by at most" in said) == ("|" in said.partition("epoch = ")[2])


@pytest.mark.parametrize("typed", [["2,20"], ["2", "20"]])
def test_epochs_are_named_with_commas_or_as_words(typed, capsys):
    assert main(["show", "411", "--side", "numpy", "--epochs", *typed]) == 0
    said = capsys.readouterr().out
    assert [line.split()[2] for line in said.splitlines() if "epoch =" in line] == ["1", "19"]


@pytest.mark.outer
def test_every_number_is_a_line_of_a_table(capsys, tmp_path):
    assert main(["show", "411", "--epochs", "2", "--csv", str(tmp_path / "a.csv")]) == 0
    capsys.readouterr()
    assert main(["show", "411", "--epochs", "2", "--side", "numpy", "--csv"]) == 0
    out = capsys.readouterr().out
    rows = list(csv.DictReader(StringIO((tmp_path / "a.csv").read_text(encoding="utf-8"))))
    alone = list(csv.DictReader(StringIO(out)))
    of = lambda rows: {(r["tensor"], r["index"]): np.float32(r["numpy"]) for r in rows}
    assert of(rows).items() <= of(alone).items()
    W = trajectory("dense-2-2", epochs=2).weights["W"][2]
    assert of(alone)["W", "1 0"] == W[1, 0]
    assert {r["epoch"] for r in rows} == {"2"}
    kept = [r for r in rows if r["tensorflow"]]
    assert kept and all(np.float32(r["numpy"]) == np.float32(r["tensorflow"]) for r in kept)


def test_one_side_alone_is_shown_without_a_comparison(capsys):
    assert main(["show", "411", "--epochs", "1", "--side", "numpy"]) == 0
    said = capsys.readouterr().out
    assert " Z =" in said and "TensorFlow" not in said.partition("\n")[2]


def test_wide_arrays_stand_under_each_other():
    shown = [lines.Shown("Q", np.ones((1, 5)), np.ones((1, 5)))]
    console = Console(file=StringIO(), width=60)
    for line in lines.beside(shown, 3, console.width):
        console.print(line)
    assert console.file.getvalue().count("\n") == 2
    assert console.file.getvalue().startswith("np Q =")
