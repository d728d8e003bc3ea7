"""The table of causes: what is known to be done otherwise than Keras does it."""

from equivalence.diagnose import upstream
from equivalence.diagnose.tables import (
    activations,
    graphs,
    layers,
    losses,
    networks,
    numbers,
    optimizers,
)

VARIANTS = (
    *optimizers.ROWS,
    *losses.ROWS,
    *layers.ROWS,
    *activations.ROWS,
    *networks.ROWS,
    *graphs.ROWS,
    *numbers.ROWS,
    *upstream.ROWS,
)
