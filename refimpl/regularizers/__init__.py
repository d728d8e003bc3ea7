"""Regularizers: a penalty on the size of a weight, or of what a layer puts out.

``forward`` gives the penalty of a matrix (..., rows, columns), one number a net;
``backward`` the parts of its gradient, one for each term of the penalty.
"""

from refimpl.regularizers.l1 import L1
from refimpl.regularizers.l1_l2 import L1L2
from refimpl.regularizers.l2 import L2

__all__ = [
    "L1",
    "L1L2",
    "L2",
]
