"""Worker processes: runs side by side, each result handed back as it comes.

TensorFlow is imported in the workers only.  A worker has one setting of TensorFlow's
start-up switches (see ``machine.switches``) and one task at a time.  If it crashes, or
takes longer than the task may, that task comes back as an exception with the worker's
last words; all other tasks go on, in other workers.
"""

import multiprocessing
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from contextlib import suppress
from time import monotonic

from equivalence.errors import Error
from equivalence.machine import idle, keras_settings, memory, switches
from equivalence.machine.environment import digest

MOST_WORKERS = 8
# Seconds that a task may take before its worker counts as hung.
LIMIT = 600.0
START_LIMIT = 300.0  # and that it may take to start TensorFlow with its switches
BREATH = 1.0  # seconds of waiting at once: on Windows no Ctrl-C ends a wait for a lock
GRACE = 3.0  # seconds in which a hung worker may say where it hangs
MOST_WORDS = 300


class Died(Error, RuntimeError):
    """A worker process ended, or was ended, in the middle of a task."""


class Task:
    """One call in a worker: ``done`` when it has a ``value`` or an ``error``.

    finished: where the task is put when it is done.
    """

    def __init__(self, function, arguments, setting, limit, finished):
        self.finished = finished
        self.request = pickle.dumps((function, *arguments), pickle.HIGHEST_PROTOCOL)
        self.setting = setting
        self.limit = limit
        self.done = False
        self.value = None
        self.error = None

    def finish(self, value=None, error=None):
        self.done, self.value, self.error = True, value, error
        self.finished.append(self)


class Answer:
    """What ``Workers.submit`` returns: ``result()`` waits for it."""

    def __init__(self, workers, task):
        self.workers, self.task = workers, task

    def result(self):
        while not self.task.done:
            self.workers.turn()
        if self.task.error:
            raise self.task.error
        return self.task.value


class Process:
    """One worker process, the task that it has, and the file of its last words.

    kind: what another process would have to share with it to be as good.
    """

    def __init__(self, kind, events):
        self.kind, self.events = kind, events
        self.setting, variables, _ = kind
        self.gone = False
        self.task = None
        self.finished = 0  # tasks of the ``Workers`` that it works for
        self.deadline = None
        self.words = tempfile.TemporaryFile()  # noqa: SIM115  (closed in ``end``)
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "equivalence.machine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.words,
            env=dict(variables),
        )
        self.tell(pickle.dumps((switches.apply, self.setting)))
        self.starting = True  # its first answer is to ``apply``
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        """Put every answer, and None at the end, into the queue of events."""
        try:
            while True:
                answer = pickle.load(self.popen.stdout)
                self.events.put((self, answer))  # the queue of whoever asked for this answer
        except Exception:  # the end of the stream, wherever it was cut
            self.popen.stdout.close()
            self.gone = True
            self.events.put((self, None))

    def adopt(self, events):
        """Answer to another queue from now on; say whether the process still lives."""
        self.events, self.finished = events, 0
        self.words.seek(0)
        self.words.truncate()
        return not self.gone

    def tell(self, request):
        with suppress(OSError):  # it has died: the event that says so is under way
            pickle.dump(request, self.popen.stdin)
            self.popen.stdin.flush()

    def give(self, task):
        self.task = task
        self.deadline = monotonic() + task.limit + (START_LIMIT if self.starting else 0)
        self.tell(task.request)

    def started(self):
        self.starting = False
        self.deadline = monotonic() + self.task.limit

    def end(self):
        """Kill the process and return what it said last."""
        self.popen.kill()
        self.popen.wait()
        with suppress(OSError):  # what it no longer reads
            self.popen.stdin.close()
        self.words.seek(0)
        text = self.words.read().decode("utf-8", "replace")
        self.words.close()
        return last_words(text)


def start(setting, events):
    """Return a process with this setting: one that is idle, or else a new one."""
    kind = setting, tuple(sorted(_environment(setting).items())), digest()
    while process := idle.take(kind):
        if process.adopt(events):
            return process
        process.end()
    return Process(kind, events)


# Pytest tells in it which test it is at: the workers are the same.
PASSING = "PYTEST_CURRENT_TEST"


def _environment(setting):
    """Return the environment variables of a worker."""
    variables = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # several workers share a GPU's memory
        **os.environ,
        **keras_settings.VARIABLES,
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        **switches.variables(setting),
    }
    return {name: value for name, value in variables.items() if name != PASSING}


# Lines that TensorFlow writes whenever it starts.
NOTICES = ("WARNING: All log messages before absl", "port.cc:", "cudart_stub.cc:", "cpu_feature")
CRASHED = ("Fatal Python error", "Current thread", "Thread 0x")


def last_words(text):
    """Return the lines that matter of what a dead worker wrote, as one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not any(notice in line for notice in NOTICES)]
    crash = next((i for i, line in enumerate(lines) if line.startswith(CRASHED)), None)
    told = lines[-3:] if crash is None else _main_thread(lines[crash:])
    return " | ".join(told)[-MOST_WORDS:] if told else "none"


def _main_thread(lines):
    """Return the head and the innermost calls of faulthandler's report.

    The main thread comes last in it; each thread lists its most recent call first.
    """
    threads = [i for i, line in enumerate(lines) if line.startswith(CRASHED[1:])]
    start = next((i for i in threads if lines[i].startswith(CRASHED[1])), (threads or [0])[-1])
    head = lines[:1] if lines[0].startswith(CRASHED[0]) else []
    return head + lines[start + 1 : start + 4]


def _ending(code):
    """Return how a process ended, in words."""
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"was killed by {name}"
    return f"ended with status {code}"


def _quiet_start():
    """Leave Ctrl-C to the parent, and give TensorFlow one thread of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keras_settings.own_process()
    memory.keep_freed()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)  # TensorFlow's start-up notices; errors come back as exceptions


