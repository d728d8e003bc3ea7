"""Results files: whose they are, what a line knows, and what several files say together."""

import ast
import json
import re
from dataclasses import fields, replace
from importlib.metadata import version
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

import equivalence
from equivalence.cli.parser import main
from equivalence.errors import BadInput
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, SKIPPED, Verdict
from equivalence.machine import environment
from equivalence.results import journal, schema
from equivalence.results.journal import Done, Journal, Shard, contents_of, merged, plan
from equivalence.results.result import CAUSES, Result, Spec

pytestmark = pytest.mark.tensorflow

ROOT = Path(__file__).parents[1]
OLD = sorted((ROOT / "results").glob("*.jsonl"))
FACTS = {
    "environment": "here", "source": "s", "python": "3", "numpy": "2", "tensorflow": "2.21.0",
    "keras": "3", "system": "Linux", "cpu": "a", "blas": "b",
}  # fmt: skip
NEWER = {**FACTS, "environment": "newer", "tensorflow": "2.22.0"}
SPECS = [Spec("adam", "float32", "tape", "graph", seed=seed) for seed in range(4)]


def result(spec, verdict=BIT_IDENTICAL, expected=True):
    cause = {SKIPPED: "broke-off", DIFFERENT: "outside"}.get(verdict, "equal")
    return Result(spec, verdict, expected, cause, epochs=3, steps=3, usage=0.5)


def written(path, results, facts=FACTS, every=SPECS, shard=Shard(), **options):  # noqa: B008
    with Journal(str(path), plan(every, shard), **options) as file:
        for one in results:
            file.add(Done(one, facts))
    return str(path)


# ---------------------------------------------------------------- whose file it is

