"""Campaigns: nothing lost or counted twice, whatever dies; shards, and a real cluster."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from helpers.systems import needs_proc, needs_signals
from helpers.waiting import wait_for

from equivalence.cli import parser, verify
from equivalence.cli.parser import main
from equivalence.engines.table import NAMES
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL, SKIPPED, First
from equivalence.machine.workers import Died, Workers
from equivalence.results import journal as campaign
from equivalence.results.result import Result, Spec
from equivalence.runs import campaign as runs
from equivalence.runs import in_worker, select

pytestmark = pytest.mark.tensorflow

COMMAND = (sys.executable, "-m", "equivalence")
# A campaign of 24 short runs.
NARROW = ("--pair", "dense-2-2", "--pair", "dense-1-1", "--twin", "tape", "--engine", "eager")
NARROW = (*NARROW, "--engine", "graph", "--seeds", "3")
RUNS = 24


def _lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _runs(path):
    return [record for record in _lines(path) if "run" in record]


def _complete(path):
    """Return how many whole lines a file has by now."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _children(pid):
    """Return the processes that a process has started (Linux)."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return [int(child) for child in file.read().split()]


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# ------------------------------------------------------------- kill -9, and on


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return the results file of a campaign that was killed in the middle, and its workers."""
    file = tmp_path_factory.mktemp("killed") / "results.jsonl"
    run = subprocess.Popen([*COMMAND, "verify", *NARROW, "--json", str(file)])
    wait_for(lambda: _complete(file) > 4)
    workers = _children(run.pid)
    run.send_signal(signal.SIGKILL)
    run.wait()
    return file, workers


@pytest.mark.outer
@needs_proc
def test_a_campaign_that_was_killed_is_taken_up_and_nothing_counts_twice(killed, capsys):
    file, _ = killed
    before = file.read_bytes()
    whole = before[: before.rfind(b"\n") + 1]
    finished = [r["run"] for r in map(json.loads, whole.splitlines()) if "run" in r]
    assert 0 < len(finished) < RUNS
    with open(file, "ab") as torn:  # a line that was being written
        torn.write(b'{"run": "dense-2-2 float32 ta')
    assert main(["verify", *NARROW, "--json", str(file), "--resume"]) == 0
    assert file.read_bytes().startswith(whole)
    names = [r["run"] for r in _runs(file)]
    assert names[: len(finished)] == finished
    assert len(names) == len(set(names)) == RUNS
    printed = capsys.readouterr().out
    assert f"{len(finished)} runs taken up" in printed
    assert f"{RUNS} runs, " in printed


@pytest.mark.outer
@needs_proc
def test_a_campaign_that_is_finished_runs_nothing_again(killed, capsys):
    file, _ = killed
    main(["verify", *NARROW, "--json", str(file), "--resume"])
    before = file.read_bytes()
    capsys.readouterr()
    assert main(["verify", *NARROW, "--json", str(file), "--resume"]) == 0
    assert file.read_bytes() == before
    assert f"{RUNS} runs taken up" in capsys.readouterr().out


@pytest.mark.outer
@needs_proc
def test_a_parent_that_is_killed_leaves_no_worker_behind(killed):
    _, workers = killed
    assert workers
    wait_for(lambda: not any(_alive(pid) for pid in workers), seconds=30)


