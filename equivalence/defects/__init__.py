"""Known upstream defects: what departs from the mathematics, where, and a model of it.

A defect is a row of ``ROWS``.  A run that matches a row is expected to be
``different``, and must be certified again when the reference is replaced by the
row's model, which reproduces the defect.  When upstream mends it, the run is no
longer different, which is unexpected, and the suite says so.
"""

from dataclasses import replace

from equivalence.defects.departures import DEPARTURES
from equivalence.defects.models import with_models
from equivalence.defects.table import ROWS, Defect, matching

__all__ = ["DEPARTURES", "ROWS", "Defect", "matching", "modelled"]


def modelled(program, rows):
    """Return a program whose optimizer has the defects of these rows built in."""
    models = [row.model for row in rows]
    return replace(program, optimizer=with_models(program.optimizer, models))
