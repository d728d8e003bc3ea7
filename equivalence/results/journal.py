"""Campaigns: many runs, a results file that survives anything, shards and their merge.

Each run is appended to the results file as it ends.  Killed at any moment, by Ctrl-C,
kill -9 or a power cut, the file holds every run that had ended; ``--resume`` cuts off a
line that was being written, leaves out the runs that it finds, and appends the rest.
A run is known by ``Spec.name`` and the software that made it, so nothing counts twice
however often it is written, and no version answers for another.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from equivalence.errors import BadInput
from equivalence.judge.resolution import Resolution
from equivalence.judge.verdict import SKIPPED, First, Verdict
from equivalence.results import schema
from equivalence.results.result import Result, Spec

# What decides what a run computes and how it is judged: a part of a run's identity.
SOFTWARE = ("source", "python", "numpy", "tensorflow", "keras")
# What else may change its bits: a run of another machine is not taken up as one of this.
MACHINE = ("system", "cpu", "blas")


class Done(NamedTuple):
    """What a worker hands back: the result, its environment, perhaps the trajectory."""

    result: Result
    facts: dict
    trajectory: object = None


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


def plan(specs: Sequence[Spec], shard: Shard) -> dict[str, Any]:
    """Return what a results file says of the campaign that it is a part of."""
    names = "\n".join(spec.name for spec in specs)
    digest = hashlib.sha256(names.encode()).hexdigest()[:12]
    return {"plan": digest, "runs": len(specs), "shard": str(shard)}


def software_of(facts: dict[str, Any]) -> tuple:
    """Return the versions that an environment has of what a run's identity hangs on."""
    return tuple(facts.get(key) for key in SOFTWARE)


# ----------------------------------------------------------------- results file


class Journal:
    """The results file: opened for appending; nothing is done where ``path`` is None.

    A file that is there already must be a results file: else BadInput is raised, and it is
    left as it is.

    resume: the runs that the file has are to be taken up.
    here: facts of the software and the machine that make the runs, as ``environment.software``
        gives them; runs of others are not taken up.

    ``found`` names the runs that ``finished`` gave, ``taken_up`` those of another campaign;
    ``stale`` says of those that it refused of what other software they were.
    """

    def __init__(self, path, plan, resume=False, here=None):
        self.path, self.plan, self.here = path, plan, here or {}
        self.file = None
        self.contents = Contents()
        self.headers, self.plans = set(), []
        self.stale: dict[str, list[str]] = {}
        self.taken_up: set[str] = set()
        self.found: set[str] = set()
        if path and is_written(path):
            check_recognised(path)
            if resume:
                self._take_up()
        if path:
            self.file = _opened(path, "a")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.file:
            with suppress(OSError):  # a full disk: said when the line was written
                self.file.close()

    def _take_up(self):
        """Read the file, and cut off a line that was not finished."""
        text = _read(self.path)
        whole = text[: text.rfind(b"\n") + 1]
        self.contents = contents_of(self.path, whole)
        if len(whole) < len(text):
            with _opened(self.path, "r+") as file:
                file.truncate(len(whole))
        self.plans = list(self.contents.plans)
        self.headers = {facts["environment"] for facts in self.contents.environments}

    def finished(self, spec: Spec) -> Result | None:
        """Return the Result of a run that the file already has, else None.

        A run that broke off is not finished, and one of other software is another run: both
        are run again.
        """
        lines = [line for (name, _), line in self.contents.runs.items() if name == spec.name]
        for line in reversed(lines):
            if _broke_off(line.record):
                continue
            if changed := self._changed(line.facts):
                self.stale[spec.name] = changed
                continue
            if self.plan.get("plan") not in line.campaigns:
                self.taken_up.add(spec.name)
            self.found.add(spec.name)
            return result_of(line.record, spec)
        return None

    def _changed(self, facts):
        """Return what is other software or another machine than here in an environment."""
        return [
            f"{key} {facts.get(key)} there, {value} here"
            for key, value in self.here.items()
            if facts.get(key) != value
        ]

    def environment(self, facts: dict[str, Any]) -> None:
        """Write a header for an environment, or a plan, that the file has none for."""
        plan = self._plan()
        if not self.file or (facts["environment"] in self.headers and plan in self.plans):
            return
        self.headers.add(facts["environment"])
        self.plans.append(plan)
        self._append({**facts, **plan})

    def _plan(self):
        more = {"taken_up": len(self.taken_up)} if self.taken_up else {}
        return {**self.plan, **more}

    def add(self, done: Done) -> None:
        """Append one run; it is on its way to the disk before the next one ends."""
        if done.facts:
            self.environment(done.facts)
        asked = [self.plan["plan"]] if "plan" in self.plan else []
        of = {"environment": done.facts.get("environment"), "campaigns": asked}
        self._append({**done.result.record(), **of})

    def records(self) -> list[dict[str, Any]]:
        """Return what the file's lines are, but for one that was not finished."""
        if not is_written(self.path):
            return []
        return [json.loads(line) for line in _read(self.path).split(b"\n")[:-1]]

    def add_record(self, record: dict[str, Any]) -> None:
        self._append(record)

    def _append(self, record):
        if not self.file:
            return
        line = json.dumps(_plain({"schema": schema.SCHEMA, **record}), ensure_ascii=False)
        try:
            self.file.write(line + "\n")
            self.file.flush()
        except OSError as error:
            raise BadInput(f"cannot write {self.path!r}: {error.strerror}") from None


