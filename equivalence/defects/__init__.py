"""Known upstream defects: what departs from the mathematics, where, and a model of it.

A defect is a row of ``ROWS``.  A run that matches a row is expected to be
``different``, and must be certified again when the reference is replaced by the
row's model, which reproduces the defect.  When upstream mends it, the run is no
longer different, which is unexpected, and the suite says so.
"""

from dataclasses import dataclass, replace

from equivalence.defects.departures import DEPARTURES
from equivalence.defects.functions import FUNCTION_DEFECTS, matching_parts, with_functions
from equivalence.defects.models import with_models
from equivalence.defects.schedules import (
    SCHEDULE_DEPARTURES,
    SCHEDULE_ROWS,
    ScheduleRun,
    matching_schedule,
    modelled_schedule,
)
from equivalence.defects.table import ROWS, Defect, matching_rows

__all__ = [
    "DEPARTURES",
    "FUNCTION_DEFECTS",
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


@dataclass(frozen=True)
class MetSchedule:
    """A row of ``SCHEDULE_ROWS`` in the run that meets it."""

    row: object
    run: ScheduleRun

    @property
    def name(self):
        return self.row.name

    @property
    def narrow(self):
        return self.row.narrow


@dataclass(frozen=True)
class MetFunction:
    """A row of ``FUNCTION_DEFECTS`` that a part of the run's network meets."""

    row: object

    @property
    def name(self):
        return self.row.name

    @property
    def always(self):
        return self.row.always

    @property
    def narrow(self):
        return self.row.narrow


def matching(program, twin, engine="graph", last=0):
    """Return the rows that a run of this program of the reference meets.

    last: the number of the last iteration, which a schedule may depend on.
    """
    parts = matching_parts(program.network, twin, engine, program.dtype)
    rows = (*matching_rows(program, twin), *map(MetFunction, parts))
    schedule = program.optimizer.learning_rate
    if not hasattr(schedule, "rate"):
        return rows
    run = ScheduleRun(twin, program.dtype, engine, last)
    met = [MetSchedule(row, run) for row in matching_schedule(schedule, run)]
    return (*rows, *met)


def modelled(program, rows):
    """Return a program with the defects of these rows built in."""
    schedule = program.optimizer.learning_rate
    for met in rows:
        if isinstance(met, MetSchedule):
            schedule = met.row.model(schedule, met.run)
    optimizer = program.optimizer
    if schedule is not optimizer.learning_rate:
        program = replace(program, optimizer=replace(optimizer, learning_rate=schedule))
    parts = [met.row for met in rows if isinstance(met, MetFunction)]
    program = replace(program, network=with_functions(program.network, parts))
    models = [row.model for row in rows if not isinstance(row, (MetSchedule, MetFunction))]
    return with_models(program, models)
