"""The tables of the seeds' models, a file for each seed or kind of model."""

from equivalence.models import digits, neurons, recurrent, topics

FAMILIES = (
    neurons,
    digits,
    recurrent,
    topics,
)
ROWS = tuple(row for family in FAMILIES for row in family.ROWS)
