"""Worker processes: runs side by side, each result handed back as it comes.

TensorFlow is imported in the workers only.  A worker that dies costs the runs
that were under way in it: they come back as ``skipped`` with the reason, and the
others go on in fresh workers.
"""

import multiprocessing
import os
import signal
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

MOST_WORKERS = 8


def _quiet_start():
    """Leave Ctrl-C to the parent, and give TensorFlow one thread of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)  # TensorFlow's start-up notices; errors come back as exceptions


def _count(tasks):
    return max(1, min(os.cpu_count() or 1, MOST_WORKERS, tasks))


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
    """A pool of worker processes that is made again when one of them dies."""

    def __init__(self, tasks):
        self.size = _count(tasks)
        self.pool = None

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, *_):
        self._stop()

    def _start(self):
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(self.size, mp_context=context, initializer=_quiet_start)

    def _stop(self):
        processes = list((self.pool._processes or {}).values())
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()

    def submit(self, function, *args):
        """Return the Future of a call in a worker."""
        return self.pool.submit(function, *args)

    def map(self, function, tasks):
        """Yield (task, result or exception) as they come, in any order."""
        waiting = list(tasks)
        running = {}
        while waiting or running:
            while waiting and len(running) < self.size:
                task = waiting.pop(0)
                running[self.pool.submit(function, task)] = task
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            broken = False
            for future in done:
                task = running.pop(future)
                error = future.exception()
                broken = broken or isinstance(error, BrokenProcessPool)
                yield task, error if error else future.result()
            if broken:
                for task in running.values():
                    yield task, BrokenProcessPool("a worker process died beside it")
                running = {}
                self._stop()
                self._start()
