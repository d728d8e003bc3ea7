"""The tables of layers, a file for each family: its rows, and what is planted into it."""

from equivalence.pairs.layers import (
    attention,
    channels_first,
    constraints,
    convolution,
    convolution_transpose,
    dense,
    depthwise_convolution,
    dropout,
    masks,
    merging,
    normalization,
    places,
    pooling,
    recurrent,
    recurrent_options,
    regularizers,
    wrappers,
)

FAMILIES = (
    dense,
    convolution,
    convolution_transpose,
    depthwise_convolution,
    pooling,
    places,
    channels_first,
    normalization,
    dropout,
    regularizers,
    constraints,
    merging,
    recurrent,
    recurrent_options,
    masks,
    wrappers,
    attention,
)
ROWS = tuple(row for family in FAMILIES for row in family.ROWS)
PLANTS = tuple(plant for family in FAMILIES for plant in family.PLANTS)
