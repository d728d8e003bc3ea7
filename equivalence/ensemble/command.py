"""The command ``equivalence throughput``."""

from rich.text import Text

from equivalence.ensemble import report
from equivalence.ensemble.certified import Cut
from equivalence.ensemble.measurement import Measurement, Tick
from equivalence.machine.workers import stream


def beside(request):
    """Yield the environment and the measurements; for a process that runs nothing else.

    TensorFlow computes on one core there, beside NumPy on another.
    """
    import tensorflow as tf

    from equivalence.ensemble.throughput import measure
    from equivalence.machine.environment import environment

    tf.config.threading.set_intra_op_parallelism_threads(1)
    yield environment()
    yield from measure(request)


def show(request, console, progress, write, measure=None):
    """Measure, print the table; return 0 unless a net lies outside an enclosure.

    write: takes each record of the results file, the environment first.
    measure: what to read the measurements from; a process of its own if not given.
    """
    messages = measure(request) if measure else stream(beside, request)
    bar = progress.add_task("importing TensorFlow", total=request.steps)
    measurements, cuts = [], []
    for message in messages:
        if isinstance(message, Tick):
            progress.update(
                bar, description=message.what, completed=message.done, total=message.total
            )
        elif isinstance(message, Measurement):
            measurements.append(message)
            write(message.record(report.naive_rates(measurements)))
        elif isinstance(message, Cut):
            cuts.append(message)
        else:
            write(message)
    progress.stop()
    console.print(Text(f"{request.pair} {request.dtype}", style="bold"))
    console.print(report.table(measurements), report.distances(measurements))
    console.print(report.summary(measurements))
    for cut in cuts:
        console.print(str(cut), markup=False, highlight=False, soft_wrap=True)
    return 1 if cuts else 0
