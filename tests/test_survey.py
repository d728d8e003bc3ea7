"""Everything of Keras that a training step may call is in a table, and its steps are held."""

import keras
import pytest
from helpers.turns import one_in

from equivalence.engines import keras_twins
from equivalence.graph import survey
from equivalence.graph.rules import RULES
from equivalence.graph.survey_rows import NO_DERIVATIVE, OWN_CODE, REMAINING, UNREAD

pytestmark = pytest.mark.tensorflow

CALLS = survey.calls()


@pytest.mark.parametrize("room", survey.ROOMS)
def test_every_name_of_keras_has_a_row_or_a_reason(room):
    public = {n for n in dir(getattr(keras, room)) if not n.startswith("_")}
    named = {n for n in public if callable(getattr(getattr(keras, room), n))}
    rows = {called.name for called in CALLS if called.room == room}
    reasons = {name for where, name in survey.left_out() if where == room}
    assert named - rows - reasons == set()
    assert rows & reasons == set()


def test_what_is_said_to_have_no_rule_has_none():
    assert set(REMAINING) & set(RULES) == set()


@pytest.mark.parametrize("called", one_in(24, CALLS), ids=str)
def test_a_step_of_it_is_held_but_for_what_remains(called):
    found = survey.certify_call(called)
    assert not found.refused and found.numbers > 0
    assert {kind for kind, _ in found.without} <= set(REMAINING), found
    if called.name in NO_DERIVATIVE:
        assert found.gradient.startswith("no derivative"), found
    elif not found.without:
        assert found.verdict.startswith("rounding-identical") and not found.gradient, found


@pytest.mark.parametrize("name", one_in(4, NO_DERIVATIVE))
def test_images_that_are_moved_are_held_and_their_gradient_is_none(name):
    (called,) = survey.calls(f"layers.{name}")
    found = survey.certify_call(called)
    assert not found.without and found.gradient.startswith("no derivative"), found


def reasons():
    return {
        (room, name): why
        for room, rows in OWN_CODE.items()
        for why, names in rows.items()
        for name in names.split()
    }


@pytest.mark.parametrize("room", ["layers", "losses", "optimizers"])
def test_every_name_is_read_as_ours_or_says_why_it_is_own_code(room):
    """What a new Keras adds is told: a row by the first test, a twin or a reason by this."""
    rows = {called.name for called in CALLS if called.room == room}
    own = {name for where, name in reasons() if where == room}
    twins = keras_twins.names_with_twins(room)
    assert rows - twins == own, "names without a twin, or with one and a reason"


ASKED = [called for called in CALLS if called.room in ("layers", "losses", "optimizers")]


@pytest.mark.parametrize("called", one_in(12, ASKED), ids=str)
def test_what_is_said_to_be_own_code_is_and_nothing_else(called):
    *_, own = survey.recognise(called)
    why = reasons().get((called.room, called.name), "") or UNREAD.get(str(called), "")
    assert bool(own.file) != bool(why), own


def test_the_survey_names_what_is_not_held(monkeypatch):
    monkeypatch.delitem(RULES, "Cosh")
    (called,) = survey.calls("ops.cosh")
    found = survey.certify_call(called)
    assert ("Cosh", "no rule") in found.without and not found.whole
    assert survey.without_rule([(called, found)])["Cosh"] == ["ops.cosh"]
