"""Campaigns: many runs, a results file that survives anything, shards and their merge.

Each run is appended to the results file as it ends.  Killed at any moment, by Ctrl-C,
kill -9 or a power cut, the file holds every run that had ended; ``--resume`` cuts off a
line that was being written, leaves out the runs that it finds, and appends the rest.
A run is known by ``Spec.name``, so nothing counts twice however often it is written.
"""

import hashlib
import json
import math
import os
from dataclasses import dataclass
from typing import NamedTuple

from equivalence.errors import BadInput
from equivalence.judge.verdict import SKIPPED, First, Verdict
from equivalence.results.result import Result, Spec
from equivalence.runs.run import run_recorded

# What must be the same in all runs of one results file.
SOFTWARE = ("source", "python", "numpy", "tensorflow", "keras", "system", "cpu", "blas")


class Done(NamedTuple):
    """What a worker hands back: the result, its environment, perhaps the trajectory."""

    result: Result
    facts: dict
    trajectory: object = None


def row(spec: Spec) -> Done:
    """Run one Spec in this process."""
    from equivalence.machine.environment import environment

    return Done(run_recorded(spec)[0], environment())


def row_with_trajectory(spec: Spec) -> Done:
    """Run one Spec in this process, and hand back what TensorFlow computed."""
    from equivalence.machine.environment import environment

    result, trajectory = run_recorded(spec)
    return Done(result, environment(), trajectory if result.steps else None)


def outcome_of(spec, outcome):
    """Return the Done of a run, also of one that broke off; bad input is raised."""
    if isinstance(outcome, BadInput):
        raise outcome
    if not isinstance(outcome, BaseException):
        return outcome
    reason = f"{type(outcome).__name__}: {outcome}".split("\n")[0]
    result = Result(spec, 0, 0, Verdict(SKIPPED, 0.0, 0.0, 0.0), False, reason, 0.0)
    return Done(result, {})


# ----------------------------------------------------------------------- shards


class Shard(NamedTuple):
    """The ``number``-th of so many ``parts`` of a campaign, counted from 1."""

    number: int = 1
    parts: int = 1

    def of(self, specs):
        """Return this part of the runs: every ``parts``-th, so that all parts cost alike."""
        return specs[self.number - 1 :: self.parts]

    def __str__(self):
        return f"{self.number}/{self.parts}"


def plan(specs, shard):
    """Return what a results file says of the campaign that it is a part of."""
    names = "\n".join(spec.name for spec in specs)
    digest = hashlib.sha256(names.encode()).hexdigest()[:12]
    return {"plan": digest, "runs": len(specs), "shard": str(shard)}


# ----------------------------------------------------------------- results file


class Journal:
    """The results file: opened for appending; nothing is done where ``path`` is None.

    ``records`` holds the runs that were found in it by their names.
    """

    def __init__(self, path, plan, resume=False):
        self.path, self.plan = path, plan
        self.file = None
        self.records, self.software = {}, None
        self.headers, self.plans = set(), []
        if path and resume and os.path.exists(path):
            self._take_up()
        if path:
            self.file = _opened(path, "a")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.file:
            self.file.close()

    def _take_up(self):
        """Read the file, and cut off a line that was not finished."""
        text = _read(self.path)
        whole = text[: text.rfind(b"\n") + 1]
        if len(whole) < len(text):
            with _opened(self.path, "r+") as file:
                file.truncate(len(whole))
        contents = contents_of(self.path, whole)
        self.records, self.plans = contents.runs, contents.plans
        for facts in contents.environments:
            self.headers.add(facts["environment"])
            self.software = self.software or facts

    def finished(self, spec):
        """Return the Result of a run that the file already has, else None.

        A run that broke off is not finished: it is run again.
        """
        record = self.records.get(spec.name)
        if record is None or record["verdict"] == SKIPPED:
            return None
        return result_of(record, spec)

    def environment(self, facts):
        """Write a header for an environment, or a plan, that the file has none for.

        Raises BadInput where the file's runs come from other software.
        """
        if not self.file or (facts["environment"] in self.headers and self.plan in self.plans):
            return
        if self.software:
            self._check_software(facts)
        self.headers.add(facts["environment"])
        self.plans.append(self.plan)
        self._append({**facts, **self.plan})

    def _check_software(self, facts):
        before = self.software
        changed = [
            f"{key} {before.get(key)} there, {facts.get(key)} here"
            for key in SOFTWARE
            if before.get(key) != facts.get(key)
        ]
        if changed:
            raise BadInput(
                f"{self.path!r} was begun elsewhere or with other software, so it cannot be "
                f"taken up: {'; '.join(changed)}"
            )

    def add(self, done):
        """Append one run; it is on its way to the disk before the next one ends."""
        if done.facts:
            self.environment(done.facts)
        record = done.result.record()
        self._append({**record, "environment": done.facts.get("environment")})

    def add_record(self, record):
        self._append(record)

    def _append(self, record):
        if self.file:
            self.file.write(json.dumps(_plain(record), ensure_ascii=False) + "\n")
            self.file.flush()