def is_written(path: str) -> bool:
    """Say whether a regular file with something in it is there."""
    with suppress(OSError):
        found = os.stat(path)
        return stat.S_ISREG(found.st_mode) and found.st_size > 0
    return False


MOST_OF_A_LINE = 1 << 24


def check_recognised(path: str) -> None:
    """Raise BadInput unless the first line of a file is a results file's.

    A file that was killed within its first line has only a part of it.
    """
    try:
        with open(path, "rb") as file:
            line = file.readline(MOST_OF_A_LINE)
    except OSError as error:
        raise BadInput(f"cannot read {path!r}: {error.strerror}") from None
    begun = b'{"schema": ' if not line.endswith(b"\n") else None
    if begun and (line.startswith(begun) or begun.startswith(line)):
        return
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not schema.is_ours(record):
        raise BadInput(
            f"{path!r} is there already and is not a results file, so nothing is written to it: "
            "name another file"
        )


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


class Line(NamedTuple):
    """The line of a run, with the environment that made it and the campaigns that asked for it."""

    record: dict
    facts: dict
    campaigns: frozenset[str]


@dataclass
class Contents:
    """What a results file holds.

    runs: the Lines of runs, by name and software.
    plans: what its headers say of campaigns.
    repeated: how many lines repeat a run of the same software.
    """

    environments: list[dict] = field(default_factory=list)
    runs: dict[tuple, Line] = field(default_factory=dict)
    plans: list[dict] = field(default_factory=list)
    repeated: int = 0

    def count(self, line: Line) -> None:
        """Take one run's line in, once.

        Of a run that was written more than once by the same software the first that was not
        as expected counts, or else the last; one that broke off counts only while no other has
        ended.
        """
        key = line.record["run"], software_of(line.facts)
        before = self.runs.get(key)
        self.repeated += before is not None
        if before is None:
            self.runs[key] = line
            return
        ended = not _broke_off(line.record)
        counts = _broke_off(before.record) or (ended and before.record["expected"])
        both = before.campaigns | line.campaigns
        self.runs[key] = (line if counts else before)._replace(campaigns=both)


def _broke_off(record):
    return record["verdict"] == SKIPPED and not record["expected"]


def contents_of(path: str, text: bytes | None = None) -> Contents:
    """Return the Contents of a results file; raises BadInput for what is none.

    A run belongs to the environment that it names, or else to the last header before it.
    An unfinished last line is left out.
    """
    found = Contents()
    by_name: dict[str, dict] = {}
    facts: dict = {}
    plan: str | None = None
    lines = (_read(path) if text is None else text).split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        record = _record(path, number, line)
        if "tensorflow" in record and "environment" in record:
            facts = by_name[record["environment"]] = record
            found.environments.append(record)
        if "plan" in record:
            plan = record["plan"]
            found.plans.append({key: record[key] for key in PLAN if key in record})
        if "run" in record:
            asked = record.get("campaigns", [plan] if plan else [])
            facts_of_run = by_name.get(record["environment"], facts)
            found.count(Line(record, facts_of_run, frozenset(asked)))
    return found


PLAN = ("plan", "runs", "shard", "taken_up")


def _record(path, number, line):
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise BadInput(f"{path!r} is not a results file: line {number} is no JSON object")
    try:
        return schema.current(record) if "run" in record else record
    except (KeyError, ValueError) as error:
        raise BadInput(f"{path!r} cannot be read: line {number}: {error}") from None


def result_of(record: dict[str, Any], spec: Spec | None = None) -> Result:
    """Return the Result that a line of a results file describes."""
    first = record["first"] and First(
        **{
            **record["first"],
            "index": tuple(record["first"]["index"]),
            **{k: _number(record["first"][k]) for k in NUMBERS},
        }
    )
    reached = record["with_models"]
    own = {
        "spec": spec or spec_of(record),
        "verdict": Verdict(record["verdict"]),
        "with_models": reached and Verdict(reached),
        "defects": tuple(record["defects"]),
        "lost": tuple(record["lost"]),
        "first": first,
        "resolution": {
            stage: Resolution(_number(median), _number(worst), tensor)
            for stage, (median, worst, tensor) in record["resolution"].items()
        },
        **{k: _number(record[k]) for k in MEASURED},
    }
    rest = {f.name: record[f.name] for f in fields(Result) if f.name not in own}
    return Result(**own, **rest)


