"""Turns: every row has one, every choice comes up, and the deep profile takes all."""

from collections import Counter

from helpers.turns import in_turn, one_in


def test_every_row_is_run_once_and_every_choice_as_often_as_any_other():
    turns = in_turn("abcdefgh", ("graph", "xla", "fit"), every=False)
    assert [row for row, _ in turns] == list("abcdefgh")
    counts = Counter(choice for _, choice in turns)
    assert set(counts) == {"graph", "xla", "fit"}
    assert max(counts.values()) - min(counts.values()) <= 1


def test_the_deep_profile_takes_every_choice_of_every_row():
    turns = in_turn("abcd", ("graph", "xla"), every=True)
    assert turns == [(row, choice) for row in "abcd" for choice in ("graph", "xla")]
    assert one_in(3, "abcdefgh", every=True) == list("abcdefgh")


def test_one_row_in_three_is_the_first_of_three():
    assert one_in(3, "abcdefgh", every=False) == ["a", "d", "g"]
