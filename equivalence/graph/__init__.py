"""A training step of somebody's own, certified operation by operation.

``certify`` traces the step of a compiled Keras model, or a function that trains variables, and
holds every number of it against what its operation may return for the operands that it had.
``rule`` adds what is known of a kind of operation.
"""

from equivalence.graph.certify import certify
from equivalence.graph.report import Report
from equivalence.graph.rules import rule

__all__ = ["Report", "certify", "rule"]
