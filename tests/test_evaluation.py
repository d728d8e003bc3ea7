"""What Keras's fit, evaluate and predict report lies in the balls of what it may honestly be."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import refimpl.metrics as ours
import tfimpl.metrics as theirs
from equivalence import trees
from equivalence.cli.parser import main
from equivalence.errors import BadInput
from equivalence.evaluation import at_rest, evaluate, holding

pytestmark = pytest.mark.tensorflow

ROWS = (  # a softmax, a sigmoid with a smaller last batch, a line, dropout and penalties
    ("iris-minibatch", "float32", 0.25),
    ("logistic-regression", "float32", 0.0),
    ("quadratic-adam-minibatch", "float64", 0.0),
    ("overfitting", "float32", 0.2),
)


@pytest.mark.parametrize(("name", "dtype", "validation"), ROWS)
def test_what_keras_reports_lies_in_its_balls(name, dtype, validation):
    said = evaluate(name, dtype, epochs=2, validation=validation)
    assert [row for row in said if not row.inside] == []
    assert {row.call for row in said} == {"fit", "evaluate", "predict"}
    assert any(row.name == "val_loss" for row in said) == bool(validation)
    assert all(0 <= row.radius < 1e-4 * max(1, abs(row.keras)) for row in said)


def test_a_mean_of_batches_that_forgets_their_sizes_lies_outside(monkeypatch):
    monkeypatch.setattr(
        trees.reference(), "mean_over_batches", lambda means, counts: np.mean(means)
    )
    outside = {row.name for row in evaluate("logistic-regression", epochs=1) if not row.inside}
    assert outside == {"loss"}


def test_dropout_that_is_not_at_rest_lies_outside(monkeypatch):
    monkeypatch.setattr(at_rest, "_passes_on", lambda layer: False)
    outside = {row.call for row in evaluate("overfitting", epochs=1) if not row.inside}
    assert outside == {"evaluate", "predict"}


def test_what_a_step_saw_is_not_what_the_last_weights_see():
    """``fit`` reports the loss before each step, ``evaluate`` the loss after the last."""
    said = {(row.call, row.name): row for row in evaluate("dense-2-2", epochs=1)}
    assert said["evaluate", "loss"].keras < said["fit", "loss"].keras


OUTPUTS = np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2], [0.1, 0.1, 0.8]], "float32")
CLASSES = np.array([[1.0], [1.0], [2.0]], "float32")
ONE_HOT = np.eye(3, dtype="float32")[[1, 1, 2]]
ABOVE = np.array([[0.2], [0.5], [0.7]], "float32")


@pytest.mark.parametrize(
    ("outputs", "targets", "wanted", "keras_name"),
    [
        (OUTPUTS, ONE_HOT, [1, 0, 1], "CategoricalAccuracy"),  # of equals the first
        (OUTPUTS, CLASSES, [1, 0, 1], "SparseCategoricalAccuracy"),
        (ABOVE, np.array([[0.0], [1.0], [1.0]], "float32"), [1, 0, 1], "BinaryAccuracy"),
    ],
)
def test_accuracies_by_hand_are_those_of_both_sides_and_of_keras(
    outputs, targets, wanted, keras_name
):
    assert ours.accuracy(outputs, targets).tolist() == wanted
    assert theirs.accuracy(tf.constant(outputs), tf.constant(targets)).numpy().tolist() == wanted
    metric = getattr(keras.metrics, keras_name)()
    metric.update_state(targets, outputs)
    assert float(metric.result()) == np.float32(sum(wanted) / 3)


def test_a_mean_over_batches_counts_samples():
    """32 samples of mean 1 and 8 of mean 2: (32 + 16) / 40, as Keras's Mean has it."""
    means, counts = np.array([1.0, 2.0]), np.array([32.0, 8.0])
    assert ours.mean_over_batches(means, counts) == 1.2
    assert float(theirs.mean_over_batches(tf.constant(means), tf.constant(counts))) == 1.2
    mean = keras.metrics.Mean(dtype="float64")
    for value, count in zip(means, counts, strict=True):
        mean.update_state(value, sample_weight=count)
    assert float(mean.result()) == 1.2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("gan",), "no Keras model with a loss"),
        (("dense-2-2", "float16"), "float16"),
        (("dense-2-2", "float32", 0), "0 epochs"),
        (("dense-2-2", "float32", 1, 1.5), "no share to hold back"),
        (("dense-2-2", "float32", 1, 0.5), "leaves none to learn from"),
        (("next-word-lstm-drops",), "unknown pair"),
    ],
)
def test_what_cannot_be_evaluated_is_one_sentence(asked, words):
    with pytest.raises(BadInput, match=words):
        evaluate(*asked)


def test_a_layer_that_drops_inside_of_itself_is_refused():
    m = trees.reference()
    network = m.Sequential((3, 1), (m.LSTM(2, dropout=0.5), m.Dense(1)))
    with pytest.raises(BadInput, match="LSTM that drops"):
        at_rest.at_rest(network)


def test_the_command_prints_what_was_held(capsys, monkeypatch):
    monkeypatch.setattr(
        "equivalence.machine.workers.Workers.submit",
        lambda self, function, *args, **_: _Done(function(*args)),
    )
    assert main(["evaluate", "413", "--epochs", "1"]) == 0
    printed = capsys.readouterr().out
    assert "7 numbers held, all inside." in printed and "evaluate" in printed
    monkeypatch.setattr(holding.Said, "inside", False)
    assert main(["evaluate", "413", "--epochs", "1"]) == 1
    assert "7 outside" in capsys.readouterr().out


class _Done:
    def __init__(self, value):
        self.value = value

    def result(self):
        return self.value
