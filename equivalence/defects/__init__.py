"""Known upstream defects: what departs from the mathematics, where, and a model of it.

A defect is a row of ``ROWS``.  A run that matches a row is expected to be
``different``, and must be certified again when the reference is replaced by the
row's model, which reproduces the defect.  When upstream mends it, the run is no
longer different, which is unexpected, and the suite says so.
"""

from equivalence.defects.departures import DEPARTURES
from equivalence.defects.models import with_models
from equivalence.defects.schedules import (
    SCHEDULE_DEPARTURES,
    SCHEDULE_ROWS,
    ScheduleRun,
    matching_schedule,
    modelled_schedule,
)
from equivalence.defects.table import ROWS, Defect, matching

__all__ = [
    "DEPARTURES",
    "ROWS",
    "SCHEDULE_DEPARTURES",
    "SCHEDULE_ROWS",
    "Defect",
    "ScheduleRun",
    "matching",
    "matching_schedule",
    "modelled",
    "modelled_schedule",
]


def modelled(program, rows):
    """Return a program with the defects of these rows built in."""
    return with_models(program, [row.model for row in rows])
