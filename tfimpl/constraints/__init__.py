"""Constraints: what a step may not leave a weight as."""

from tfimpl.constraints.max_norm import MaxNorm
from tfimpl.constraints.min_max_norm import MinMaxNorm
from tfimpl.constraints.non_neg import NonNeg
from tfimpl.constraints.unit_norm import UnitNorm

__all__ = [
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
]
