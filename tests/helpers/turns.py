"""Rings of the tests, and turns: each row of a table is run with one choice of several.

Every row with every engine in every precision would be more than a commit can wait for.  The
Hypothesis profile says how many of them are run:

* ``default``, what ``make test`` runs: each row somewhere, or of what is dear and much alike every
  second, each engine, each precision;
* ``ci``, for every commit: each row with the choice whose turn it is, in every test of its table;
* ``deep``: every row with every choice, ``HYPOTHESIS_PROFILE=deep make test``.

Whose turn it is comes from a hash of the row's name, so a new row moves no other: what a commit
tests of the old rows is what the last one tested.  A hash spreads as chance does.  A choice that
would be left out in a short table is taken, besides its own turn, by the row that is nearest to
it, so every choice comes up in every table.

What the default ring leaves out has the mark ``outer`` (``thinned`` gives it to cases, a test may
have it as a whole); ``conftest.py`` deselects it, and says so in the last line of a run.
"""

import os
from zlib import crc32

import pytest

RING = os.environ.get("HYPOTHESIS_PROFILE", "default")
EVERY = RING == "deep"


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


def each_in_turn(rows, choices):
    """Return pytest's parameters of each row with each choice; what is not in turn is outer."""
    rows, choices = list(rows), list(choices)
    own = in_turn(rows, choices, every=False)
    return [
        pytest.param(row, choice, marks=() if (row, choice) in own else pytest.mark.outer)
        for row in rows
        for choice in choices
    ]


def each_with_engine(rows, engines, eager, count=4):
    """Return pytest's parameters: each row with the engine whose turn it is; most are outer.

    To trace and compile a step takes many times as long as some eager steps: a row whose turn is
    none of ``eager`` is run with one of those besides, and one in ``count`` of the rows with its
    own engine in the default ring too.
    """
    own = in_turn(rows, engines)
    slow = [case for case in own if case[1] not in eager]
    besides = in_turn([row for row, _ in slow], eager, every=False)
    quick = [case for case in own if case[1] in eager]
    return [
        *(pytest.param(*case) for case in dict.fromkeys((*quick, *besides))),
        *thinned(count, slow),
    ]


def one_in(count, rows, every=EVERY):
    """Return about one row of so many, and at least one; or every row.

    For what costs much and is much alike.
    """
    rows = list(rows)
    if every or not rows:
        return rows
    return [row for row in rows if number(row) % count == 0] or [min(rows, key=number)]


def thinned(count, cases, which=0, row=1):
    """Return pytest's parameters: about one case in ``count`` is for every ring, the others outer.

    A case is a tuple (row, choice, ...), or a row alone; ``row`` is how many of its values are
    the row's.  Each choice of the cases is kept at least once.  The row alone decides, so tests
    of one table may share its rows out: with one count, and each its own ``which``, they have
    each row in one of them.
    """
    cases = [case if isinstance(case, tuple) else (case,) for case in cases]
    shares = [number(case[:row], "ring") % count for case in cases]
    kept = {c for c, share in enumerate(shares) if share == which % count}
    for choice in dict.fromkeys(case[row:] for case in cases):
        own = [c for c, case in enumerate(cases) if case[row:] == choice]
        if kept.isdisjoint(own):
            kept.add(min(own, key=lambda c: number(*cases[c])))
    return [
        pytest.param(*case, marks=() if c in kept else pytest.mark.outer)
        for c, case in enumerate(cases)
    ]


def number(*cases):
    """Return a number that only the names decide, the same in every process and on every system."""
    return crc32(" ".join(map(named, cases)).encode())


def named(case):
    """Return what pytest calls a parameter: a row's name, or a choice's words."""
    if isinstance(case, tuple):
        return "-".join(map(named, case))
    name = getattr(case, "name", None) or getattr(case, "__name__", None) or str(case)
    if " at 0x" in name:
        raise ValueError(f"{name} is called otherwise in every process: it needs a name")
    return name
