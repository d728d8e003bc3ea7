"""The table of causes: what is known to be done otherwise than Keras does it."""

from equivalence.diagnose.tables import optimizers

VARIANTS = (*optimizers.ROWS,)
