"""Turns and rings: every row has one, every choice comes up, a new row moves none."""

from collections import Counter

import pytest
from helpers.engines import EAGER, ENGINES
from helpers.turns import each_in_turn, each_with_engine, in_turn, named, one_in, thinned

from equivalence.pairs.optimizers import OPTIMIZER_ROWS
from equivalence.pairs.table import ROWS

CHOICES = ("graph", "xla", "fit")


def test_every_row_has_a_turn_and_every_choice_comes_up_in_the_shortest_of_tables():
    for rows in ("a", "ab", "abcdefgh"):
        turns = in_turn(rows, CHOICES, every=False)
        assert {row for row, _ in turns} == set(rows)
        assert {choice for _, choice in turns} == set(CHOICES)
        assert len(turns) <= len(rows) + len(CHOICES) - 1


def test_a_new_row_moves_no_other():
    names = [row.name for row in ROWS]
    before = in_turn(names[1:], ENGINES, every=False)
    for place in (0, 17, len(names)):
        after = in_turn([*names[1:place], "a new one", *names[place:]], ENGINES, every=False)
        assert [turn for turn in after if turn[0] in names[1:]] == before
    assert [n for n in one_in(4, names, every=False) if n != names[0]] == one_in(
        4, names[1:], every=False
    )


def test_the_turns_of_the_tables_are_spread_as_chance_spreads_them():
    """Each count is binomial; five standard deviations are one in a million."""
    for rows, choices in ((ROWS, ENGINES), (ROWS, CHOICES), (OPTIMIZER_ROWS, CHOICES)):
        counts = Counter(choice for _, choice in in_turn(rows, choices, every=False))
        assert set(counts) == set(choices)
        for choice, n in counts.items():
            share = choices.count(choice) / len(choices)
            deviation = (len(rows) * share * (1 - share)) ** 0.5
            assert abs(n - len(rows) * share) <= 5 * deviation


def test_the_deep_profile_takes_every_choice_of_every_row():
    turns = in_turn("abcd", ("graph", "xla"), every=True)
    assert turns == [(row, choice) for row in "abcd" for choice in ("graph", "xla")]
    assert in_turn("a", ("graph", "graph", "xla"), every=True) == [("a", "graph"), ("a", "xla")]
    assert one_in(3, "abcdefgh", every=True) == list("abcdefgh")


@pytest.mark.parametrize("rows", ["a", "ab", [row.name for row in ROWS]], ids=len)
def test_one_row_in_three_is_about_a_third_and_never_none(rows):
    chosen = one_in(3, rows, every=False)
    assert chosen
    assert set(chosen) <= set(rows)
    assert len(chosen) <= max(1, 0.4 * len(rows))


def kept(parameters):
    """Return the cases that the default ring has."""
    return [parameter.values for parameter in parameters if not parameter.marks]


CASES = in_turn([row.name for row in ROWS], ENGINES, every=False)


@pytest.mark.parametrize("cases", [CASES, CASES[:1], [], [c[0] for c in CASES]], ids=len)
def test_thinned_cases_are_all_there_and_those_left_out_are_marked(cases):
    parameters = thinned(4, cases)
    assert [p.values for p in parameters] == [c if isinstance(c, tuple) else (c,) for c in cases]
    assert {mark.name for p in parameters for mark in p.marks} <= {"outer"}
    assert bool(kept(parameters)) == bool(cases)
    choices = {values[1:] for values in kept(parameters)}
    assert choices == {p.values[1:] for p in parameters}
    assert len(kept(parameters)) <= 0.3 * len(cases) + len(choices)


def test_each_row_is_run_eagerly_in_the_default_ring():
    names = [row.name for row in ROWS]
    parameters = each_with_engine(names, ENGINES, EAGER)
    assert {case[0] for case in kept(parameters) if case[1] in EAGER} == set(names)
    assert {p.values for p in parameters} >= set(in_turn(names, ENGINES, every=False))
    assert {case[1] for case in kept(parameters)} == {*ENGINES}
    outer = [p.values for p in parameters if p.marks]
    assert outer and {case[1] for case in outer}.isdisjoint(EAGER)


def test_a_row_may_be_of_several_values():
    assert len(kept(thinned(3, [(n, "b") for n in "abcdefgh"], row=2))) < 8
    assert len(kept(thinned(3, [(n, n) for n in "abcdefgh"]))) == 8


def test_tests_that_share_a_table_have_each_row_in_one_of_them():
    names = [row.name for row in ROWS]
    shares = [{row for (row,) in kept(thinned(3, names, which))} for which in range(3)]
    assert sum(map(len, shares)) == len(names)
    assert set.union(*shares) == set(names)


def test_each_row_is_in_the_default_ring_with_the_choice_whose_turn_it_is():
    parameters = each_in_turn("abcdefgh", CHOICES)
    assert [p.values for p in parameters] == [(row, c) for row in "abcdefgh" for c in CHOICES]
    assert kept(parameters) == in_turn("abcdefgh", CHOICES, every=False)
    assert {mark.name for p in parameters for mark in p.marks} == {"outer"}


def test_a_new_row_moves_no_other_out_of_the_default_ring():
    names = [row.name for row in ROWS]
    before = kept(thinned(4, names[1:]))
    assert [row for row in kept(thinned(4, names)) if row != (names[0],)] == before


def test_a_case_is_called_the_same_in_every_process():
    assert named(("a", ("b", 3), len)) == "a-b-3-len"
    with pytest.raises(ValueError, match="needs a name"):
        named(object())