def stream(function, *args):
    """Yield what the generator ``function(*args)`` yields, from a worker process of its own.

    Raises the exception that ends the generator, and RuntimeError where the process dies.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, function, args), daemon=True)
    process.start()
    sender.close()
    try:
        while (message := receiver.recv()) is not None:
            error, value = message
            if error:
                raise error
            yield value
    except EOFError:
        process.join()
        raise RuntimeError(f"the worker process died, exit code {process.exitcode}") from None
    finally:
        process.terminate()


def _send(sender, function, args):
    """Send (None, value) for each value, (error, None) for an exception, None at the end."""
    _quiet_start()
    try:
        for value in function(*args):
            sender.send((None, value))
    except Exception as error:
        sender.send((error, None))
    sender.send(None)


class Workers:
    """Worker processes, started as they are needed and replaced when they die.

    What is idle at the end stays for a minute, see ``idle``.

    limit: seconds that any task may take, instead of its own limit or LIMIT.
    lifetime: tasks after which a process is replaced by a new one, None for no end.
    """

    def __init__(self, tasks, limit=None, lifetime=None):
        self.size = max(1, min(os.cpu_count() or 1, MOST_WORKERS, tasks))
        self.limit = limit
        self.lifetime = lifetime
        self.events = queue.SimpleQueue()
        self.waiting = {}  # setting -> the tasks that wait for a process with it
        self.processes = []

    def no_more_than(self, processes):
        """Start no more than so many: what is to do is not worth the start of another."""
        self.size = max(1, min(self.size, processes))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.end() if process.task else idle.keep(process)
        self.processes = []

    def submit(self, function, *arguments, setting=()):
        """Return the Answer of a call in a worker with that setting."""
        task = Task(function, arguments, setting, self.limit or LIMIT, [])
        self._wait(task)
        self._hand_out()
        return Answer(self, task)

    def map(self, function, items, limit_of=None):
        """Yield (item, result or exception) as they come, in any order.

        An item with ``switches`` is run in a worker that has this setting.

        limit_of: returns the seconds that an item may take; LIMIT without it.
        """
        finished, awaited = [], {}
        for item in items:
            limit = self.limit or (limit_of(item) if limit_of else LIMIT)
            task = Task(function, (item,), getattr(item, "switches", ()), limit, finished)
            awaited[task] = item
            self._wait(task)
        self._hand_out()
        while awaited:
            while finished:
                task = finished.pop(0)
                yield awaited.pop(task), task.error or task.value
            if awaited:
                self.turn()

    def _wait(self, task):
        self.waiting.setdefault(task.setting, deque()).append(task)

    def turn(self):
        """Take one event: an answer, a death, or that a task's time is over."""
        try:
            process, answer = self.events.get(timeout=self._patience())
        except queue.Empty:
            self._end_hung()
        else:
            if process in self.processes:  # else its last answer came while it was ended
                self._take(process, answer)
        self._hand_out()

    def _take(self, process, answer):
        if answer is None:
            return self._bury(process)
        well, value = answer
        if process.starting and well:
            return process.started()
        if process.starting:  # no process can have this setting
            self._end(process)
            return process.task.finish(error=value)
        task, process.task = process.task, None
        task.finish(value=value) if well else task.finish(error=value)
        process.finished += 1
        if process.finished == self.lifetime:
            self._end(process)

    def _bury(self, process):
        process.popen.wait()
        how, words = _ending(process.popen.returncode), self._end(process)
        if process.task:
            process.task.finish(error=Died(f"the worker {how}; its last words: {words}"))

    def _end_hung(self):
        now = monotonic()
        for process in [p for p in self.processes if p.task and p.deadline <= now]:
            process.popen.terminate()
            with suppress(subprocess.TimeoutExpired):  # it may hang too well to say where
                process.popen.wait(GRACE)
            words = self._end(process)
            limit = f"{process.task.limit:g} s"
            error = Died(f"the worker gave no answer for {limit}; its last words: {words}")
            process.task.finish(error=error)

    def _end(self, process):
        if process in self.processes:
            self.processes.remove(process)
            return process.end()
        return ""

    def _patience(self):
        """Return the seconds until the first task's time is over, or BREATH."""
        deadlines = [p.deadline for p in self.processes if p.task]
        return max(0.0, min([monotonic() + BREATH, *deadlines]) - monotonic())

    def _hand_out(self):
        """Give waiting tasks to idle processes, and start processes while there may be more."""
        for process in [p for p in self.processes if not p.task]:
            if process.setting in self.waiting:
                self._give(process)
        while self.waiting:
            idle = [p for p in self.processes if not p.task]
            if len(self.processes) >= self.size:
                if not idle:
                    return
                self._end(idle[0])  # no task waits for its setting any more
            process = start(self._most_wanted(), self.events)
            self.processes.append(process)
            self._give(process)

    def _most_wanted(self):
        """Return the setting for which the most tasks wait."""
        return max(self.waiting, key=lambda setting: len(self.waiting[setting]))

    def _give(self, process):
        tasks = self.waiting[process.setting]
        process.give(tasks.popleft())
        if not tasks:
            del self.waiting[process.setting]