def _opened(path, mode):
    try:
        return open(path, mode, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadInput(f"cannot write {path!r}: {error.strerror}") from None


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise BadInput(f"cannot read {path!r}: {error.strerror}") from None


def _plain(value):
    """Return a value as strict JSON can hold it: not-finite numbers become words."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


# ------------------------------------------------------------------ reading back


@dataclass
class Contents:
    """What a results file holds: environments, runs by name, plans, and repetitions."""

    environments: list
    runs: dict
    plans: list
    repeated: int = 0


def contents_of(path, text=None):
    """Return the Contents of a results file; raises BadInput for what is none.

    Of a run that was written more than once the last that did not break off counts.
    An unfinished last line is left out.
    """
    found = Contents([], {}, [])
    lines = (_read(path) if text is None else text).split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        record = _record(path, number, line)
        if "tensorflow" in record:
            found.environments.append(record)
        if "plan" in record:
            found.plans.append({key: record[key] for key in ("plan", "runs", "shard")})
        if "run" in record:
            _count(found, record)
    return found


def _record(path, number, line):
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise BadInput(f"{path!r} is not a results file: line {number} is no JSON object")
    return record


def _count(found, record):
    """Take one run's record in, once."""
    before = found.runs.get(record["run"])
    found.repeated += before is not None
    if before is None or record["verdict"] != SKIPPED:
        found.runs[record["run"]] = record


def result_of(record, spec=None):
    """Return the Result that a line of a results file describes."""
    first = record["first"] and First(
        **{
            **record["first"],
            "index": tuple(record["first"]["index"]),
            **{k: _number(record["first"][k]) for k in NUMBERS},
        }
    )
    verdict = Verdict(
        record["verdict"],
        *(_number(record[k]) for k in ("ulp", "step_ulp", "usage")),
        record["reason"],
        first,
    )
    return Result(
        spec or spec_of(record),
        record["epochs"],
        record["steps"],
        verdict,
        record["expected"],
        record["reason"],
        record["seconds"],
        _number(record["without_tf32"]),
    )


NUMBERS = ("reference", "tensorflow", "true", "ulp", "usage", "new")


def _number(value):
    """Return a number of a results file: "inf" and "nan" are words there, null is None."""
    return value if value is None else float(value)


def spec_of(record):
    """Return the Spec of a line, as far as the line has it."""
    names = ("pair", "dtype", "twin", "engine", "device")
    return Spec(
        **{name: record[name] for name in names},
        seed=record["seed"],
        switches=tuple(record["switches"].items()),
    )


# ------------------------------------------------------------------------ merge


@dataclass
class Merged:
    """Several results files as one; ``complaints`` say why it is not the whole campaign."""

    environments: list
    plan: dict
    records: list
    repeated: int
    complaints: list

    @property
    def results(self):
        return [result_of(record) for record in self.records]


def merged(paths):
    """Return the Merged contents of the results files of one campaign's shards."""
    files = {path: contents_of(path) for path in paths}
    whole, environments = Contents([], {}, []), {}
    for contents in files.values():
        environments |= {facts["environment"]: facts for facts in contents.environments}
        whole.plans += contents.plans[-1:]
        whole.repeated += contents.repeated
        for record in contents.runs.values():
            _count(whole, record)
    for path, contents in files.items():
        if not contents.plans:
            raise BadInput(f"{path!r} does not say what campaign it is a part of")
    records, complaints = list(whole.runs.values()), _complaints(whole)
    return Merged(list(environments.values()), whole.plans[0], records, whole.repeated, complaints)


def write(path, whole):
    """Write merged contents as one results file, in place of what is there."""
    plan = {**whole.plan, "shard": str(Shard())}
    lines = [{**facts, **plan} for facts in whole.environments]
    with _opened(path, "w") as file:
        for record in [*lines, *whole.records]:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _complaints(whole):
    digests = {plan["plan"] for plan in whole.plans}
    if len(digests) > 1:
        return [f"the files are parts of {len(digests)} different campaigns"]
    runs = whole.plans[0]["runs"]
    if len(whole.runs) == runs:
        return []
    return [f"{runs - len(whole.runs)} of {runs} runs are missing{_missing_shards(whole)}"]


def _missing_shards(whole):
    seen = {plan["shard"] for plan in whole.plans}
    count = int(whole.plans[0]["shard"].partition("/")[2])
    missing = [f"{n}/{count}" for n in range(1, count + 1) if f"{n}/{count}" not in seen]
    return f": no file of shard {', '.join(missing)}" if missing else ""
