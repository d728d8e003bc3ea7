"""Pictures of the reference's runs: what is drawn is what was computed, and what is refused."""

import numpy as np
import pytest

from equivalence.cli import main
from equivalence.pairs.table import PAIRS, ROWS
from equivalence.pictures import paper, table
from equivalence.pictures.making import Maker
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program


@pytest.fixture(autouse=True)
def _look():
    with paper.look():
        yield


def free_run(name, steps, dtype="float32"):
    """Return the reference's trajectory as the judge has it."""
    reference = program(PAIRS[name], dtype)
    return numpy_runner.run(reference, reference.start(), steps)


def drawn(name, kind=None, **options):
    """Return the figure of a picture with NumPy's side alone."""
    return table.find(name, kind).figure(Maker(sides=("numpy",), **options), name)


def lines(axes, label="NumPy"):
    """Return the (x, y) of the lines with a label that begins so."""
    return [line.get_xydata().T for line in axes.lines if str(line.get_label()).startswith(label)]


# --------------------------------------------------------------------- numbers


def test_the_loss_is_the_run_s_loss():
    figure = drawn("sigmoid-2-2-2", "loss", epochs=30)
    ((x, y),) = lines(figure.axes[0])
    assert x.tolist() == list(range(1, 31))
    assert y.tolist() == free_run("sigmoid-2-2-2", 30).loss["E"].tolist()


def test_of_several_batches_the_loss_is_the_epoch_s_mean():
    figure = drawn("iris-minibatch", "loss", epochs=3)
    ((_, y),) = lines(figure.axes[0])
    steps = free_run("iris-minibatch", 15).loss["E"].astype(np.float64)
    assert y == pytest.approx(steps.reshape(3, 5).mean(axis=1), rel=1e-12)


def test_the_points_on_the_curve_are_the_states_of_p():
    figure = drawn("adam", "curve")
    ((p, height),) = lines(figure.axes[0])
    assert p.tolist() == free_run("adam", 16).weights["p"].ravel().tolist()
    assert height == pytest.approx(0.5 * (p + 2) ** 2)


def test_all_methods_stand_on_one_sheet():
    figure = drawn("descent")
    names = ("descent-left", "descent-right", "momentum")
    names += ("adagrad-textbook", "rmsprop-textbook", "adam-textbook")
    for axes, name in zip(figure.axes, names, strict=True):
        ((p, _),) = lines(axes)
        assert p.tolist() == free_run(name, 16).weights["p"].ravel().tolist()


def test_too_large_a_rate_goes_away_and_too_small_a_one_hardly_moves():
    figure = drawn("learning-rates", dtype="float64")
    away = [abs(lines(axes)[0][0] + 2) for axes in figure.axes]
    shares = [0.99**16, 0.5**16, 0.9**16, 1.1**16]  # 1 - rate, sixteen times
    assert [a[-1] / a[0] for a in away] == pytest.approx(shares, rel=1e-9)


# ------------------------------------------------------------------- the table


def test_every_pair_with_a_loss_has_a_picture_and_no_other():
    lacking = {row.group for row in ROWS if not table.kinds_of(row)}
    assert lacking == {"optimizers", "options", "look-up", "layers"}


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("sigmoid-2-2-2", "curve", "no curve of sigmoid-2-2-2: the kinds of sigmoid-2-2-2 are "),
        ("sigmoid-2-2-2", "pie", "unknown kind 'pie'"),
        ("given-adam", None, "no picture of given-adam"),
        ("descents", None, "did you mean descent"),
        ("descent", "loss", "has no kinds"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(name, kind, words, capsys):
    arguments = ["plot", name, *(["--kind", kind] if kind else [])]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert words in said.replace("\n", " ")


# ---------------------------------------------------------------------- files


def test_a_file_that_cannot_be_written_is_refused_before_the_work(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(table.Picture, "figure", lambda *_: pytest.fail("it was drawn"))
    assert main(["plot", "adam", "--output", str(tmp_path / "none" / "a.png")]) == 2
    assert "cannot write" in capsys.readouterr().err
    assert main(["plot", "adam", "--output", str(tmp_path / "a.jpg")]) == 2
    assert "it ends in .png or .svg" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_it_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("equivalence.cli.plot.find_spec", lambda name: None)
    assert main(["plot", "adam", "--output", str(tmp_path / "a.png")]) == 2
    assert "pip install 'equivalence[plots]'" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_same_picture_is_the_same_file(tmp_path, ending, capsys):
    paths = [tmp_path / f"{k}.{ending}" for k in range(2)]
    for path in paths:
        assert main(["plot", "adam", "--side", "numpy", "--output", str(path)]) == 0
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert first.startswith(b"\x89PNG" if ending == "png" else b"<?xml")


def test_a_picture_has_a_name_of_its_own_and_says_what_it_shows(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["plot", "adam", "--side", "numpy", "--kind", "loss"]) == 0
    assert capsys.readouterr().out == "wrote adam-loss.png: the loss of every epoch\n"
    assert (tmp_path / "adam-loss.png").exists()


def test_plot_alone_lists_every_picture(capsys):
    assert main(["plot"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {name}: " in listed for name in (*table.KINDS, *table.SHEETS))


def test_a_title_says_what_of_which_pair_text_and_run():
    figure = drawn("adam", "curve")
    what, where = (text.get_text() for text in figure.texts)
    assert what == "Down the error parabola, point by point"
    assert where.replace("\n", " ").startswith("adam · seed 001, 434")
    assert where.replace("\n", " ").endswith("16 epochs in float32, NumPy")
