"""Pictures of the reference's runs: what is drawn is what was computed, and what is refused."""

import re

import numpy as np
import pytest
from helpers.turns import one_in

from equivalence.cli import main
from equivalence.pairs.table import PAIRS, ROWS
from equivalence.pictures import paper, table
from equivalence.pictures.making import Maker
from equivalence.reader import write_page
from equivalence.reader.lead import with_runs
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


def last_weights(name, epochs, dtype="float32"):
    """Return the reference's weights after so many epochs, in their order."""
    steps = epochs * PAIRS[name].steps_per_epoch
    return tuple(array[-1] for array in free_run(name, steps, dtype).weights.values())


def test_the_line_through_the_points_is_the_network_s():
    figure = drawn("celsius-1", epochs=40)
    ((x, y),) = lines(figure.axes[0])
    W, B = last_weights("celsius-1", 40)
    assert y.tolist() == (x.astype(np.float32)[:, None] @ W + B)[:, 0].tolist()
    ((degrees, fahrenheit),) = lines(figure.axes[0], "data")
    assert (degrees.tolist(), fahrenheit.tolist()) == (
        [-40, -10, 0, 8, 15, 22, 38],
        [-40, 14, 32, 46, 59, 72, 100],
    )
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert f"NumPy: y = {W.item():.6g} x + {B.item():.6g}" in legend


def test_where_x_squared_is_a_feature_the_curve_is_one_over_x():
    figure = drawn("quadratic-adam-batch", epochs=5)
    ((x, y),) = lines(figure.axes[0])
    W, B = last_weights("quadratic-adam-batch", 5)
    assert y == pytest.approx(W[0, 0] * x * x + W[1, 0] * x + B.item(), rel=1e-5, abs=1e-5)


def test_regions_are_where_the_output_passes_a_half():
    from equivalence.pictures import regions

    pair = PAIRS["and-neuron"]
    run = regions.make(Maker(sides=("numpy",), epochs=1000), "and-neuron")
    x, y = regions.grid(pair)
    says = run.any.output.reshape(x.shape) > 0.5
    kernel, bias = last_weights("and-neuron", 1000)
    assert (says == (kernel[0] * x + kernel[1] * y + bias.item() > 0)).mean() > 0.999
    assert says[np.argmin(abs(x[0] - 1)) == np.arange(len(x))].any()
    figure = regions.draw(run)
    marks = {line.get_label(): line.get_xydata().tolist() for line in figure.axes[0].lines}
    assert marks == {"class 0": [[1, 0], [0, 1], [0, 0]], "class 1": [[1, 1]]}


def test_of_four_features_two_are_drawn_and_the_others_have_their_means():
    from equivalence.pictures import regions

    rows = regions.inputs(PAIRS["iris-softmax"])
    x, _ = PAIRS["iris-softmax"].data()
    assert rows[:, :2] == pytest.approx(np.tile(x.mean(axis=0)[:2], (len(rows), 1)))
    assert "class 2" in [line.get_label() for line in drawn("iris-softmax", epochs=1).axes[0].lines]


def test_the_means_walk_as_they_were_computed():
    figure = drawn("k-means")
    ways = [line.get_xydata() for line in figure.axes[0].lines if line.get_linestyle() == "-"]
    (means,) = free_run("k-means", 20).weights.values()
    assert np.array(ways, np.float32).tolist() == means.swapaxes(0, 1).tolist()


def test_digits_stand_over_what_became_of_them():
    figure = drawn("denoising-autoencoder", epochs=1)
    shown = [axes.images[0].get_array().ravel() for axes in figure.axes]
    noisy, clean = PAIRS["denoising-autoencoder"].data()
    assert np.array(shown[:10]) == pytest.approx(noisy[:10])
    assert np.array(shown[10:20]) == pytest.approx(clean[:10])
    network = program(PAIRS["denoising-autoencoder"], "float32").network
    weights = last_weights("denoising-autoencoder", 1)
    *_, again = network.forward(weights, noisy[:10].astype(np.float32))[0]
    assert np.array(shown[20:]).tolist() == again.tolist()
    assert [axes.get_ylabel() for axes in figure.axes[::10]] == ["given", "wanted", "NumPy"]


def test_the_map_shows_its_units():
    figure = drawn("self-organizing-map")
    shown = [axes.images[0].get_array().ravel() for axes in figure.axes]
    assert np.array(shown).tolist() == last_weights("self-organizing-map", 1)[0].tolist()


