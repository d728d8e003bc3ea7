"""An idle worker process is taken over by who wants the same, and by nobody else."""

import os
import signal
import time

import pytest
from helpers.systems import needs_signals
from helpers.waiting import wait_for

from equivalence.machine import idle, workers
from equivalence.machine.workers import Workers

pytestmark = pytest.mark.tensorflow


def pid_of_a_worker(setting=()):
    with Workers(1, limit=20) as pool:  # seconds: a dead process never answers
        return pool.submit(os.getpid, setting=setting).result()


@pytest.fixture(autouse=True)
def alone():
    """Let no test take over what another has left."""
    idle.end_all()
    yield
    idle.end_all()


def test_the_next_workers_take_over_an_idle_process():
    assert pid_of_a_worker() == pid_of_a_worker()


def test_a_process_answers_only_those_who_ask():
    with Workers(1) as first:
        assert first.submit(len, "three").result() == 5
    with Workers(1) as second:
        assert dict(second.map(len, ["a", "bc", "def"])) == {"a": 1, "bc": 2, "def": 3}
    assert first.events.empty()


def _another_environment(patch):
    patch.setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=2")


def _another_source(patch):
    patch.setattr(workers, "digest", lambda: "changed")


@pytest.mark.parametrize(
    "change",
    [_another_environment, pytest.param(_another_source, marks=pytest.mark.outer)],
    ids=lambda c: c.__name__,
)
def test_what_would_start_otherwise_is_started(change, monkeypatch):
    before = pid_of_a_worker()
    with monkeypatch.context() as patch:
        change(patch)
        assert pid_of_a_worker() != before
    assert pid_of_a_worker() == before


@pytest.mark.outer
def test_another_setting_has_a_process_of_its_own():
    assert pid_of_a_worker() != pid_of_a_worker((("onednn", "off"),))


@needs_signals
def test_a_process_that_died_meanwhile_is_not_taken():
    pid = pid_of_a_worker()
    (process,) = idle._kept
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: process.gone)
    assert pid_of_a_worker() != pid


def test_a_process_is_kept_for_its_time_only(monkeypatch):
    monkeypatch.setattr(idle, "PATIENCE", 0.05)
    pid_of_a_worker()
    wait_for(lambda: not idle._kept)
    assert idle.take(None) is None


@pytest.mark.outer
@needs_signals
def test_a_process_in_the_middle_of_a_task_is_ended():
    with Workers(1) as pool:
        pool.submit(time.sleep, 1000)
        (process,) = pool.processes
    assert process.popen.returncode == -signal.SIGKILL
    assert not idle._kept


@pytest.mark.outer
def test_there_are_never_more_than_cores(monkeypatch):
    monkeypatch.setattr(idle, "MOST", 1)
    old = pid_of_a_worker()
    with monkeypatch.context() as patch:
        _another_environment(patch)
        new = pid_of_a_worker()
    assert [process.popen.pid for process in idle._kept] == [new]
    assert pid_of_a_worker() != old
