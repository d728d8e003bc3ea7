"""Every layer alone: its gradients are derivatives, its runs are certified, wrong lines show.

The rows and what is planted into them stand in ``equivalence/pairs/layers``, by family.  Which
engine certifies a row goes round, so that every engine sees every family;
``equivalence verify --group layers`` runs all of them.
"""

from dataclasses import replace

import pytest
from helpers.engines import EAGER, ENGINES
from helpers.layer_gradients import assert_gradients
from helpers.turns import each_with_engine, named, thinned

from equivalence.judge.verdict import BIT_IDENTICAL, ROUNDING_IDENTICAL, SKIPPED
from equivalence.pairs import layers
from equivalence.pairs.table import PAIRS
from equivalence.plants.killrate import complaint, find
from equivalence.results.result import Spec
from equivalence.runs.run import run

pytestmark = pytest.mark.tensorflow

NAMES = [row.name for row in layers.ROWS]
# Rows whose inputs start where their layer has no derivative: what it hands back there is a choice.
AT_KINKS = ("layer-prelu-at-its-kink",)


@pytest.mark.parametrize("name", thinned(4, [n for n in NAMES if n not in AT_KINKS]))
def test_every_gradient_is_a_derivative(name):
    assert_gradients(name)


@pytest.mark.parametrize(("name", "turn"), each_with_engine(NAMES, ENGINES, EAGER, 8), ids=named)
def test_an_engine_in_turn_is_certified(name, turn):
    twin, engine, dtype = turn
    if twin == "keras" and PAIRS[name].keras is None:
        twin, engine = "tape", "eager"
    result = run(Spec(pair=name, twin=twin, engine=engine, dtype=dtype))
    assert result.expected, result


@pytest.mark.parametrize("plant", thinned(8, layers.PLANTS), ids=str)
def test_the_wrong_line_is_found_at_its_stage_and_step_and_the_right_side_is_blamed(plant):
    finding = find(plant)
    assert finding.as_expected, complaint(finding)


@pytest.mark.parametrize("family", layers.FAMILIES, ids=lambda family: family.__name__)
def test_every_family_has_five_wrong_lines_and_its_rows_have_names_of_their_own(family):
    assert len(family.PLANTS) >= 5
    names = {row.name for row in family.ROWS}
    assert len(names) == len(family.ROWS)
    assert {plant.run for plant in family.PLANTS} <= names


def test_a_layer_that_the_installed_keras_lacks_is_skipped_with_its_name(monkeypatch):
    monkeypatch.delattr("keras.layers.RMSNormalization")
    spec = Spec("layer-rms-normalization", "float32", "keras", "eager")
    result = run(spec)
    assert result.verdict == SKIPPED and result.expected
    assert result.reason.endswith("has no RMSNormalization")
    assert run(replace(spec, twin="tape")).verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL)


def _refusing(words):
    """Return what stands for a layer of Keras that refuses its options by these words."""

    def refuse(*arguments, **options):
        raise ValueError(words)

    return refuse


def test_a_layer_whose_options_an_older_keras_refuses_is_skipped_with_its_words(monkeypatch):
    """Up to 3.8 at least Keras's DepthwiseConv2D has no strides and dilation_rate at once."""
    words = "`strides > 1` not supported in conjunction with `dilation_rate > 1`"
    refuse = _refusing(f"{words}. Received: strides=(2, 2) and dilation_rate=(2, 2)")
    monkeypatch.setattr("keras.layers.DepthwiseConv2D", refuse)
    result = run(Spec("layer-depthwise2d-strides-dilated-no-bias", "float32", "keras", "eager"))
    assert (result.verdict, result.expected, result.cause) == (SKIPPED, True, "not-in-keras")
    assert result.reason.endswith(f"refuses it: {words}")


def test_what_no_version_is_known_to_refuse_is_an_error(monkeypatch):
    monkeypatch.setattr("keras.layers.DepthwiseConv2D", _refusing("something else"))
    with pytest.raises(ValueError, match="something else"):
        run(Spec("layer-depthwise2d-strides-dilated-no-bias", "float32", "keras", "eager"))