def test_a_series_and_what_is_foretold():
    figure = drawn("series-conv1d", epochs=1)
    ((_, series),), ((_, foretold),) = (lines(figure.axes[0], f) for f in ("the series", "NumPy"))
    x, targets = PAIRS["series-conv1d"].data()
    assert series.tolist() == targets[:, 0].tolist()
    network = program(PAIRS["series-conv1d"], "float32").network
    *_, outputs = network.forward(last_weights("series-conv1d", 1), x.astype(np.float32))[0]
    assert foretold.tolist() == outputs[:, 0].tolist()


def test_the_grid_world_shows_the_value_of_the_best_action():
    figure = drawn("q-learning")
    shown = figure.axes[0].images[0].get_array()
    (Q,) = last_weights("q-learning", 1)
    best = Q.max(axis=-1).reshape(3, 4)
    assert np.flatnonzero(shown.mask).tolist() == [3, 7]  # where an episode ends
    assert shown.compressed().tolist() == np.delete(best.ravel(), [3, 7]).tolist()


def test_codes_stand_where_the_network_puts_the_digits():
    figure = drawn("autoencoder", "codes", epochs=1)
    places = np.array([text.get_position() for text in figure.axes[0].texts])
    assert [text.get_text() for text in figure.axes[0].texts[:12]] == list("012345678901")
    x, _ = PAIRS["autoencoder"].data()
    network = program(PAIRS["autoencoder"], "float32").network
    _, codes, *_ = network.forward(last_weights("autoencoder", 1), x.astype(np.float32))[0]
    assert places == pytest.approx(codes)


def test_what_the_generator_makes_is_counted():
    figure = drawn("gan", epochs=1)
    real = PAIRS["gan"].data()[0][:, 1]
    bars = figure.axes[0].patches[:60]  # of what is real
    shares = [bar.get_height() * bar.get_width() for bar in bars]
    inside = [(real >= b.get_x()) & (real < b.get_x() + b.get_width()) for b in bars]
    assert shares == pytest.approx([share.mean() for share in inside], abs=2 / len(real))
    assert any("made, NumPy" in text.get_text() for text in figure.axes[0].get_legend().texts)


def test_a_picture_stands_only_where_it_is_true():
    """E(p) has its minimum at -2 there; letters are no series."""
    assert "curve" not in table.kinds_of(PAIRS["running-mean"])
    assert "fit" not in table.kinds_of(PAIRS["running-mean"])
    assert "series" not in table.kinds_of(PAIRS["recurrent-hello"])


def test_the_weights_stand_on_their_edges():
    from equivalence.pictures.net import number

    figure = drawn("xor-2-2-1", "net", epochs=2)
    words = sorted(text.get_text() for text in figure.axes[0].texts)
    weights = last_weights("xor-2-2-1", 2)
    edges = [number(w) for kernel in weights[::2] for w in kernel.ravel()]
    biases = [f"bias {number(b)}" for bias in weights[1::2] for b in bias.ravel()]
    units = ["$x_1$", "$x_2$", "$h_1$", "$h_2$", "$y_1$"]
    assert words == sorted([*edges, *biases, *units])


def test_a_hidden_layer_too_wide_for_numbers_has_no_picture_of_edges():
    assert "net" in table.kinds_of(PAIRS["celsius-1-4-4-1"])
    assert "net" not in table.kinds_of(PAIRS["wine-12-48-24-12-2"])


def test_ways_down_the_bowl_start_at_one_point_and_come_nearer():
    from equivalence.pictures import surface

    runs = surface.make(Maker(sides=("numpy",)), "surface")
    for run in runs:
        slopes, intercepts = surface.way(run.any)
        height = surface.error(run.pair, slopes, intercepts)
        assert (slopes[0], intercepts[0]) == pytest.approx((1.2, 1))
        assert height[:-1] == pytest.approx(run.any.loss, rel=1e-4)
        assert height[-1] < height[0] / 20
    figure = surface.draw(runs)
    drawn_ways = [lines(axes)[0] for axes in figure.axes[:4]]
    assert [way[0].tolist() for way in drawn_ways] == [surface.way(r.any)[0].tolist() for r in runs]


def test_all_activations_and_their_derivatives_are_drawn():
    figure = drawn("activations", dtype="float64")
    assert len([axes for axes in figure.axes if axes.lines]) == len(table.functions()) == 34
    by_title = {axes.get_title(): axes for axes in figure.axes}
    x, y = by_title["Sigmoid"].lines[2].get_xydata().T
    _, slope = by_title["Sigmoid"].lines[3].get_xydata().T
    assert y == pytest.approx(1 / (1 + np.exp(-x)))
    assert slope == pytest.approx(y * (1 - y))
    _, first = by_title["Softmax of (x, 0, 0)"].lines[2].get_xydata().T
    assert first == pytest.approx(np.exp(x) / (np.exp(x) + 2))


