"""Every cause of the table is named: by own code of ``mistakes``, or of numbers that follow it."""

from dataclasses import replace

import mistakes
import pytest
from helpers.turns import thinned

from equivalence.diagnose import examples
from equivalence.diagnose.recipe import brought, sees_of
from equivalence.diagnose.searching import diagnosed
from equivalence.diagnose.tables import VARIANTS
from equivalence.diagnose.telling import as_if
from equivalence.diagnose.variant import DEFECT

OWN = {
    name
    for table in vars(mistakes).values()
    if isinstance(table, tuple)
    for row in table
    if isinstance(row, mistakes.Row)
    for name in row.cause.split(" + ")
}
# A defect of Keras's has a program of its own, which the tests of ``defects`` run.
REST = [v for v in VARIANTS if v.name not in OWN and v.kind != DEFECT]


def answers(variant):
    """Yield the answer to numbers that follow a cause, of each example that shows it."""
    for place, (words, _) in enumerate(examples.all_sides()):
        side, blank, recipe, keras = examples.of_keras(place)
        for _, changed in variant.change(recipe):
            yours = as_if(changed, side, blank)
            if examples.farthest(words, brought(yours, recipe.network.weight_names), keras):
                asked = side.recipe.with_(sees=sees_of(yours), yours=yours)
                if not list(variant.change(asked)):  # it is of float32 numbers alone
                    yours = replace(yours, dtype="float32")
                    asked = side.recipe.with_(sees=sees_of(yours), yours=yours)
                yield diagnosed(asked, yours, VARIANTS)


@pytest.mark.parametrize("variant", thinned(3, REST), ids=lambda v: v.name)
def test_a_cause_is_named_from_numbers_that_follow_it(variant):
    """Alone, or among those of which the answer says that these data cannot tell them apart."""
    said = []
    for answer in answers(variant):
        alone = [each for each in (answer.causes, *answer.others) if len(each) == 1]
        if any(cause is variant for ((cause, _),) in alone):
            return
        said.append((answer.kind, answer.cause))
    pytest.fail(f"{variant.name}: {said}")


def test_the_causes_of_mistakes_are_in_the_table():
    assert OWN - {""} <= {v.name for v in VARIANTS}
    assert len(REST) < len(VARIANTS) / 2
