"""Networks of parts are held layer by layer: what is recorded inside is what is used.

And a relative error of 1e-5 in what a layer inside puts out, in what flows back to it or in the
share of one use in a gradient is found there.
"""

from functools import cache
from unittest import mock

import numpy as np
import pytest
from helpers.turns import in_turn, thinned

from equivalence import trees
from equivalence.engines import build as tensorflow
from equivalence.judge import bits
from equivalence.judge.certificate import check, rounding_model
from equivalence.pairs.models import topics
from equivalence.pairs.table import PAIRS
from equivalence.plants.nudges import ask, by_enclosures, nudges_of
from equivalence.plants.small_errors import Case
from equivalence.steps.program import program
from equivalence.steps.trajectory import Layout

pytestmark = pytest.mark.tensorflow

STEPS = 4  # both players' turns, twice
STAGES = ("activations", "flows", "gradients")


def _is_of_parts(row):
    return isinstance(row.network(trees.reference()), trees.reference().Parts)


NAMES = [row.name for row in topics.ROWS if _is_of_parts(row)]
IN_KERAS = [name for name in NAMES if PAIRS[name].in_turn]
RUNS = [*((name, "tape", "eager") for name in NAMES), *((n, "tape", "graph") for n in NAMES)]
RUNS += [(name, "keras", "train_on_batch") for name in IN_KERAS]


@cache
def _record(name, twin, engine, steps=STEPS):
    reference = program(PAIRS[name], "float32")
    runner = tensorflow.runner(PAIRS[name], reference, twin, engine)
    return reference, runner.run(reference, runner.start(reference), steps)


@cache
def _recorded_outside(name, engine):
    """Return the tape twin's run with one activation recorded, and no share of a gradient."""
    m = trees.tensorflow()

    def whole(self, seen, name, of_weights):
        seen.update(zip(self.shares[name], of_weights, strict=True))
        return tuple(of_weights)

    reference = program(PAIRS[name], "float32")
    with mock.patch.object(m.Parts, "shared", whole):
        runner = tensorflow.runner(PAIRS[name], reference, "tape", engine)
        runner.activation_names, runner.flow_names = runner.activation_names[-1:], ()
        return runner.run(reference, runner.start(reference), STEPS)


def test_gans_rbms_vae_and_dqns_are_of_parts():
    kinds = ("gan", "dcgan", "rbm", "vae", "dqn")
    assert {n for n in (row.name for row in topics.ROWS) if n.startswith(kinds)} == set(NAMES)


@pytest.mark.parametrize(("name", "engine"), thinned(3, in_turn(NAMES, ("eager", "graph"))))
def test_recording_what_is_inside_changes_no_bits(name, engine):
    """Of weights, slots and gradients."""
    _, inside = _record(name, "tape", engine)
    outside = _recorded_outside(name, engine)
    assert bits.same_bits(inside, outside)
    for weight, gradient in outside.gradients.items():
        assert np.array_equal(gradient, inside.gradients[weight]), weight
    assert inside.flows and not outside.flows
    assert len(inside.activations) > 1 == len(outside.activations)


@pytest.mark.parametrize("name", thinned(2, IN_KERAS))
def test_keras_own_models_without_a_record_have_the_same_bits(name):
    """Two compiled models, ``predict_on_batch`` and ``train_on_batch``, as they are written."""
    from equivalence.engines.keras_objects import keras_optimizer_of

    reference, record = _record(name, "keras", "train_on_batch")
    m = trees.tensorflow()
    network, optimizer = PAIRS[name].network(m), PAIRS[name].optimizer(m)
    D, G, both = network.models(reference.weights, "float32")
    variables = (*D.trainable_variables, *G.trainable_variables)
    for model, own in zip((D, both), optimizer.optimizers, strict=True):
        model.compile(optimizer=keras_optimizer_of(own), loss=network.loss.keras())
    for step in range(STEPS):
        inputs, _ = reference.batch(step)
        x, z = np.split(inputs[:, 1:], [network.features], axis=1)
        ones = np.ones((len(x), 1), "float32")
        D.trainable = step % 2 == 0
        if D.trainable:
            made = G.predict_on_batch(z)
            D.train_on_batch(np.concatenate([x, made]), np.concatenate([ones, 0 * ones]))
        else:
            both.train_on_batch(z, ones)
        for variable, weights in zip(variables, record.weights.values(), strict=True):
            after = weights[step + 1].reshape(variable.shape)
            assert np.array_equal(variable.numpy(), after), (step, variable.path)


@pytest.mark.parametrize(("name", "twin", "engine"), thinned(4, RUNS))
def test_1e_5_inside_of_a_part_is_found_there(name, twin, engine):
    """In every element, and in the largest one; the honest record lies inside."""
    reference, record = _record(name, twin, engine)
    case = Case(reference, record, rounding_model("float32", engine))
    assert check(record, case.enclosures).outside is None
    layout = Layout.of(reference.network, reference.optimizer)
    assert set(record.activations) == set(layout.activations)
    assert set(record.flows) == set(layout.flows)
    nudges = [n for step in (0, 1) for n in nudges_of(record, step, stages=STAGES)]
    answers = ask(record, by_enclosures(case.enclosures), nudges)
    missed = [a.nudge for a in answers if not a.as_expected]
    assert len(missed) <= len(answers) // 20
    # A sum that cancels may err by more, and so may what honest roundings are carried to.
    assert [str(n) for n in missed if not (case.is_limited(n) or case.is_carried(n))] == []
