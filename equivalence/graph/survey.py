"""Which operations without a rule may a training step of Keras have?  Every name is tried.

    python -m equivalence.graph.survey [WORDS]        those rows whose name has one of the words

Of each function, activation, layer, loss, metric, optimizer and regularizer of Keras
(``survey_rows``) a small training step is made and certified, and what of it is not held is
printed: operations without a rule, and gradients of which nothing is known.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equivalence.graph import survey_rows as rows

ROOMS = ("ops", "activations", "layers", "losses", "metrics", "optimizers", "regularizers")


@dataclass(frozen=True)
class Called:
    """One thing of Keras that is called in a step.

    room and name: where it stands; number: which of the name's rows.
    operands: arrays, or tuples of arrays; floats are trained.
    build: returns (call, weights): what is called with the operands as tensors, and the variables
        that are trained beside them.
    """

    room: str
    name: str
    number: int
    operands: tuple
    build: Callable

    def __str__(self):
        return f"{self.room}.{self.name}" + (f" ({self.number + 1})" if self.number else "")


@dataclass(frozen=True)
class Found:
    """What a certificate of such a step says.

    verdict: in words; without: kind -> why there is no certificate of it; gradient: why its
    gradients are not proved, "" where they are, or where there is none; refused: why the step
    cannot be made at all.
    numbers: how many floats the step's operations returned.
    """

    verdict: str = ""
    without: tuple = ()
    gradient: str = ""
    refused: str = ""
    numbers: int = 0

    @property
    def whole(self):
        return not (self.without or self.gradient or self.refused)

    def __str__(self):
        without = [f"{kind}: {why}" for kind, why in self.without]
        return "; ".join(filter(None, (self.refused, *without, self.gradient))) or self.verdict


def calls(*words):
    """Return every Called, of those rows whose name has one of the words."""
    found = [*_of_ops(), *_of_activations(), *_of_layers(), *_of_losses(), *_of_others()]
    return [one for one in found if not words or any(word in str(one) for word in words)]


def _numbered(room, table, build):
    seen: dict[str, int] = {}
    for name, operands, options in table:
        number = seen[name] = seen.get(name, -1) + 1
        yield Called(room, name, number, operands, build(name, options))


def _of_ops():
    import keras

    def build(name, options):
        return lambda: (lambda *given: getattr(keras.ops, name)(*given, **options), [])

    yield from _numbered("ops", rows.OPS, build)
    for name, (call, operands) in rows.CALLS.items():
        yield Called("ops", name, 0, operands, _ready(call, keras.ops))


def _ready(call, *first):
    return lambda: (lambda *given: call(*first, *given), [])


def _of_activations():
    import keras

    for name in rows.ACTIVATIONS:
        yield Called("activations", name, 0, (rows.A,), _ready(getattr(keras.activations, name)))


def _of_layers():
    import keras

    def made(layer, operands):
        import tensorflow as tf

        options = {"training": True} if _takes_training(layer) else {}
        layer(*tf.nest.map_structure(tf.constant, operands))

        def call(*given):
            return [layer(*given, **options), *layer.losses]

        return call, [v.value for v in layer.trainable_variables]

    seen: dict[str, int] = {}
    for name, operands, options in rows.LAYERS:
        number = seen[name] = seen.get(name, -1) + 1
        kind = getattr(keras.layers, name)
        yield Called(
            "layers", name, number, operands, lambda k=kind, o=options, x=operands: made(k(**o), x)
        )
    for name, (make, operand) in rows.WRAPPERS.items():
        yield Called(
            "layers",
            name,
            0,
            (operand,),
            lambda make=make, x=operand: made(make(keras.layers), (x,)),
        )


def _takes_training(layer):
    import inspect

    return "training" in inspect.signature(layer.call).parameters


def _of_losses():
    import keras

    def loss(name, options):
        return _ready(getattr(keras.losses, name)(**options))

    def metric(name, options):
        def build():
            counted = getattr(keras.metrics, name)(**options)

            def call(*given):
                counted.update_state(*given)
                return [counted.result(), *given]

            return call, []

        return build

    yield from _numbered("losses", rows.LOSSES, loss)
    yield from _numbered("metrics", rows.METRICS, metric)


def _of_others():
    import keras

    def optimize(name):
        def build():
            optimizer = getattr(keras.optimizers, name)()
            weight = keras.Variable(rows.SQUARE)
            optimizer.build([weight])

            def call(given):
                optimizer.apply([given * weight], [weight])
                return [given]

            return call, []

        return build

    for name in rows.OPTIMIZERS:
        yield Called("optimizers", name, 0, (rows.SPREAD,), optimize(name))
    for name in rows.REGULARIZERS:
        regularizer = getattr(keras.regularizers, name)()
        yield Called("regularizers", name, 0, (rows.SQUARE,), _ready(regularizer))


def certify_call(called):
    """Return the Found of one small training step in which ``called`` is called."""
    import equivalence

    try:
        step, batch = step_of(called)
        report = equivalence.certify(step, batch, steps=1, engine="eager")
    except Exception as error:
        return Found(refused=f"{type(error).__name__}: {' '.join(str(error).split())[:160]}")
    rows_of = [row for row in report.operations if row.without]
    without = tuple(sorted({(row.kind, row.without) for row in rows_of}))
    first = f": {report.first}" if report.first else f": {report.arose}" if report.arose else ""
    gradient = report.gradient.without
    if report.gradient.wrong:
        gradient = "no derivative: " + ", ".join(report.gradient.wrong)
    numbers = report.numbers
    return Found(f"{report.verdict}{first}", without, gradient, numbers=numbers)


def recognise(called):
    """Return as what mathematics ``certify`` knows the layers, losses and optimizers of a call.

    A list of Recognised, of a step that is traced and not run, and moves no weight by itself.
    """
    import tensorflow as tf

    from equivalence.graph.certify import Prepared
    from equivalence.graph.recognised import Mathematics

    step, batch = step_of(called, moves=False)
    return Mathematics(Prepared(step, (tf.constant(batch),)).traced).parts


def step_of(called, moves=True):
    """Return a small training step in which ``called`` is called, and its batch.

    moves: the step moves what it trains; else its operands are tensors, whole numbers too.
    """
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(3)
    trained = []

    def variable(array):
        if isinstance(array, np.ndarray) and array.dtype.kind == "f":
            trained.append(tf.Variable(array))
            return trained[-1]
        return array

    def tensor(each):
        given = isinstance(each, tf.Variable) or (isinstance(each, np.ndarray) and not moves)
        return tf.convert_to_tensor(each) if given else each

    given = _mapped(variable, called.operands)
    call, weights = called.build()
    if not trained and not weights:
        trained.append(tf.Variable(np.float32([[0.5]])))
    sources = [*trained, *weights]

    def step(one):
        with tf.GradientTape() as tape:
            made = call(*_mapped(tensor, given))
            loss = _total(made) + tf.reduce_sum(sources[0]) * tf.reduce_sum(one)
        for source, slope in zip(sources, tape.gradient(loss, sources)):
            if slope is not None and moves:
                source.assign_sub(0.01 * tf.convert_to_tensor(slope))

    return step, np.ones((1, 1), np.float32)


def _mapped(change, given):
    return (
        type(given)(_mapped(change, each) for each in given)
        if isinstance(given, (list, tuple))
        else change(given)
    )


def _total(made):
    """Return a sum over all floats, each by a weight of its own, so that nothing cancels."""
    import tensorflow as tf

    total = tf.constant(0.0)
    for each in tf.nest.flatten(made):
        if not hasattr(each, "dtype"):
            continue
        each = tf.convert_to_tensor(each)
        parts = [tf.math.real(each), tf.math.imag(each)] if each.dtype.is_complex else [each]
        for part in parts:
            if part.dtype.is_floating:
                flat = tf.cast(tf.reshape(part, [-1]), tf.float32)
                total += tf.reduce_sum(
                    flat * tf.sin(1.0 + tf.range(tf.size(flat), dtype=tf.float32))
                )
    return total


def left_out():
    """Return (room, name) -> why there is no row of it."""
    return {
        (room, name): why
        for room, reasons in rows.LEFT_OUT.items()
        for why, names in reasons.items()
        for name in names.split()
    }


def without_rule(found):
    """Return kind -> the calls that meet an operation of it without a certificate."""
    kinds: dict[str, list] = {}
    for called, each in found:
        for kind, _ in each.without:
            kinds.setdefault(kind, []).append(str(called))
    return kinds


def main(words):
    found = []
    for called in calls(*words):
        one = certify_call(called)
        found.append((called, one))
        mark = "  " if one.whole and one.verdict.startswith("rounding-identical") else "! "
        print(f"{mark}{called!s:48} {one}", flush=True)
    kinds = without_rule(found)
    whole = sum(one.whole for _, one in found)
    print(f"\n{len(found)} calls, {whole} held whole; {len(kinds)} kinds without a certificate")
    for kind, where in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print(f"  {kind:36} {len(where):3}  {', '.join(where)[:90]}")


if __name__ == "__main__":
    main(sys.argv[1:])