FOREIGN = {
    "notes.txt": b"dear diary\nthis has no end",
    "data.csv": b"a,b\n1,2\n",
    "image.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)),
    "zeros.bin": bytes(1000),
    "other.jsonl": b'{"loss": 0.5}\n{"loss": 0.4}\n',
    "list.json": b"[1, 2]\n",
    "number.json": b"1",
    "word.json": b'"schema"\n',
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("more", [[], ["--resume"]], ids=["append", "resume"])
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(name, more, tmp_path, capsys):
    file = tmp_path / name
    file.write_bytes(FOREIGN[name])
    assert main(["verify", "--pair", "dense-1-1", "--json", str(file), *more]) == 2
    answer = capsys.readouterr().err
    assert answer.count("\n") == 1
    assert str(file) in answer and "not a results file" in answer
    assert file.read_bytes() == FOREIGN[name]


@pytest.mark.parametrize("name", FOREIGN)
def test_merge_writes_over_no_file_of_another_kind(name, tmp_path, capsys):
    mine, other = written(tmp_path / "mine.jsonl", map(result, SPECS)), tmp_path / name
    other.write_bytes(FOREIGN[name])
    assert main(["merge", mine, "--json", str(other)]) == 2
    assert other.read_bytes() == FOREIGN[name]


@pytest.mark.parametrize("cut", [1, 5, 12, 60])
def test_a_file_that_was_killed_in_its_first_line_is_taken_up(cut, tmp_path):
    file = tmp_path / "results.jsonl"
    written(file, map(result, SPECS))
    file.write_bytes(file.read_bytes()[:cut])
    written(file, map(result, SPECS), resume=True)
    assert len(contents_of(str(file)).runs) == len(SPECS)


def test_a_file_of_a_later_version_is_refused(tmp_path):
    file = tmp_path / "results.jsonl"
    written(file, [result(SPECS[0])])
    now = f'"schema": {schema.SCHEMA}'
    file.write_text(file.read_text().replace(now, f'"schema": {schema.SCHEMA + 1}'))
    with pytest.raises(BadInput, match="line 2: it has version"):
        contents_of(str(file))


# ------------------------------------------------------------------ the whole Spec


def test_a_spec_that_is_read_back_is_the_one_that_ran(tmp_path):
    data = tmp_path / "data.npz"
    np.savez(data, inputs=np.ones(2))
    others = (
        {}, {"epochs": 0}, {"epochs": 7}, {"data": str(data)}, {"learning_rate": 0.1},
        {"seed": 9}, {"device": "CPU:1"}, {"switches": (("onednn", "off"), ("threads", "2"))},
    )  # fmt: skip
    specs = [replace(SPECS[0], **other) for other in others]
    file = written(tmp_path / "results.jsonl", map(result, specs), every=specs)
    data.unlink()  # what was read is known by its digest
    for line, spec in zip(contents_of(file).runs.values(), specs, strict=True):
        read = journal.result_of(line.record)
        assert read == result(spec)
        assert read.spec == spec
        assert read.spec.name == line.record["run"] == spec.name


def test_every_line_says_of_what_version_it_is(tmp_path):
    file = written(tmp_path / "results.jsonl", map(result, SPECS))
    lines = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    assert {line["schema"] for line in lines} == {schema.SCHEMA}


@pytest.mark.parametrize("file", OLD, ids=lambda file: file.name)
def test_the_files_that_are_committed_can_still_be_read(file):
    whole = merged([str(file)])
    assert whole.complaints == []
    assert whole.results
    for record, one in zip(whole.records, whole.results, strict=True):
        assert one.spec.name == record["run"]
        assert one.cause in CAUSES
        if one.verdict == DIFFERENT:
            assert one.expected and one.defects and one.with_models in Verdict
            assert all(name in one.reason for name in one.defects)


def test_the_page_on_results_has_every_field_of_a_run_and_no_other(tmp_path):
    file = written(tmp_path / "results.jsonl", [result(SPECS[0])])
    (line,) = (line for line in contents_of(file).runs.values())
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    told = re.search(r"further line is a run:\n`([^`]*)`", page)[1]
    assert {name.strip() for name in told.split(",")} == set(line.record)
    first = re.search(r"`first` is null, or `([^`]*)`", page)[1]
    assert [name.strip() for name in first.split(",")] == [
        f.name for f in fields(equivalence.First)
    ]


def test_the_page_on_verdicts_has_every_verdict():
    page = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    assert all(f"| `{word}` |" in page for word in Verdict)


# ------------------------------------------------------------------- many files


def test_no_version_hides_another_whatever_the_order_of_the_files(tmp_path, capsys):
    old = written(tmp_path / "old.jsonl", map(result, SPECS))
    bad = [result(SPECS[0], DIFFERENT, False), *map(result, SPECS[1:])]
    new = written(tmp_path / "new.jsonl", bad, NEWER)
    for files in permutations([old, new]):
        whole = merged(files)
        assert len(whole.results) == 2 * len(SPECS)
        assert whole.complaints == []
        assert main(["merge", *files]) == 1
        out = " ".join(capsys.readouterr().out.split())
        assert "runs of 2 versions, each of which counts: tensorflow 2.21.0 and 2.22.0" in out
        assert "1 not as expected" in out


def test_of_one_run_of_one_version_the_one_that_was_not_as_expected_counts(tmp_path):
    good = written(tmp_path / "good.jsonl", map(result, SPECS))
    bad = written(tmp_path / "bad.jsonl", [result(SPECS[0], DIFFERENT, False)])
    for files in permutations([good, bad]):
        whole = merged(files)
        assert sum(not r.expected for r in whole.results) == 1
        assert whole.repeated == 1


def test_a_run_that_broke_off_is_made_good_by_one_that_ended(tmp_path):
    file = tmp_path / "results.jsonl"
    with Journal(str(file), plan(SPECS, Shard())) as open_file:
        open_file.environment(FACTS)
        open_file.add(Done(result(SPECS[0], SKIPPED, False), {}))
        for spec in SPECS:
            open_file.add(Done(result(spec), FACTS))
    whole = merged([str(file)])
    assert [r.verdict for r in whole.results] == [BIT_IDENTICAL] * len(SPECS)


def test_several_commands_may_append_to_one_file(tmp_path):
    file = tmp_path / "results.jsonl"
    first, second = SPECS[:1], [replace(s, learning_rate=0.5) for s in SPECS]
    written(file, map(result, first), every=first)
    written(file, map(result, second), every=second)
    whole = merged([str(file)])
    assert (len(whole.results), whole.complaints) == (5, [])
    written(file, map(result, SPECS[2:3]), every=SPECS[2:])
    assert merged([str(file)]).complaints == ["1 of 2 runs are missing"]


def test_what_one_command_takes_up_of_another_is_not_missing(tmp_path):
    file = tmp_path / "results.jsonl"
    written(file, map(result, SPECS[:2]), every=SPECS[:2])
    here = {key: FACTS[key] for key in (*journal.SOFTWARE, *journal.MACHINE)}
    with Journal(str(file), plan(SPECS, Shard()), True, here) as open_file:
        left = [spec for spec in SPECS if open_file.finished(spec) is None]
        for spec in left:
            open_file.add(Done(result(spec), FACTS))
    assert left == SPECS[2:]
    assert merged([str(file)]).complaints == []


def test_what_is_merged_can_be_merged_again(tmp_path):
    files = [
        written(tmp_path / "a.jsonl", map(result, SPECS[0::2]), shard=Shard(1, 2)),
        written(tmp_path / "b.jsonl", map(result, SPECS[1::2]), NEWER, shard=Shard(2, 2)),
    ]
    target = tmp_path / "whole.jsonl"
    journal.write(str(target), merged(files))
    again = merged([str(target)])
    assert [r.spec.name for r in again.results] == [r.spec.name for r in merged(files).results]
    assert set(again.contents.runs) == set(merged(files).contents.runs)


def test_the_software_is_read_without_tensorflow():
    facts = environment.software()
    assert set(facts) == {*journal.SOFTWARE, *journal.MACHINE}
    assert facts["tensorflow"] == version("tensorflow")


# ------------------------------------------------------------------ public names


def test_the_public_names_are_these():
    names = (
        "PAIRS", "BadInput", "Error", "First", "Judgement", "Pair", "Program", "Result", "Spec",
        "State", "Trajectory", "Verdict", "verify", "Answer", "diagnose", "Report", "certify",
        "trajectory", "Said", "evaluate",
    )  # fmt: skip
    assert sorted(equivalence.__all__) == sorted(names)
    assert all(hasattr(equivalence, name) for name in names)


def test_the_version_is_the_projects():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{equivalence.__version__}"' in text


def test_the_package_is_marked_as_typed_and_brings_its_data():
    assert (ROOT / "equivalence" / "py.typed").exists()
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    patterns = re.search(r"^equivalence = (\[.*\])$", text, re.MULTILINE)[1]
    assert {"py.typed", "machine/keras_home/keras.json"} <= set(ast.literal_eval(patterns))


def test_every_exception_of_the_package_is_an_error_of_it():
    from equivalence.arithmetic.bounds import MissingRow
    from equivalence.engines.base import Misplaced
    from equivalence.engines.keras_objects import NotInKeras
    from equivalence.machine.workers import Died
    from equivalence.pairs.plant import DoesNotFit

    kinds = (BadInput, MissingRow, Misplaced, NotInKeras, Died, DoesNotFit)
    assert all(issubclass(kind, equivalence.Error) for kind in kinds)
