"""What runs inside a worker process; ``workers`` starts it and talks to it.

The process reads (function, argument) pickles from its standard input and writes
answers to its standard output, one at a time.  Whatever else is printed goes to
standard error, a file that the parent reads when the process dies: its last words.
"""

import faulthandler
import os
import pickle
import queue
import signal
import threading
import traceback

from equivalence.machine import keras_settings, memory


def main():
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    keras_settings.own_process()
    memory.keep_freed()
    faulthandler.enable()
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGTERM, chain=True)  # says where it hung
    requests = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        answers.write(_answer(requests.get()))
        answers.flush()


def _listen(requests):
    """Take in requests; leave at once when the parent is gone, whatever is under way."""
    source = os.fdopen(os.dup(0), "rb")
    try:
        while True:
            requests.put(pickle.load(source))
    except EOFError:
        os._exit(0)


def _answer(request):
    """Return the pickled (True, result) or (False, exception) of a pickled request."""
    try:
        function, *arguments = pickle.loads(request)
        return pickle.dumps((True, function(*arguments)), pickle.HIGHEST_PROTOCOL)
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        return _pickled(error)


def _pickled(error):
    try:
        pickled = pickle.dumps((False, error))
        pickle.loads(pickled)
    except Exception:  # an exception that cannot travel: its words can
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return pickled


if __name__ == "__main__":
    main()
