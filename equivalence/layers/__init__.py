"""The tables of layers, a file for each family: its rows, and what is planted into it."""

from equivalence.layers import dense, masks, recurrent, wrappers

FAMILIES = (dense, recurrent, masks, wrappers)
ROWS = tuple(row for family in FAMILIES for row in family.ROWS)
PLANTS = tuple(plant for family in FAMILIES for plant in family.PLANTS)
