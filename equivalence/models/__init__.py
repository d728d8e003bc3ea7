"""The tables of the seeds' models, a file for each seed or kind of model."""

from equivalence.models import convolution, digits, neurons, recurrent, topics

FAMILIES = (
    neurons,
    digits,
    convolution,
    recurrent,
    topics,
)
ROWS = tuple(row for family in FAMILIES for row in family.ROWS)
