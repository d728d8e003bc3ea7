"""The working precisions: the format that both sides of a run compute in, one row each.

What the rounding model, a command or a table has to know of a precision is in its row; this
file imports nothing of ours.
"""

from dataclasses import dataclass
from functools import cached_property

import ml_dtypes
import numpy as np


@dataclass(frozen=True)
class Precision:
    """A working precision.

    name: as the command line, NumPy and TensorFlow know it.
    midpoints: the formats that the midpoints of its balls may have, the best first
        (``midpoints.midpoint_format`` takes the first that this machine has).
    tensor_cores: an NVIDIA GPU may round the operands of its matmuls to TF32.
    wider: the name of the precision in which a CPU computes, to round to this one at the end;
        "" where it computes in this one.
    flushed: a result below the smallest normal float may be flushed to 0 (L8).  A float16 is
        not: in float32, where it is computed, it is normal.
    """

    name: str
    midpoints: tuple[str, ...]
    tensor_cores: bool = False
    wider: str = ""
    flushed: bool = True

    @cached_property
    def _limits(self):
        return ml_dtypes.finfo(self.dtype)

    @cached_property
    def dtype(self) -> np.dtype:
        """The format as NumPy has it; bfloat16 is ml_dtypes', as TensorFlow's arrays have it."""
        return np.dtype(getattr(ml_dtypes, self.name, self.name))

    @cached_property
    def unit(self) -> float:
        """u: half the distance from 1 to the next float; 2^-24, 2^-53, 2^-11 or 2^-8."""
        return float(self._limits.eps) / 2

    @cached_property
    def tiny(self) -> float:
        """The smallest normal float, from which on rounding is relative."""
        return float(self._limits.tiny)

    @cached_property
    def smallest(self) -> float:
        """The smallest float above 0, a subnormal one."""
        return float(self._limits.smallest_subnormal)

    @cached_property
    def lost(self) -> float:
        """What a result below ``tiny`` may lose: all of it (L8), or half a place (L18)."""
        return self.tiny if self.flushed else self.smallest / 2

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
        Precision("float16", ("float64",), wider="float32", flushed=False),
        Precision("bfloat16", ("float64",), wider="float32"),
    )
}
# In which pairs run; and in which a step of somebody's own may compute.
NAMES = tuple(name for name, precision in PRECISIONS.items() if not precision.wider)
FORMATS = tuple(PRECISIONS)
HALVES = tuple(name for name in FORMATS if name not in NAMES)
# What is run where nobody asks for another.
USUAL = NAMES[0]


@dataclass(frozen=True)
class Policy:
    """A policy of Keras's: in which precision its variables are, and in which layers compute."""

    name: str
    variables: str
    computes: str


POLICIES = {
    policy.name: policy
    for policy in (
        *(Policy(name, name, name) for name in FORMATS),
        *(Policy(f"mixed_{name}", USUAL, name) for name in HALVES),
    )
}


def precision_of(dtype) -> Precision:
    """Return the row of a dtype, or of its name; raises KeyError for one that has none."""
    return PRECISIONS[dtype if isinstance(dtype, str) else np.dtype(dtype).name]
