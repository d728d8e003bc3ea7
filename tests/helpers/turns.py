"""Engines and precisions take turns: each row of a table is run with one choice of several.

Every row with every engine in every precision would be more than a commit can wait for.  The
Hypothesis profile ``deep`` takes them all: ``HYPOTHESIS_PROFILE=deep make test``.
"""

import os

EVERY = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


def in_turn(rows, choices, every=EVERY):
    """Return (row, choice) for each row and the choice whose turn it is; or for every choice."""
    return [
        (row, choice)
        for place, row in enumerate(rows)
        for k, choice in enumerate(choices)
        if every or k == place % len(choices)
    ]


def one_in(count, rows, every=EVERY):
    """Return one row of so many, for what costs much and is much alike; or every row."""
    return list(rows)[:: 1 if every else count]


def named(case):
    """Return what pytest calls a parameter: a row's name, or a choice's words."""
    return getattr(case, "name", None) or (case if isinstance(case, str) else "-".join(case))
