"""The command ``equivalence``; ``equivalence --help`` lists what it does.

Exit codes: 0 all as expected, 1 a run is not as expected, 2 wrong usage, 3 a fault of this
program, 130 stopped by Ctrl-C, what was written until then stays, 141 its reader has gone.
"""

import argparse
import errno
import math
import os
import signal
import sys
import traceback
from contextlib import suppress

from equivalence.arithmetic import precisions
from equivalence.cli.axes import axes_table, positions_table
from equivalence.cli.certify import certify_step
from equivalence.cli.console import (
    CLOSED,
    PipeClosed,
    Terminal,
    drop_output,
    show_what_can_be_shown,
)
from equivalence.cli.diagnose import diagnose_mine
from equivalence.cli.evaluate import evaluate
from equivalence.cli.looking_up import books
from equivalence.cli.others import (
    book,
    count_mutants,
    doctor,
    list_defects,
    plant_defects,
    soak_runs,
    throughput,
)
from equivalence.cli.pairs import pairs
from equivalence.cli.plot import plot
from equivalence.cli.read import read_twins
from equivalence.cli.show import show
from equivalence.cli.today import today
from equivalence.cli.verify import (
    merge_files,
    verify_gpu,
    verify_runs,
)
from equivalence.engines.table import NAMES, TWINS, USUAL
from equivalence.errors import BadInput
from equivalence.machine import keras_settings, memory
from equivalence.results.result import ONLY_BY_OPERATIONS as HALF
from equivalence.runs.select import GROUPS


class Parser(argparse.ArgumentParser):
    """Answers wrong usage with one sentence."""

    def error(self, message):
        raise BadInput(message)


# What makes a fault of this program say where it arose.
TRACEBACK = "EQUIVALENCE_TRACEBACK"


def main(arguments=None):
    """Run one command; return the exit code."""
    console, errors = Terminal(), Terminal(stderr=True)

    def say(words, style="red"):
        errors.print(f"equivalence: {words}", style=style, markup=False, soft_wrap=True)

    try:
        options = parser().parse_args(arguments)
        _check_midpoints()
        code = options.command(options, console, errors)
        sys.stdout.flush()
        return code
    except BadInput as error:
        say(error)
        return 2
    except KeyboardInterrupt:
        say("stopped; what was written stays", "yellow")
        return 130
    except (PipeClosed, BrokenPipeError):
        drop_output()
        return CLOSED
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            with suppress(OSError, ValueError):
                drop_output()
            say(f"cannot write what is to be printed: {error.strerror}")
            return 2
        if os.environ.get(TRACEBACK):
            traceback.print_exc()
        words = str(error).split("\n")[0]
        say(
            f"a fault of this program, {type(error).__name__}: {words} (with {TRACEBACK}=1 it says "
            "where); please report it, with what equivalence doctor prints, to whoever you have "
            "it from"
        )
        return 3


def _check_midpoints():
    """Raise BadInput where the environment asks for midpoints that are not to be had."""
    from equivalence.arithmetic import midpoints

    try:
        midpoints.setting()
    except ValueError as error:
        raise BadInput(str(error)) from None


def console_script():
    """Run one command in a process of its own, and end it with the exit code.

    Ctrl-C stops it however it was started.
    """
    listen_to_interrupts()
    keras_settings.own_process()
    memory.keep_freed()
    show_what_can_be_shown()
    sys.exit(main())


