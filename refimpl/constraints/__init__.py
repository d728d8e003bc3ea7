"""Constraints: what a step may not leave a weight as, applied when the optimizer is done.

``forward`` gives the weight that is kept of a matrix (..., rows, columns).  axis: -2, the
norm of each column, as Keras's axis=0 of a matrix; or -1, of each row.  Of a kernel of more
axes all but the last are rows: there -2 is Keras's axis=(0, 1, ...).
"""

from refimpl.constraints.max_norm import MaxNorm
from refimpl.constraints.min_max_norm import MinMaxNorm
from refimpl.constraints.non_neg import NonNeg
from refimpl.constraints.unit_norm import UnitNorm

__all__ = [
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
]
