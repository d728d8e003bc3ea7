"""How sharp a certificate is: what it says it would have found is found, at any depth."""

from dataclasses import replace

import numpy as np
import pytest

from equivalence.judge import certificate
from equivalence.judge.certificate import Place, check, enclose_steps, rounding_model, usage
from equivalence.judge.resolution import measure_resolution, smallest_errors
from equivalence.pairs.table import find
from equivalence.plants import sharp
from equivalence.plants.nudges import Nudge, ask, by_enclosures
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program
from equivalence.steps.trajectory import STAGES

pytestmark = pytest.mark.tensorflow


def _record(name, restarts=None, steps=2):
    """Return a row's record by NumPy and its Enclosures, in float32."""
    reference = program(find(name), "float32", seed=1)
    record = numpy_runner.run(reference, reference.start(), steps)
    model = rounding_model("float32", "graph")
    return record, enclose_steps(reference, record, model, restarts)


@pytest.mark.parametrize("name", ["sigmoid-softmax-2-2-2", "iris-softmax", "residual"])
def test_an_error_just_above_the_resolution_is_found_and_half_of_it_need_not_be(name):
    record, enclosures = _record(name)
    missed = 0
    for stage in STAGES:
        for tensor, values in record.computed(stage).items():
            ball = enclosures.balls[stage][tensor]
            errors = smallest_errors(values, ball)
            size = np.abs(values.astype(np.float64))
            largest = size.max(axis=tuple(range(1, size.ndim)), keepdims=True)
            counts = (size >= 2.0**-10 * largest) & (size > 0)
            assert errors.shape == (counts.sum(),)
            wrong = np.zeros(values.shape)
            for factor in (1.001, -1.001):
                wrong[counts] = errors * factor + np.sign(factor) * 1e-12
                assert (usage(values * (1 + wrong), ball)[counts] > 1).all(), (stage, tensor)
            wrong[counts] = errors / 2
            missed += int((usage(values * (1 + wrong), ball)[counts] <= 1).sum())
    assert missed > 0  # else the resolution would be said to be worse than it is


def test_a_deep_network_is_as_sharp_as_its_layers():
    record, whole = _record("residual", restarts=False)
    _, stages = _record("residual", restarts=True)
    apart = [measure_resolution(record, e.balls)["gradients"].median for e in (whole, stages)]
    assert apart[0] > 20 * apart[1], apart


@pytest.mark.parametrize("stage", ["gradients", "flows"])
def test_1e_5_in_every_element_is_found_in_every_layer_of_784_360_10(stage):
    record, enclosures = _record("digits-784-360-10", steps=1)
    nudges = [Nudge(stage, tensor, 0, None, 1e-5) for tensor in record.computed(stage)]
    answers = ask(record, by_enclosures(enclosures), nudges)
    assert len(answers) == len(record.computed(stage)) > 1
    assert [str(a.nudge) for a in answers if not a.as_expected] == []


def test_what_a_long_sum_allows_is_what_limits_a_bias_of_many_places(capsys):
    """A sum of 2048 terms that cancels; the list names it with that, and nothing that is sharp."""
    assert sharp.main(["digits-autoencoder", "iris-4-8-3"]) == 0
    *lines, first, _, _ = capsys.readouterr().out.splitlines()
    assert "would let 1e-05 in all elements pass" in first
    assert not [line for line in lines if line.startswith("iris")]
    (bias,) = [line for line in lines if "conv2d5.bias" in line]
    assert "without what L4 and L5 allow its sum of 2048" in bias
    found, without = map(float, bias.split("sharp to ")[1].split(" without")[0].split(", "))
    assert found > 1e-5 > 100 * without


def test_a_large_network_enclosed_in_parts_is_held_as_it_is_at_once(monkeypatch):
    """The parts have threads of their own, and a place is counted from the first step."""
    reference = program(find("iris-softmax"), "float32")
    record = numpy_runner.run(reference, reference.start(), 5)
    whole = enclose_steps(reference, record, rounding_model("float32", "graph"))
    monkeypatch.setattr(
        certificate, "MOST_WEIGHTS", 2 * sum(each.size for each in reference.weights)
    )
    monkeypatch.setattr(certificate, "blas_threads", lambda: 2)
    parts = enclose_steps(reference, record, rounding_model("float32", "graph"))
    assert parts.starts == (0, 2, 4) and len(whole.parts) == 1
    for stage, balls in whole.balls.items():
        for name, ball in balls.items():
            assert np.array_equal(parts.balls[stage][name].rad, ball.rad), (stage, name)
    assert parts.notes == whole.notes and parts.undecided == whole.undecided
    assert check(record, parts) == replace(check(record, whole), first=4)
    record.gradients["W"][3, 1, 2] += 0.1
    assert check(record, parts).outside == Place(3, "gradients", "W", (1, 2))
