"""The working precisions: the format that both sides of a run compute in, one row each.

What the rounding model, a command or a table has to know of a precision is in its row; this
file imports nothing of ours.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Precision:
    """A working precision.

    name: as the command line, NumPy and TensorFlow know it.
    midpoints: the formats that the midpoints of its balls may have, the best first
        (``midpoints.midpoint_format`` takes the first that this machine has).
    tensor_cores: an NVIDIA GPU may round the operands of its matmuls to TF32.
    """

    name: str
    midpoints: tuple[str, ...]
    tensor_cores: bool = False

    @cached_property
    def _limits(self):
        return np.finfo(self.name)

    @property
    def dtype(self) -> np.dtype:
        """The format as NumPy has it."""
        return np.dtype(self.name)

    @cached_property
    def unit(self) -> float:
        """u: half the distance from 1 to the next float; 2^-24 or 2^-53."""
        return float(self._limits.eps) / 2

    @cached_property
    def tiny(self) -> float:
        """The smallest normal float: what flushing to zero may cost (L8)."""
        return float(self._limits.tiny)

    @cached_property
    def largest(self) -> float:
        """The largest float."""
        return float(self._limits.max)


LONGDOUBLE, TWO_FLOATS = "longdouble", "two-floats"

PRECISIONS = {
    precision.name: precision
    for precision in (
        Precision("float32", ("float64",), tensor_cores=True),
        Precision("float64", (LONGDOUBLE, TWO_FLOATS)),
    )
}
NAMES = tuple(PRECISIONS)
# What is run where nobody asks for another.
USUAL = NAMES[0]


def precision_of(dtype) -> Precision:
    """Return the row of a dtype, or of its name; raises KeyError for one that has none."""
    return PRECISIONS[np.dtype(dtype).name]
