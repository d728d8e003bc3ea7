"""The tables of the texts' models, a file for each text or kind of model."""

from equivalence.pairs.models import convolution, digits, functional, neurons, recurrent, topics

FAMILIES = (
    neurons,
    functional,
    digits,
    convolution,
    recurrent,
    topics,
)
ROWS = tuple(row for family in FAMILIES for row in family.ROWS)