def test_a_few_short_runs_are_not_worth_a_second_worker():
    with Workers(8) as pool:
        size = pool.size
        pool.no_more_than(sum(map(runs.work_of, SPECS[:4])) // runs.A_START)
        assert pool.size == 1
        pool.no_more_than(8)
        assert pool.size == 1
    with Workers(8) as pool:
        pool.no_more_than(runs.work_of(Spec("line", "float32", "keras", "graph", epochs=0)))
        assert pool.size == size


# -------------------------------------------------------------- results files

FACTS = {
    "environment": "here", "source": "s", "python": "3", "numpy": "2", "tensorflow": "2.21.0",
    "keras": "3", "system": "Linux", "cpu": "a", "blas": "b",
}  # fmt: skip
SPECS = [Spec("adam", "float32", "tape", "graph", seed=seed) for seed in range(6)]


def _result(spec, verdict=BIT_IDENTICAL, ulp=0.0):
    expected = verdict != SKIPPED
    cause = "broke-off" if verdict == SKIPPED else "equal"
    return Result(spec, verdict, expected, cause, epochs=3, steps=3, ulp=ulp, usage=0.5)


WHOLE = campaign.Shard()


def _write(path, specs, shard=WHOLE, every=SPECS):
    with campaign.Journal(str(path), campaign.plan(every, shard)) as journal:
        for spec in specs:
            journal.add(campaign.Done(_result(spec), FACTS))


def test_a_result_is_read_back_as_it_was_written(tmp_path):
    first = First(
        0, 0, "weights", "W", (1, 2), 1.5, float("inf"), 1.5, "tensorflow", 3.0, 9.0, None
    )
    spec = replace(SPECS[0], switches=(("onednn", "off"), ("threads", "1")))
    numbers = {"ulp": float("inf"), "step_ulp": 2.0, "usage": float("nan"), "without_tf32": 7.5}
    why = "known-defect", "why", ("a", "b"), BIT_IDENTICAL
    result = Result(spec, DIFFERENT, True, *why, 3, 3, first=first, **numbers)
    file = tmp_path / "results.jsonl"
    with campaign.Journal(str(file), campaign.plan(SPECS, WHOLE)) as journal:
        journal.add(campaign.Done(result, FACTS))
    (record,) = _runs(file)
    read = campaign.result_of(record)
    assert repr(read) == repr(result)  # repr: NaN is not equal to itself


def _contents(path):
    return campaign.contents_of(str(path))


NEWER = {**FACTS, "environment": "newer", "tensorflow": "2.22.0"}
HERE = {key: FACTS[key] for key in (*campaign.SOFTWARE, *campaign.MACHINE)}


def test_runs_of_other_software_are_not_taken_up_and_the_change_is_said(tmp_path):
    file = tmp_path / "results.jsonl"
    _write(file, SPECS[:2])
    plan = campaign.plan(SPECS, WHOLE)
    with campaign.Journal(str(file), plan, True, HERE) as journal:
        assert journal.finished(SPECS[0])
        assert not journal.stale
    newer = {**HERE, "tensorflow": "2.22.0"}
    with campaign.Journal(str(file), plan, True, newer) as journal:
        assert journal.finished(SPECS[0]) is None
        assert journal.stale == {SPECS[0].name: ["tensorflow 2.21.0 there, 2.22.0 here"]}
        journal.add(campaign.Done(_result(SPECS[0], DIFFERENT), NEWER))
    with campaign.Journal(str(file), plan, True, newer) as journal:
        assert journal.finished(SPECS[0]).verdict == DIFFERENT
    with campaign.Journal(str(file), plan, True, HERE) as journal:
        assert journal.finished(SPECS[0]).verdict == BIT_IDENTICAL


def test_a_run_that_broke_off_is_not_finished(tmp_path):
    file = tmp_path / "results.jsonl"
    plan = campaign.plan(SPECS, WHOLE)
    with campaign.Journal(str(file), plan) as journal:
        journal.add(campaign.Done(_result(SPECS[0]), FACTS))
        journal.add(campaign.Done(_result(SPECS[1], SKIPPED), {}))
    with campaign.Journal(str(file), plan, resume=True) as journal:
        assert journal.finished(SPECS[0]) == _result(SPECS[0])
        assert journal.finished(SPECS[1]) is None
        assert journal.finished(SPECS[2]) is None
        journal.add(campaign.Done(_result(SPECS[1]), FACTS))
    runs_by_name = {name: line.record for (name, _), line in _contents(file).runs.items()}
    assert len(runs_by_name) == 2
    assert runs_by_name[SPECS[1].name]["verdict"] == BIT_IDENTICAL


def test_every_difference_between_runs_is_in_their_names(tmp_path):
    data = tmp_path / "data.npz"
    data.write_bytes(b"one")
    spec = SPECS[0]
    others = [
        replace(spec, pair="adagrad"), replace(spec, dtype="float64"), replace(spec, twin="keras"),
        replace(spec, engine="xla"), replace(spec, device="CPU:1"), replace(spec, epochs=3),
        replace(spec, epochs=0), replace(spec, seed=7), replace(spec, seed=None),
        replace(spec, data=str(data)), replace(spec, learning_rate=0.1),
        replace(spec, switches=(("onednn", "off"),)), replace(spec, operations=True),
    ]  # fmt: skip
    assert len({s.name for s in (spec, *others)}) == 1 + len(others)
    assert {f for s in others for f in s.__dict__ if getattr(s, f) != getattr(spec, f)} == set(
        spec.__dict__
    )


def test_the_deep_profile_is_every_pair_and_engine_with_a_hundred_seeds():
    from equivalence.pairs.table import PAIRS

    options = parser.parser().parse_args(["verify", "--profile", "deep"])
    request = verify.request_of(options)
    assert request.seeds == range(100)
    every = select.specs(replace(request, seeds=range(3)), [((), "CPU:0")])
    assert {s.pair for s in every} == set(PAIRS)
    assert {s.engine for s in every} == set(NAMES)
    assert {s.seed for s in every} == set(range(3))
    assert len({s.name for s in every}) == len(every)


def test_a_deep_run_takes_every_model_once_for_all_of_its_epochs():
    from equivalence.pairs.models import ROWS

    options = parser.parser().parse_args(["verify", "--deep"])
    every = select.specs(verify.request_of(options), [((), "CPU:0")])
    assert [s.pair for s in every] == [row.name for row in ROWS]
    assert [s.twin == "keras" for s in every] == [bool(row.keras) for row in ROWS]
    assert {(s.engine, s.dtype, s.epochs) for s in every} == {("graph", "float32", 0)}


def test_a_finished_campaign_of_other_software_is_made_again(tmp_path, capsys):
    file = tmp_path / "results.jsonl"
    narrow = ["--pair", "dense-1-1", "--twin", "tape", "--engine", "eager", "--dtype", "float32"]
    (spec,) = select.specs(
        select.Request(("dense-1-1",), (), ("float32",), ("tape",), ("eager",)), [((), "CPU:0")]
    )
    _write(file, [spec], every=[spec])
    assert main(["verify", *narrow, "--json", str(file), "--resume"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "1 runs of other software were made again: source s there" in printed
    assert "runs taken up" not in printed
    assert len(_runs(file)) == 2
    assert main(["verify", *narrow, "--json", str(file), "--resume"]) == 0
    assert "1 runs taken up" in " ".join(capsys.readouterr().out.split())
    assert len(_runs(file)) == 2
    assert main(["merge", str(file)]) == 0
    assert "runs of 2 versions" in capsys.readouterr().out


# --------------------------------------------------------------------- shards


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_shards_share_all_runs_and_none_twice(count):
    parts = [campaign.Shard(n, count).of(SPECS) for n in range(1, count + 1)]
    assert sorted((s for part in parts for s in part), key=SPECS.index) == SPECS
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_the_shards_of_a_matrix_are_merged_into_the_whole_campaign(tmp_path, capsys):
    files = [tmp_path / f"{n}.jsonl" for n in (1, 2)]
    narrow = ["--pair", "dense-1-1", "--twin", "tape", "--engine", "eager", "--engine", "graph"]
    for n, file in enumerate(files, 1):
        assert main(["verify", *narrow, "--shard", f"{n}/2", "--json", str(file)]) == 0
    capsys.readouterr()
    whole = tmp_path / "whole.jsonl"
    assert main(["merge", *map(str, files), "--json", str(whole)]) == 0
    assert "4 runs" in capsys.readouterr().out
    assert sorted(r["run"] for r in _runs(whole)) == sorted(
        r["run"] for file in files for r in _runs(file)
    )
    assert main(["merge", str(whole)]) == 0  # the whole is a campaign of one shard
    assert main(["merge", str(files[0])]) == 1
    assert "2 of 4 runs are missing: no file of shard 2/2" in capsys.readouterr().err


def test_a_merge_counts_a_run_once_and_says_what_is_missing(tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    _write(one, SPECS[0::2], campaign.Shard(1, 2))
    _write(two, [*SPECS[1::2][:2], SPECS[0]], campaign.Shard(2, 2))  # one is written twice
    whole = campaign.merged([str(one), str(two)])
    assert len(whole.results) == 5
    assert whole.repeated == 1
    assert whole.complaints == ["1 of 6 runs are missing"]
    other = tmp_path / "other.jsonl"
    _write(other, SPECS[:2], every=SPECS[:2])
    assert campaign.merged([str(one), str(other)]).complaints == [
        "the files are parts of 2 different campaigns",
        "3 of 6 runs are missing: no file of shard 2/2",
    ]


# What is typed, and what the one sentence of the answer must name.
WRONG = (
    (["verify", "--resume"], ["--resume needs --json"]),
    (["verify", "--shard", "9/8"], ["'9/8'", "2/8"]),
    (["verify", "--shard", "half"], ["'half'"]),
    (["verify", "--seeds", "0"], ["'0'"]),
    (["verify", "--profile", "shallow"], ["shallow", "deep"]),
    (["verify", "--switch", "onednn"], ["onednn", "onednn=on|off", "threads"]),
    (["verify", "--switch", "onednn=maybe"], ["onednn=maybe", "onednn=off"]),
    (["verify", "--switch", "threads=0"], ["threads=0", "number up to 64"]),
    (["verify", "--pair", "celsius-1", "--engine", "mirrored"], ["mirrored", "share equally"]),
    (["merge", "/no/such/file"], ["/no/such/file"]),
    (["axes", "dense-2-3"], ["dense-2-3", "dense-2-2"]),
    (["positions", "--engine", "fit"], ["fit", "eager, graph, xla"]),
)


@pytest.mark.parametrize(("typed", "named"), WRONG, ids=lambda x: " ".join(x)[:50])
def test_wrong_usage_is_answered_with_one_sentence_and_exit_code_2(typed, named, capsys):
    assert main(typed) == 2
    answer = capsys.readouterr().err
    assert answer.count("\n") == 1
    assert [word for word in named if word not in answer] == []


def test_what_is_no_results_file_is_refused(tmp_path, capsys):
    file = tmp_path / "notes.txt"
    file.write_text("hello\nworld\n", encoding="utf-8")
    assert main(["merge", str(file)]) == 2
    assert "line 1 is no JSON object" in capsys.readouterr().err


# --------------------------------------------- workers that crash, and that hang


def _breaks(spec):
    """Run as ``in_worker.row``, but die in engine eager and hang in engine fit."""
    if spec.engine == "eager":
        print("the last thing that I saw", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if spec.engine == "fit":
        time.sleep(100_000)
    return _row(spec)


_row = in_worker.row


@pytest.mark.outer  # test_cli.py has a worker that dies
@needs_signals
def test_a_run_that_crashes_or_hangs_costs_its_own_row_only(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(in_worker, "row", _breaks)
    monkeypatch.setattr(runs, "limit_of", lambda spec: 3.0 if spec.engine == "fit" else 600.0)
    file = tmp_path / "results.jsonl"
    narrow = ["--pair", "dense-2-2", "--dtype", "float32", "--twin", "keras"]
    engines = [word for e in ("eager", "graph", "fit", "split") for word in ("--engine", e)]
    assert main(["verify", *narrow, *engines, "--json", str(file)]) == 1
    found = {r["engine"]: r for r in _runs(file)}
    for engine in ("graph", "split"):  # some processors fuse the products of a matmul
        assert found[engine]["verdict"] in (BIT_IDENTICAL, ROUNDING_IDENTICAL)
    assert found["eager"]["verdict"] == found["fit"]["verdict"] == SKIPPED
    assert "killed by SIGKILL" in found["eager"]["reason"]
    assert "the last thing that I saw" in found["eager"]["reason"]
    assert "no answer for 3 s" in found["fit"]["reason"]
    assert "_breaks" in found["fit"]["reason"]  # where it hung
    printed = " ".join(capsys.readouterr().out.split())
    assert "the last thing that I saw" in printed
    assert "2 not as expected" in printed


def _deadly(task):
    """Die in one of many ways, or return the task."""
    import ctypes

    deaths = {
        "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "segfault": lambda: ctypes.string_at(0),
        "abort": os.abort,
        "leave": lambda: os._exit(7),
        "exit": lambda: sys.exit(3),
        "raise": lambda: [][0],
        "hang": lambda: time.sleep(100_000),
    }
    return deaths.get(task, lambda: task)()


# How a worker dies, and what must be told of it.
DEATHS = (
    ("kill", "killed by SIGKILL"),
    ("segfault", "killed by SIGSEGV; its last words: Fatal Python error: Segmentation fault"),
    ("abort", "killed by SIGABRT; its last words: Fatal Python error: Aborted"),
    ("leave", "ended with status 7"),
    ("hang", "no answer for 5 s; its last words: File"),
)


@pytest.mark.outer
@needs_signals
def test_a_worker_that_dies_leaves_its_last_words_and_the_others_alone():
    tasks = ["a", *(death for death, _ in DEATHS), "b", "raise", "exit", "c"]
    with Workers(len(tasks), limit=5) as pool:
        outcomes = dict(pool.map(_deadly, tasks))
        after = pool.submit(_deadly, "still here").result()
    assert [outcomes[t] for t in "abc"] == ["a", "b", "c"]
    assert after == "still here"
    for death, told in DEATHS:
        assert isinstance(outcomes[death], Died)
        assert told in str(outcomes[death])
    assert isinstance(outcomes["raise"], IndexError)
    assert isinstance(outcomes["exit"], SystemExit)


# ------------------------------------------------------------------- a cluster


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and two workers of Dask on the loopback address."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    dask = [sys.executable, "-m", "dask"]
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    started = [
        subprocess.Popen(
            [*dask, "scheduler", "--port", "0", *here, "--scheduler-file", str(file)], **quiet
        )
    ]
    wait_for(file.exists)
    address = json.loads(file.read_text(encoding="utf-8"))["address"]
    threads = ["--nthreads", "1", "--no-nanny"]
    started += [
        subprocess.Popen([*dask, "worker", address, *here, *threads], **quiet) for _ in range(2)
    ]
    yield address, started[1:]
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.outer
@needs_signals
def test_a_cluster_that_loses_a_worker_brings_every_run_once(cluster, tmp_path):
    address, workers = cluster
    file = tmp_path / "results.jsonl"
    typed = [*COMMAND, "verify", *NARROW, "--dask", address, "--json", str(file)]
    run = subprocess.Popen(typed, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: _complete(file) > 3)
    workers[0].send_signal(signal.SIGKILL)
    printed, _ = run.communicate(timeout=300)
    assert run.returncode == 0
    names = [r["run"] for r in _runs(file)]
    assert len(names) == len(set(names)) == RUNS
    assert f"{RUNS} runs, " in printed
    assert all(r["expected"] and r["verdict"] != SKIPPED for r in _runs(file))


def test_no_scheduler_is_said_in_one_sentence(monkeypatch, capsys):
    pytest.importorskip("distributed")
    monkeypatch.setattr("equivalence.machine.cluster.PATIENCE", 1)
    assert main(["verify", *NARROW, "--dask", "tcp://127.0.0.1:1"]) == 2
    answer = capsys.readouterr().err.strip()
    assert answer.startswith("equivalence: no Dask scheduler answers at 'tcp://127.0.0.1:1'")
