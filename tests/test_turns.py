"""Turns: every row has one, every choice comes up, a new row moves none, deep takes all."""

from collections import Counter

import pytest
from helpers.engines import ENGINES
from helpers.turns import in_turn, one_in

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