NUMBERS = ("reference", "tensorflow", "true", "ulp", "usage")
MEASURED = ("ulp", "step_ulp", "usage", "without_tf32", "sharp_to")


def _number(value):
    """Return a number of a results file: "inf" and "nan" are words there, null is None."""
    return value if value is None else float(value)


def spec_of(record: dict[str, Any]) -> Spec:
    """Return the Spec of a line: the one that was run."""
    names = [f.name for f in fields(Spec) if f.name != "epochs"]
    return Spec.of_record(
        {"epochs": record["asked_epochs"], **{name: record[name] for name in names}}
    )


# ------------------------------------------------------------------------ merge


@dataclass
class Merged:
    """Several results files as one; ``complaints`` say why it is not the whole campaign.

    notes: what else there is to say of the files.
    """

    contents: Contents
    complaints: list
    notes: list

    @property
    def records(self) -> list:
        return [line.record for line in self.contents.runs.values()]

    @property
    def results(self) -> list:
        return [result_of(record) for record in self.records]

    @property
    def repeated(self) -> int:
        return self.contents.repeated


def merged(paths: Iterable[str]) -> Merged:
    """Return the Merged contents of the results files of one campaign's shards.

    Runs of different software are different runs: none hides another.
    """
    files = {path: contents_of(path) for path in paths}
    for path, contents in files.items():
        if not contents.plans:
            raise BadInput(f"{path!r} does not say what campaign it is a part of")
    whole = Contents()
    known: dict[str, dict] = {}
    for contents in files.values():
        known |= {facts["environment"]: facts for facts in contents.environments}
        whole.plans += contents.plans
        whole.repeated += contents.repeated
        for line in contents.runs.values():
            whole.count(line)
    whole.environments = list(known.values())
    last = {contents.plans[-1]["plan"] for contents in files.values()}
    complaints = [f"the files are parts of {len(last)} different campaigns"] * (len(last) > 1)
    versions = {software for _, software in whole.runs}
    notes = [_versions(versions)] if len(versions) > 1 else []
    return Merged(whole, [*complaints, *_missing(whole)], notes)


def _versions(versions):
    """Say by what the software of the runs differs."""
    apart = [
        f"{key} {' and '.join(sorted(map(str, set(values))))}"
        for key, values in zip(SOFTWARE, zip(*versions))
        if len(set(values)) > 1
    ]
    return f"runs of {len(versions)} versions, each of which counts: {', '.join(apart)}"


def _missing(whole):
    """Yield a complaint for each campaign, and each software in it, that lacks runs."""
    for digest in dict.fromkeys(plan["plan"] for plan in whole.plans):
        plans = [plan for plan in whole.plans if plan["plan"] == digest]
        runs = plans[0]["runs"]
        taken_up = {plan["shard"]: plan.get("taken_up", 0) for plan in plans}
        of_plan = [key for key, line in whole.runs.items() if digest in line.campaigns]
        several = len({software for _, software in of_plan}) > 1
        for software in dict.fromkeys(software for _, software in of_plan) or [()]:
            there = sum(s == software for _, s in of_plan) + sum(taken_up.values())
            if there < runs:
                words = f" of {' '.join(map(str, software))}" if several else ""
                yield f"{runs - there} of {runs} runs{words} are missing{_missing_shards(plans)}"


def _missing_shards(plans):
    seen = {plan["shard"] for plan in plans}
    count = int(plans[0]["shard"].partition("/")[2])
    missing = [f"{n}/{count}" for n in range(1, count + 1) if f"{n}/{count}" not in seen]
    return f": no file of shard {', '.join(missing)}" if missing else ""


def write(path: str, whole: Merged) -> None:
    """Write merged contents as one results file, in place of what is there.

    Raises BadInput where that is no results file.
    """
    if is_written(path):
        check_recognised(path)
    contents = whole.contents
    plans = {plan["plan"]: plan for plan in reversed(contents.plans)}
    facts = {facts["environment"]: facts for facts in contents.environments}
    try:
        with _opened(path, "w") as file:
            for record in _lines_of(plans, facts, contents):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
    except OSError as error:
        raise BadInput(f"cannot write {path!r}: {error.strerror}") from None


def _lines_of(plans, facts, contents):
    """Yield headers and runs: behind each header the runs of its plan and environment."""
    headers: dict[tuple, list] = {}
    for line in contents.runs.values():
        record = {**line.record, "campaigns": sorted(line.campaigns)}
        for digest in record["campaigns"]:
            headers.setdefault((digest, line.facts.get("environment")), [])
        first = record["campaigns"][0] if record["campaigns"] else ""
        headers.setdefault((first, line.facts.get("environment")), []).append(record)
    for (digest, name), records in headers.items():
        whole = {**plans[digest], "shard": str(Shard())} if digest in plans else {}
        yield {"schema": schema.SCHEMA, **facts.get(name, {}), **whole}
        yield from records
