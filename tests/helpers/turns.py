"""Engines and precisions take turns: each row of a table is run with one choice of several.

Every row with every engine in every precision would be more than a commit can wait for.  The
Hypothesis profile ``deep`` takes them all: ``HYPOTHESIS_PROFILE=deep make test``.

Whose turn it is comes from a hash of the row's name, so a new row moves no other: what a commit
tests of the old rows is what the last one tested.  A hash spreads as chance does.  A choice that
would be left out in a short table is taken, besides its own turn, by the row that is nearest to
it, so every choice comes up in every table.
"""

import os
from zlib import crc32

EVERY = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


def in_turn(rows, choices, every=EVERY):
    """Return (row, choice) for each row and the choice whose turn it is; or for every choice.

    What stands among the choices twice has twice as many turns.
    """
    rows, shares, choices = list(rows), list(choices), list(dict.fromkeys(choices))
    if every:
        return [(row, choice) for row in rows for choice in choices]
    own = [shares[number(row) % len(shares)] for row in rows]
    besides = {
        (min(range(len(rows)), key=lambda r: number(rows[r], choice)), choice)
        for choice in choices
        if choice not in own and rows
    }
    return [
        (row, choice)
        for r, row in enumerate(rows)
        for choice in choices
        if choice == own[r] or (r, choice) in besides
    ]


def one_in(count, rows, every=EVERY):
    """Return about one row of so many, and at least one; or every row.

    For what costs much and is much alike.
    """
    rows = list(rows)
    if every or not rows:
        return rows
    return [row for row in rows if number(row) % count == 0] or [min(rows, key=number)]


def number(*cases):
    """Return a number that only the names decide, the same in every process and on every system."""
    return crc32(" ".join(map(named, cases)).encode())


def named(case):
    """Return what pytest calls a parameter: a row's name, or a choice's words."""
    return getattr(case, "name", None) or (case if isinstance(case, str) else "-".join(case))