def listen_to_interrupts():
    """Let SIGINT raise KeyboardInterrupt also where whoever started this process ignores it.

    A shell starts the background jobs of a script, of ``nohup`` and of some CI with SIGINT
    ignored, and a child inherits that: Python then installs no handler.  These commands
    take long and keep what they have, so whoever sends the signal means them.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def parser():
    """Return the parser of all commands."""
    top = Parser(prog="equivalence", description=__doc__.split("\n\n")[1])
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_verify(commands)
    _add_axes(commands)
    places = _add(commands, "positions", positions_table, "arrays of 1 to 33, element by element")
    places.add_argument("--dtype", help=f"only {' or '.join(precisions.NAMES)}", **MANY)
    places.add_argument("--engine", help="only one of eager, graph, xla", **MANY)
    places.add_argument("--json", metavar="FILE", help="append one JSON object a line")
    gpu = _add(commands, "gpu", verify_gpu, "verify this machine's GPUs, in every precision")
    gpu.add_argument("--json", metavar="FILE", help="append one JSON object a line and run")
    gpu.add_argument("--resume", action="store_true", help="leave out what FILE has already")
    gpu.add_argument("--long", action="store_true", help="a line for every run")
    merge = _add(commands, "merge", merge_files, "put the results files of shards together")
    merge.add_argument("files", nargs="+", metavar="FILE")
    merge.add_argument("--json", metavar="FILE", help="write all runs into one file")
    merge.add_argument("--long", action="store_true", help="a line for every run")
    merge.add_argument("--markdown", action="store_true", help="print a table for a text")
    texts = _add(commands, "books", books, "say which course text is which, and what answers it")
    texts.add_argument("text", nargs="?", help="its key or name: then its sections are listed")
    _add_pairs(commands)
    read = _add(
        commands, "read", read_twins, "show both twins of a pair, concept or section side by side"
    )
    read.add_argument(
        "name",
        nargs="+",
        help="a pair, a concept such as adam or lstm or its file, a section such as 411 or 003 A4, "
        "or all",
    )
    read.add_argument("--html", metavar="FILE", help="write a page; of all, a folder of pages")
    read.add_argument(
        "--listing", action="store_true", help="a pair as one program, NumPy's beside Keras's"
    )
    read.add_argument(
        "--plain", action="store_true", help="pages without what a run gives: pictures, numbers"
    )
    _add_show(commands)
    _add_evaluate(commands)
    old = _add(commands, "today", today, "what the texts write that stops now, and what to write")
    old.add_argument("name", nargs="*", help="an old name such as minimize, or a section")
    _add_plot(commands)
    asked = _add(commands, "doctor", doctor, "say what this machine is, and what is unusual")
    _add_json(asked)
    figures = _add(commands, "book", book, "hold both sides against all figures of the books")
    _add_json(figures)
    listed = _add(commands, "defects", list_defects, "list the known upstream defects")
    listed.add_argument("--repro", metavar="NAME", help="print the program that shows one")
    listed.add_argument("--list", action="store_true", help="do not run their programs")
    _add_json(listed)
    soak = _add(commands, "soak", soak_runs, "look for false alarms over many random runs")
    soak.add_argument("--runs", type=_positive, default=10_000)
    words = "instead: so many random Keras models, each certified operation by operation"
    soak.add_argument("--models", type=_positive, metavar="N", help=words)
    soak.add_argument("--seed", type=_seed, default=0)
    soak.add_argument("--first", type=int, default=0, help="the number of the first run")
    words = "leave out the models that --json FILE has already"
    soak.add_argument("--resume", action="store_true", help=words)
    _add_json(soak)
    plants = _add(commands, "plants", plant_defects, "plant defects: all must be found")
    plants.add_argument("--group", metavar="NAMES", help="only these tables, with commas")
    _add_json(plants)
    plants.add_argument("--only", metavar="WORDS", help="only rows with these words in them")
    plants.add_argument(
        "--keras-tests",
        action="store_true",
        help="also ask the tests that Keras ships with: some 10 s a defect",
    )
    words = "change the arithmetic of both trees, node by node: the judge must see it"
    mutants = _add(commands, "mutants", count_mutants, words)
    mutants.add_argument("--tree", help="only refimpl or tfimpl", **MANY)
    mutants.add_argument("--file", help="only this file, as optimizers/adam.py", **MANY)
    mutants.add_argument("--only", metavar="WORDS", help="only mutants with these words in them")
    mutants.add_argument("--json", metavar="FILE", help="append one JSON object a line and mutant")
    _add_throughput(commands)
    _add_diagnose(commands)
    _add_certify(commands)
    return top


def _add(commands, name, function, words):
    command = commands.add_parser(name, help=words, description=words)
    command.set_defaults(command=function)
    return command


def _add_pairs(commands):
    listed = _add(commands, "pairs", pairs, "list the pairs, or tell all about one")
    listed.add_argument(
        "name", nargs="*", help="a pair, a section such as 411 or 003 A4, or words to look for"
    )
    listed.add_argument("--book", metavar="TEXT", help="only of this text; 'books' lists them")
    listed.add_argument("--group", metavar="NAMES", help=f"only of {', '.join(GROUPS)}")
    listed.add_argument("--only", metavar="WORDS", help="only pairs with these words in their row")


def _add_show(commands):
    shown = _add(commands, "show", show, "print the numbers of a run, epoch by epoch, both sides")
    shown.add_argument("name", nargs="+", help="a pair, or a section such as 417_5 or 003 A4")
    shown.add_argument(
        "--epochs", type=_numbers, nargs="+", metavar="N,N", help="after so many epochs"
    )
    shown.add_argument("--every", type=_positive, metavar="N", help="after every N epochs")
    shown.add_argument("--side", default="both", metavar="SIDE", help="both, numpy or tensorflow")
    shown.add_argument(
        "--dtype", default=precisions.USUAL, metavar="NAME", help=" or ".join(precisions.NAMES)
    )
    shown.add_argument(
        "--digits", type=_digits, default=3, metavar="N", help="behind the point; the book has 3"
    )
    shown.add_argument("--data", action="store_true", help="also what the run starts from")
    shown.add_argument(
        "--set",
        action="append",
        metavar="WH[0,0]=0.2",
        help="a number of the start that is another (may be repeated)",
    )
    shown.add_argument(
        "--csv", nargs="?", const="-", metavar="FILE", help="every number, as lines of CSV"
    )


def _add_evaluate(commands):
    asked = _add(
        commands, "evaluate", evaluate, "hold what Keras's fit, evaluate and predict report"
    )
    asked.add_argument("name", nargs="+", help="a pair, or a section such as 003 B2")
    asked.add_argument("--epochs", type=_positive, default=3, metavar="N")
    asked.add_argument(
        "--dtype", default=precisions.USUAL, metavar="NAME", help=" or ".join(precisions.NAMES)
    )
    words = "of the samples, the last of them, that fit validates on; none by default"
    asked.add_argument("--validation", type=_part, default=0.0, metavar="SHARE", help=words)


def _add_plot(commands):
    drawn = _add(commands, "plot", plot, "draw what the texts draw, from the runs of both sides")
    drawn.add_argument(
        "name",
        nargs="*",
        help="a pair, a section such as 417_5, an activation or a sheet; without it, what there is",
    )
    drawn.add_argument("--kind", metavar="KIND", help="which picture of a pair; 'plot' lists them")
    drawn.add_argument(
        "--epochs",
        type=_epochs,
        metavar="N",
        help="a number, or 'book' for the source's own; by default as far as is quick",
    )
    drawn.add_argument("--side", default="both", metavar="SIDE", help="both, numpy or tensorflow")
    drawn.add_argument(
        "--dtype", default=precisions.USUAL, metavar="NAME", help=" or ".join(precisions.NAMES)
    )
    drawn.add_argument("--output", metavar="FILE", help="ending in .png or .svg")


def _add_json(command):
    command.add_argument("--json", metavar="FILE", help="append one JSON object a line")


def _add_verify(commands):
    verify = _add(commands, "verify", verify_runs, "verify pairs on this machine")
    _add_axes_options(verify)
    verify.add_argument(
        "names", nargs="*", metavar="NAME", help="a pair, or a section such as 411 or 003 A4"
    )
    verify.add_argument("--pair", help="the same (may be repeated)", **MANY)
    verify.add_argument(
        "--group",
        help=f"which pairs: {', '.join(GROUPS)}, or several with commas; by default books, "
        "optimizers",
    )
    verify.add_argument("--data", metavar="FILE", help=".npz with inputs, targets, weights")
    verify.add_argument("--learning-rate", type=_rate, metavar="X", help="instead of the pair's")
    verify.add_argument(
        "--operations",
        action="store_true",
        help="hold each operation of a step, as certify does, and not the reference's stages; so "
        f"always with --dtype {', '.join(HALF)}",
    )
    verify.add_argument("--json", metavar="FILE", help="append one JSON object a line and run")
    verify.add_argument("--long", action="store_true", help="a line for every run")
    verify.add_argument("--svg", metavar="FILE", help="also draw what is printed")
    verify.add_argument("--seeds", type=_positive, metavar="N", help="the seeds 0 to N-1")
    verify.add_argument(
        "--profile",
        metavar="NAME",
        help="deep: every pair and engine, 100 seeds, unless said otherwise",
    )
    verify.add_argument(
        "--deep",
        action="store_const",
        dest="profile",
        const="models",
        help="the texts' models for all of their epochs, in a graph in float32, by Keras where "
        "Keras has such classes",
    )
    verify.add_argument(
        "--resume", action="store_true", help="leave out the runs that --json FILE has already"
    )
    verify.add_argument("--shard", type=_shard, metavar="I/N", help="only this part of the runs")
    verify.add_argument("--dask", metavar="ADDRESS", help="run on the workers of this scheduler")
    verify.add_argument(
        "--limit", type=_rate, metavar="SECONDS", help="a run that takes longer counts as hung"
    )


def _add_axes(commands):
    axes = _add(commands, "axes", axes_table, "which engines and switches give the same bits")
    axes.add_argument("pair", nargs="+", metavar="PAIR")
    _add_axes_options(axes)
    axes.add_argument("--json", metavar="FILE", help="append one JSON object a table")


MANY = {"action": "append", "metavar": "NAME"}


def _add_axes_options(command):
    """Add what names the runs of a pair: its axes, and how long they go."""
    command.add_argument("--dtype", help=f"only {' or '.join(precisions.NAMES)}", **MANY)
    command.add_argument("--twin", help=f"only {' or '.join(TWINS)}", **MANY)
    command.add_argument(
        "--engine", help=f"only one of {', '.join(NAMES)}, or all; {', '.join(USUAL)}", **MANY
    )
    command.add_argument(
        "--device", help="as TensorFlow lists it, such as CPU:0 or GPU:0, or all", **MANY
    )
    command.add_argument(
        "--switch",
        action="append",
        metavar="NAME=VALUE",
        help="one of TensorFlow's switches, such as onednn=off; two values of one run both",
    )
    command.add_argument(
        "--epochs",
        type=_epochs,
        metavar="N",
        help="a number, or 'book' for the source's own; by default the source's number as "
        "far as each engine gets in an instant",
    )
    command.add_argument("--seed", type=_seed, metavar="N", help="random start and data")


def _shard(text):
    from equivalence.results.journal import Shard

    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a part such as 2/8")
    return Shard(int(number), int(count))


def _add_throughput(commands):
    speed = _add(
        commands, "throughput", throughput, "measure steps verified and certified a second"
    )
    speed.add_argument("--pair", default="linear-2-2-2", metavar="NAME")
    speed.add_argument("--dtype", default=precisions.USUAL, metavar="NAME")
    speed.add_argument("--engine", action="append", metavar="NAME", help="graph or xla; or both")
    speed.add_argument("--nets", type=_positive, default=4096, help="in the ensemble")
    speed.add_argument("--steps", type=_positive, default=10_000_000, help="to verify an engine")
    speed.add_argument("--seed", type=_seed, default=0)
    speed.add_argument("--json", metavar="FILE", help="append one JSON object a line")


def _add_certify(commands):
    words = "certify a training step of your own, operation by operation"
    asked = _add(commands, "certify", certify_step, words)
    asked.add_argument(
        "model",
        metavar="MODEL",
        help="FILE.py:NAME, a compiled model, or a function that returns one, or (model, x, y); or "
        "FILE.keras",
    )
    asked.add_argument("--data", metavar="FILE", help=".npz with x, y, weights, or x.NAME")
    asked.add_argument("--steps", type=_positive, default=3, metavar="N")
    asked.add_argument("--batch-size", type=_positive, default=32, metavar="N")
    words = "how it runs unobserved: eager, graph, xla, fit or train_on_batch; graph"
    asked.add_argument("--engine", help=words, **MANY)
    words = "certify the first step as the engine runs it, by what can be watched of it"
    asked.add_argument("--watch", action="store_true", help=words)
    asked.add_argument("--html", metavar="FILE", help="also write a page")
    _add_json(asked)


def _add_diagnose(commands):
    asked = _add(
        commands, "diagnose", diagnose_mine, "why do my own weights not match Keras's? the cause"
    )
    asked.add_argument(
        "mine", metavar="MINE", help="FILE.py:NAME, a step; or FILE.npz, its numbers"
    )
    asked.add_argument(
        "--model", metavar="FILE.py:NAME", help="an object of Keras, or what makes it"
    )
    asked.add_argument("--pair", metavar="NAME", help="or a row of the table of pairs")
    asked.add_argument(
        "--data",
        metavar="FILE",
        help=".npz with inputs, targets, perhaps weights; several are x/NAME, y/NAME",
    )
    asked.add_argument("--steps", type=_positive, metavar="N", help="how many, 10 by default")
    asked.add_argument("--batch-size", type=_positive, metavar="N", help="samples a step")
    asked.add_argument(
        "--tell",
        metavar="FILE",
        help=".npz to write, if several causes fit: data that tell",
    )
    _add_json(asked)


def _positive(text):
    value = int(text) if text.lstrip("+-").isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return value


def _numbers(text):
    return [_positive(part) for part in text.split(",")]


def _digits(text):
    value = _positive(text)
    if value > 20:
        raise argparse.ArgumentTypeError(f"{text!r} digits are more than a float has")
    return value


def _seed(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def _epochs(text):
    return 0 if text == "book" else _positive(text)


def _part(text):
    value = _rate(text)
    if value >= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share below 1")
    return value


def _rate(text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number above 0")
    return value


# ---------------------------------------------------------------------- verify


# ------------------------------------------------------------- other commands


if __name__ == "__main__":
    console_script()
