"""The version of a results file's lines, and lines of older versions read as today's.

Version 1 has no ``schema``: its lines know the Spec but for epochs, data and learning rate,
say only in their sentence which defect was met and what its model reached, and nothing of how
sharp a certificate was.
"""

from __future__ import annotations

import re
from typing import Any

from equivalence.judge.verdict import DIFFERENT, KINK, ROUNDING_IDENTICAL, SKIPPED, Verdict

SCHEMA = 2
# What lines of this version have since, and what earlier ones mean by not having it.
LATER = {"operations": False, "lost": []}
# What the first line of a results file of version 1 may have, by the command that wrote it.
FIRST_KEYS = ({"environment", "tensorflow"}, {"run", "verdict"}, {"position"}, {"nets", "rate"})

KNOWN = re.compile(r"upstream defect (?P<names>.+?); (?P<reached>[a-z-]+) with its model")
GONE = re.compile(r"the upstream defect (?P<names>.+?) is gone")
BEYOND = re.compile(r"beyond the upstream defect (?P<names>.+?):")
OF_VERDICT = {ROUNDING_IDENTICAL: "parted", KINK: "unbounded", DIFFERENT: "outside"}


def is_ours(record: Any) -> bool:
    """Say whether a line's value is a line of a results file, of any version."""
    if not isinstance(record, dict):
        return False
    return "schema" in record or any(keys <= record.keys() for keys in FIRST_KEYS)


def current(record: dict[str, Any]) -> dict[str, Any]:
    """Return the line of a run as this version has it.

    Raises ValueError where a later version wrote it.
    """
    version = record.get("schema", 1)
    if version > SCHEMA:
        raise ValueError(f"it has version {version} of the results file, this is {SCHEMA}")
    record = {**LATER, **record}
    if version == SCHEMA:
        return record
    first = record["first"]
    if first:
        first = {**{key: first[key] for key in first if key != "new"}, "restarted": False}
    asked = dict(word.split("=", 1) for word in record["run"].split() if "=" in word)
    epochs, rate = asked.get("epochs", "default"), asked.get("learning_rate")
    return {
        "switches": {},
        "without_tf32": None,
        "sharp_to": None,
        "resolution": {},
        **record,
        "schema": SCHEMA,
        "first": first,
        "asked_epochs": int(epochs) if epochs.isdigit() else {"book": 0}.get(epochs),
        "data": "" if "data" in asked else None,  # the file's name is not known
        "digest": asked.get("data"),
        "learning_rate": None if rate is None else float(rate),
        **_facts(record),
    }


def _facts(record):
    """Return cause, defects and what the models reached, of a sentence of version 1."""
    reason, verdict = record["reason"], Verdict(record["verdict"])
    names = lambda found: found["names"].split(" and ")
    if found := GONE.search(reason):
        return {"cause": "defect-gone", "defects": names(found), "with_models": None}
    if found := BEYOND.search(reason):
        return {"cause": "beyond-defect", "defects": names(found), "with_models": str(DIFFERENT)}
    if found := KNOWN.search(reason):
        facts = {"cause": "known-defect", "defects": names(found)}
        return {**facts, "with_models": found["reached"]}
    if verdict == SKIPPED:
        cause = "not-in-keras" if record["expected"] else "broke-off"
    else:
        cause = OF_VERDICT.get(verdict, "equal")
    return {"cause": cause, "defects": [], "with_models": None}
