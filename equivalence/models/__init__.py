"""The tables of the seeds' models, a file for each seed or kind of model."""

from equivalence.models import digits, neurons, topics

FAMILIES: tuple = (neurons, digits, topics)
ROWS = tuple(row for family in FAMILIES for row in family.ROWS)