def test_no_line_is_drawn_across_a_jump():
    figure = drawn("binary_step")
    ((x, y),) = lines(figure.axes[0])
    assert np.flatnonzero(np.isnan(y)).tolist() == [200]  # at 0, before the step
    assert set(y[~np.isnan(y)]) == {0, 1}


def test_scores_information_and_cross_entropy_have_the_text_s_numbers():
    from equivalence.pictures import information

    made = information.make(Maker(dtype="float64"), "information")
    assert made["powers"].sum() == pytest.approx(11.1073, abs=5e-5)
    assert made["shares"] == pytest.approx([0.67, 0.24, 0.09], abs=6e-3)
    assert made["entropies"] == pytest.approx([0.0696, 0.4581], abs=5e-5)
    words = {t.get_text() for axes in information.draw(made).axes for t in axes.texts}
    assert {"rain, p = 0.01: 4.605", "no rain, p = 0.99: 0.010", "CCE = 0.4581"} <= words


def test_a_distance_needs_two_sides(capsys):
    assert main(["plot", "adam", "--kind", "distance", "--side", "numpy"]) == 2
    assert "a distance is one of two sides" in capsys.readouterr().err


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
        ("descents", None, "the nearest are descent"),
        ("1-9", None, "several pairs answer 1-9: name one of momentum, "),
        ("4-1", None, "no pair answers 4-1"),
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


def test_a_section_of_a_text_has_the_picture_of_its_pair(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["plot", "001", "424_3", "--side", "numpy"]) == 0
    assert capsys.readouterr().out.startswith("wrote descent-right-curve.png")


def test_plot_alone_lists_every_picture(capsys):
    assert main(["plot"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {name}: " in listed for name in (*table.KINDS, *table.SHEETS))


def test_every_pair_of_the_texts_has_a_picture():
    drawable = [row.name for row in ROWS if row.group in ("books", "models")]
    for name in one_in(6, drawable):
        figure = drawn(name, epochs=1)
        assert figure.texts[0].get_text()


def test_a_title_says_what_of_which_pair_text_and_run():
    figure = drawn("adam", "curve")
    what, where = (text.get_text() for text in figure.texts)
    assert what == "Down the error parabola, point by point"
    assert where.replace("\n", " ").startswith("adam · Inside TensorFlow 434_1")
    assert where.replace("\n", " ").endswith("16 epochs in float32, NumPy")


# --------------------------------------------------------------- a pair's page


def test_the_page_of_a_pair_has_its_pictures_and_its_numbers(tmp_path):
    lead = with_runs(PAIRS["celsius-1"], Maker(sides=("numpy",), epochs=30))
    assert [figure.count("<svg") for figure in lead.figures] == [1, 1]
    assert "What was learned through the points" in lead.figures[0]
    assert "The loss of every epoch" in lead.figures[1]
    ids = [name for figure in lead.figures for name in re.findall(r' id="([^"]+)"', figure)]
    assert len(ids) == len(set(ids))
    trajectory = free_run("celsius-1", 30)
    assert lead.numbers.head == ["epoch", "0", "1", "2", "10", "20", "30"]
    rows = dict(lead.numbers.rows)
    assert list(rows) == ["E", "W", "B"]
    assert rows["E"][1:] == [(f"{trajectory.loss['E'][k - 1]:.6g}", "") for k in (1, 2, 10, 20, 30)]
    weights = trajectory.weights["W"].ravel()
    assert [ours for ours, _ in rows["W"]] == [f"{weights[k]:.6g}" for k in (0, 1, 2, 10, 20, 30)]
    page = write_page([], "celsius-1", tmp_path / "page.html", lead).read_text(encoding="utf-8")
    assert page.count("<svg") == 2 and f"<td>{weights[30]:.6g}</td>" in page


def test_a_pair_without_a_loss_has_a_page_without_pictures():
    lead = with_runs(PAIRS["given-adam"], Maker(sides=("numpy",)))
    assert (lead.figures, lead.numbers) == ([], None)


def test_many_weights_have_no_room_in_a_table():
    lead = with_runs(PAIRS["iris-softmax"], Maker(sides=("numpy",), epochs=3))
    assert [label for label, _ in lead.numbers.rows] == ["E"]
