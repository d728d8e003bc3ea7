"""Which of the listed defects still hold with the versions installed here.

Every row's program runs in one process that is started for it.  A row of ``ROWS`` holds
if the two numbers that its program prints, around ``is not``, differ; a departure holds
if its ``prints`` is found in what its program prints.
"""

import json
import re
import subprocess
import sys

HOLDS, GONE, BROKEN = "holds", "gone", "does not run"
DIFFER = 1e-10

RUN_ALL = """
import contextlib, io, json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
answers = []
for program in json.load(sys.stdin):
    keras.config.set_floatx("float32")
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(program, {})
        answers.append([True, said.getvalue()])
    except Exception as error:
        answers.append([False, f"{type(error).__name__}: {error}"])
print(json.dumps(answers))
"""


def check(rows):
    """Return (row, its state in a word, what its program printed) for every row."""
    programs = json.dumps([row.repro for row in rows])
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL], input=programs, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"the programs did not run: {done.stderr.strip()[-500:]}")
    answers = json.loads(done.stdout.splitlines()[-1])
    return [
        (row, _state(row, ran, printed.strip()), printed.strip())
        for row, (ran, printed) in zip(rows, answers, strict=True)
    ]


def _state(row, ran, printed):
    if not getattr(row, "concerns_this_keras", True):
        return f"mended in {row.before}"
    if not ran:
        return BROKEN
    if hasattr(row, "model"):
        found, wanted = printed.splitlines()[-1].split(" is not ")
        return GONE if abs(float(found) - float(wanted)) <= DIFFER else HOLDS  # NaN: holds
    return HOLDS if re.search(row.prints, printed) else GONE
