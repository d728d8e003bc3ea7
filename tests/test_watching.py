"""The table of what of steps as users run them is covered: its rows, its file, its last lines."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import equivalence
from equivalence.benchmark import watching

ROOT = Path(__file__).parents[1]
GRAPH = watching.Watched(
    "dense", "graph", True, 125, 119, 1, True, 2000, 1900, 60, 0, 1e-6, [], {}, {"MatMul": 3}, 0.5
)
XLA = replace(GRAPH, engine="xla", enclosed=0, checked=1800, compilations=7)


def test_what_is_watched_and_what_is_enclosed_is_covered():
    assert GRAPH.covered == 0.98 and GRAPH.is_enough
    assert not replace(GRAPH, enclosed=0).is_enough
    assert XLA.covered == 0.9 and XLA.is_enough and not replace(XLA, checked=1799).is_enough


@pytest.mark.tensorflow  # the file says of which Keras it is
def test_rows_go_into_a_file_in_the_place_of_those_of_their_name_and_engine(tmp_path):
    file = tmp_path / "watched.json"
    watching.write(file, [GRAPH, XLA])
    text = file.read_text(encoding="utf-8")
    (here,) = json.loads(text)["environments"]
    file.write_text(text.replace(here["environment"], "elsewhere"), encoding="utf-8")
    watching.write(file, [replace(GRAPH, compilations=3)])
    assert watching.read(file) == [
        replace(GRAPH, compilations=3, environment=here["environment"]),
        replace(XLA, environment="elsewhere"),
    ]
    environments = json.loads(file.read_text(encoding="utf-8"))["environments"]
    assert [each["environment"] for each in environments] == ["elsewhere", here["environment"]]
    watching.write(file, [XLA])
    assert json.loads(file.read_text(encoding="utf-8"))["environments"] == [here]


@pytest.mark.tensorflow  # the file says of which Keras it is
def test_the_last_lines_name_the_least_that_is_covered_and_the_most_that_was_compiled(
    capsys, tmp_path
):
    file, low = tmp_path / "watched.json", replace(GRAPH, name="low", enclosed=0, compilations=9)
    refused = watching.refusal("branches", "xla", "BadInput: no XLA", 1.0)
    watching.write(file, [GRAPH, XLA, low, refused])
    assert watching.main(["--read", str(file)]) == 1
    printed = capsys.readouterr().out
    assert "graph: 1 of 2 rows with at least 97%, the least 95.00% (low); at most 9" in printed
    assert "xla: 1 of 1 rows with at least 90%, the least 90.00% (dense); at most 7" in printed
    assert "branches" in printed and "cannot run it: BadInput: no XLA" in printed
    watching.write(file, [replace(low, enclosed=60)])
    assert watching.main(["--read", str(file)]) == 0


def test_the_docs_say_what_the_committed_file_says():
    found = watching.read(ROOT / "results" / "watched.json")
    page = (ROOT / "docs" / "engineer.md").read_text(encoding="utf-8")
    assert all(f"    {line}\n" in page for line in watching.summary(found))
    assert f"({len(found)} of them" in page


@pytest.mark.tensorflow
def test_the_committed_rows_are_rows():
    found = watching.read(ROOT / "results" / "watched.json")
    assert {each.name for each in found} <= set(watching.rows())


@pytest.mark.tensorflow
def test_a_row_is_built_and_watched_under_its_policy():
    found = list(watching.measure("policy mixed_float16", ["graph", "train_on_batch"]))
    assert [each.engine for each in found] == ["graph", "train_on_batch"]
    for each in found:
        assert each.covered >= 0.97 and each.alike and not each.unexplained


@pytest.mark.outer
@pytest.mark.tensorflow
def test_a_loop_whose_body_only_calls_a_function_is_looked_into():
    """As the two of tf.nn.ctc_loss, which has more numbers in them than the rest of the step."""
    (found,) = watching.measure("ctc", ["graph"])
    assert found.covered >= 0.97 and found.inside == 0 and not found.unexplained


@pytest.mark.tensorflow
def test_the_rows_are_models_optimizers_schedules_normalizations_policies_and_networks():
    names = list(watching.rows())
    for kind in ("optimizer", "schedule", "normalization", "policy", "network"):
        assert sum(name.startswith(f"{kind} ") for name in names) >= 4
    assert {"ResNet50", "transformer", "gan", "vae", "pinn"} <= set(names)


@pytest.mark.tensorflow
def test_a_name_that_is_no_row_is_said(capsys):
    with pytest.raises(SystemExit):
        watching.main(["warp"])
    assert "no row 'warp'" in capsys.readouterr().err


@pytest.mark.outer
@pytest.mark.tensorflow
def test_what_xla_has_in_its_program_is_found_in_few_compilations(monkeypatch):
    """In 40 compilations 80 % of it was covered before the program was asked."""
    from equivalence.graph import watchable

    monkeypatch.setenv(watchable.FOLDER, "")
    (found,) = watching.measure("siamese", ["xla"])
    assert found.alike and found.whole and not found.unexplained
    assert found.covered >= 0.97 and found.compilations <= 8


@pytest.mark.outer
@pytest.mark.tensorflow
def test_in_a_loop_the_program_with_fetches_tells_what_these_change(monkeypatch):
    """By the numbers alone everything in a loop is suspected, as each follows from all others."""
    import keras
    import numpy as np

    from equivalence.graph.certify import Prepared
    from equivalence.graph.step import Batches
    from equivalence.graph.watch import Watching

    class Found(Exception):
        pass

    def find(self, memory):
        raise Found(self)

    keras.utils.set_random_seed(7)
    layers, rng = keras.layers, np.random.default_rng(7)
    model = keras.Sequential([keras.Input((4, 2)), layers.LSTM(3), layers.Dense(1)])
    model.compile("sgd", "mse")
    given = rng.normal(size=(8, 4, 2)), rng.normal(size=(8, 1))
    batch = Batches(given, 8, "float32")[0]
    monkeypatch.setattr(Watching, "find_watchable", find)
    with pytest.raises(Found) as raised:
        Prepared(model, batch, True).watch(batch, "xla")
    (watching,) = raised.value.args
    every = list(range(len(watching.tensors)))
    assert watching._same_bits([]) and not watching._same_bits(every)
    watching._program()
    blamed = watching._compare(every)
    inside = {watching.tensors[k].op.type for k in blamed if watching.part_of[k]}
    assert "BiasAddGrad" in inside and inside <= {"BiasAddGrad", "AddN", "Identity"}
    assert watching._same_bits([k for k in every if k not in blamed])


@pytest.mark.tensorflow
def test_what_is_fetched_waits_for_one_operation_that_waits_for_all_writes(monkeypatch):
    """Were it for each of them, a graph of thousands of tensors would have millions of edges."""
    import keras

    from equivalence.graph.watch import Watching

    plain, edges = Watching._compiled, []

    def compiled(self, keep):
        function, keys, functions = plain(self, keep)
        graph = function.get_concrete_function(*self.batch).graph
        edges.append((len(keys), sum(len(o.control_inputs) for o in graph.get_operations())))
        return function, keys, functions

    monkeypatch.setattr(Watching, "_compiled", compiled)
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), *(keras.layers.Dense(4) for _ in range(6))])
    model.compile("adam", "mse")
    x = np.ones((8, 4), "float32")
    equivalence.certify(model, x, x, steps=1, engine="graph", watch=True)
    assert edges and all(count < 8 * fetched for fetched, count in edges), edges


def test_of_what_is_computed_again_a_later_operation_has_the_one_or_the_other():
    """An LSTM's carry that a mask hands on was fetched of one kernel, and is of another."""
    from equivalence.arithmetic.rounding import Model
    from equivalence.graph.watch import or_fetched
    from equivalence.judge.certificate import usage

    model = Model("float32", ("eigen",))
    computed = model.array(np.float32([0.5, -0.75, 2.0])) * np.float32([0.1, 0.2, 0.3])
    fetched = np.float32([0.5 * 0.1, -0.75 * 0.2 * (1 + 1e-3), 2.0 * 0.3])
    assert (usage(fetched, computed) <= 1).tolist() == [True, False, True]
    held = or_fetched(computed, fetched, model)
    assert (usage(fetched, held) <= 1).all()
    assert (usage(np.float32(computed.mid), held) <= 1).all()
    beyond = np.float32([fetched[0], fetched[1] * (1 + 1e-5), fetched[2] * (1 + 1e-5)])
    assert (usage(beyond, held) <= 1).tolist() == [True, False, False]
    assert or_fetched(computed, np.float32(computed.mid), model) is computed


def test_numbers_that_are_handed_on_exactly_hold_what_was_fetched_of_them():
    from equivalence.arithmetic.rounding import Model
    from equivalence.graph.watch import or_fetched
    from equivalence.judge.certificate import usage

    given, fetched = np.float32([1.5, 2.5]), np.float32([1.5, 2.5000002])
    held = or_fetched(given, fetched, Model("float32", ("eigen",)))
    assert (usage(fetched, held) <= 1).all() and (usage(given, held) <= 1).all()
    assert not (usage(np.float32([1.5000001, 2.5]), held) <= 1).all()
