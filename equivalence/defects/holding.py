"""Which of the listed defects still hold with the versions installed here.

The programs run in one process that is started for them, or alone where they must.  A
row of ``ROWS`` holds if the two numbers that its program prints, around ``is not``,
differ; a departure holds if its ``prints`` is found in what its program prints.
"""

import json
import os
import re
import subprocess
import sys

import numpy as np

from equivalence.machine import keras_settings

HOLDS = "holds"
MENDED = "mended"  # in a version that its row knows
LATER = "later"  # the installed Keras has no such class yet
ELSEWHERE = "not on this processor"  # which has not the instructions that it shows with
GONE = "gone"  # although its row knows of no version that mended it
BROKEN = "does not run"
STATES = (HOLDS, MENDED, LATER, ELSEWHERE, GONE, BROKEN)
# What is not as the rows have it: somebody has to look.
CHANGED = (GONE, BROKEN)
DIFFER = 1e-10

RUN_ALL = """
import contextlib, io, json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
answers = []
for program in json.load(sys.stdin):
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(program, {})
        answers.append([True, said.getvalue()])
    except Exception as error:
        answers.append([False, f"{type(error).__name__}: {error}"])
print(json.dumps(answers))
"""


# What Python says of a class, function or argument that a version of Keras does not have.
LACKING = re.compile(
    r"AttributeError: module 'keras[\w.]*' has no attribute|"
    r"ImportError: cannot import name .* from 'keras|"
    r"TypeError: .*unexpected keyword argument|ValueError: .*rguments? .*not recognized"
)
# What can only be set before TensorFlow starts: such a program runs alone.
AT_START = "set_logical_device_configuration"


def check(rows):
    """Return (row, its state in a word, what its program printed) for every row."""
    together = [row for row in rows if AT_START not in row.repro]
    alone = [row for row in rows if AT_START in row.repro]
    answers = {}
    for group in (together, *([row] for row in alone)):
        programs = [row.repro for row in group]
        answers |= zip([row.name for row in group], _answers(programs), strict=True)
    return [(row, _state(row, *answers[row.name]), answers[row.name][1]) for row in rows]


def hangs_on_the_processor(row):
    """Say whether a defect shows on some processors only."""
    return getattr(row, "shows_here", None) is not None


def _answers(programs):
    """Return (whether it ran, what it printed) for programs, in one process."""
    programs = json.dumps(programs)
    variables = {**os.environ, **keras_settings.VARIABLES, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", RUN_ALL],
        input=programs,
        capture_output=True,
        encoding="utf-8",
        env=variables,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the programs did not run: {done.stderr.strip()[-500:]}")
    answers = json.loads(done.stdout.splitlines()[-1])
    return [(ran, printed.strip()) for ran, printed in answers]


def _numbers(text):
    """Return a number, or those of a list of lists, as Python prints them, one behind another."""
    return np.array([float(number) for number in re.sub(r"[][]", "", text).split(",")])


def _state(row, ran, printed):
    if not getattr(row, "concerns_this_keras", True):
        return MENDED
    if not ran:
        return LATER if LACKING.match(printed) else BROKEN
    if hasattr(row, "model"):
        try:
            found, wanted = map(_numbers, printed.splitlines()[-1].split(" is not "))
            apart = np.abs(found - wanted)
        except (IndexError, ValueError):
            return BROKEN  # it prints something else, which is no reason to end the command
        holds = not np.all(apart <= DIFFER)  # NaN: holds
    else:
        holds = re.search(row.prints, printed) is not None
    if holds:
        return HOLDS
    return ELSEWHERE if hangs_on_the_processor(row) and not row.shows_here() else GONE
