"""Causes in losses: what is summed, what is halved, whose derivative is taken."""

import numpy as np

from equivalence import trees
from equivalence.diagnose.forms.outputs import OutputForm
from equivalence.diagnose.places import each_and_all, outputs_in
from equivalence.diagnose.variant import DEFINITION, Variant


def loss_name(output):
    """Return the class name of an output's loss."""
    return type(output.loss).__name__


def output(only=(), seen=(), unless=(), **changed):
    """Return the change of an output's fields.

    only: parts of names of losses; unless: likewise, of others.
    seen: stages that must have been brought, without which another row says the same.
    """

    def each(recipe):
        if not set(seen) <= set(recipe.sees):
            return
        for where, own, put in outputs_in(recipe):
            name = loss_name(own)
            if (only and not any(part in name for part in only)) or any(p in name for p in unless):
                continue
            yield where, put(OutputForm(own, **changed))

    return lambda recipe: each_and_all(each(recipe), each)


def both(factor):
    return {"of_error": factor, "of_slope": factor}


def without_slope(own, Z, O, T):
    return own.backward(Z, O, T) if own.of_logits else own.loss.backward(O, T)


def delta(own, Z, O, T):
    """The half squared error's: (O - T) times the slope."""
    return own.activation.backward(O - T, Z, O)


def plain_delta(own, Z, O, T):
    return O - T


def sign_delta(own, Z, O, T):
    return own.activation.backward(np.sign(O - T), Z, O)


def square_delta(own, Z, O, T):
    """The mean squared error's derivative."""
    return trees.reference().Output(own.activation).backward(Z, O, T)


def with_slope(own, Z, O, T):
    return own.activation.backward(own.backward(Z, O, T), Z, O)


def diagonal(own, Z, O, T):
    """The loss's derivative times O (1 - O), as if a softmax were a sigmoid."""
    of_outputs = -(T / O) / O.shape[-2]
    return of_outputs * O * (1 - O)


def reversed_sign(own, Z, O, T):
    return -own.backward(Z, O, T)


def log_base(base):
    return both(lambda batch, units: 1 / np.log(base))


def softmax_twice(own, Z, O, T):
    logits = trees.reference().CategoricalCrossentropy()
    return logits.forward(O, T)


def softmax_twice_back(own, Z, O, T):
    m = trees.reference()
    softmax = m.Softmax()
    again = softmax.forward(O)
    return softmax.backward((again - T) / O.shape[-2], Z, O)


def one_sided(own, Z, O, T):
    """-sum T log O of sigmoids: the term of 1 - T left out."""
    n = O.shape[-1] * O.shape[-2]
    return -np.sum(T * np.log(O), axis=(-2, -1)) / n


def one_sided_back(own, Z, O, T):
    n = O.shape[-1] * O.shape[-2]
    return own.activation.backward(-(T / O) / n, Z, O)


def squares(own, Z, O, T):
    return np.sum(np.square(O - T), axis=(-2, -1)) / (O.shape[-1] * O.shape[-2])


def root(own, Z, O, T):
    return np.sqrt(squares(own, Z, O, T))


def root_back(own, Z, O, T):
    E = root(own, Z, O, T)[..., None, None]
    return own.activation.backward((O - T) / (E * (O.shape[-1] * O.shape[-2])), Z, O)


def sigmoid_twice(own, Z, O, T):
    return trees.reference().BinaryCrossentropyFromLogits().forward(O, T)


def sigmoid_twice_back(own, Z, O, T):
    return own.activation.backward(
        trees.reference().BinaryCrossentropyFromLogits().backward(O, T), Z, O
    )


def absolute(own, Z, O, T):
    return np.sum(np.abs(O - T), axis=(-2, -1)) / (O.shape[-1] * O.shape[-2])


def absolute_back(own, Z, O, T):
    return own.activation.backward(np.sign(O - T) / (O.shape[-1] * O.shape[-2]), Z, O)


def cut(least, beside=False):
    """Return a loss, and its derivative, whose probabilities are cut off, or raised, by ``least``.

    least: 0 leaves them as they are; beside: log(p + least) instead of clipping.
    """

    def probabilities(O):
        if beside:
            return O + least, 1 - O + least
        p = np.minimum(np.maximum(O, least), 1 - least) if least else O
        return p, 1 - p

    def value(own, Z, O, T):
        p, rest = probabilities(O)
        n = O.shape[-2]
        if "Binary" in loss_name(own):
            each = T * np.log(p) + (1 - T) * np.log(rest)
            return -np.sum(each, axis=(-2, -1)) / (n * O.shape[-1])
        return -np.sum(T * np.log(p), axis=(-2, -1)) / n

    def slope(own, Z, O, T):
        if own.of_logits:
            return own.backward(Z, O, T)
        p, rest = probabilities(O)
        n = O.shape[-2]
        if "Binary" in loss_name(own):
            ob = ((1 - T) / rest - T / p) / (n * O.shape[-1])
        else:
            ob = -(T / p) / n
        return own.activation.backward(ob, Z, O)

    return {"value": value, "slope": slope}


def where_it_shows(change):
    """Return a change for losses of probabilities alone, and for others whose value was brought."""

    def when(recipe):
        for where, own, _ in outputs_in(recipe):
            if "loss" in recipe.sees or not own.of_logits:
                yield from ((at, new) for at, new in change(recipe) if at == where)

    return when


PROBABILITIES = ("Crossentropy",)
NOT_PROBABILITIES = ("Sparse", "Focal", "Generalized")
MEAN = "takes the mean over the outputs of a sample, then over the samples"
SQUARED = ("MeanSquaredError",)
CROSS = ("Crossentropy",)
SHAPED = (
    "MeanSquared",
    "MeanAbsolute",
    "Crossentropy",
    "LogCosh",
    "Huber",
    "Poisson",
    "Hinge",
    "KL",
)

ROWS = (
    Variant("loss", "loss-half", "has half of it: 1/2 (o - t)^2, whose derivative is o - t", "has no half: (o - t)^2, whose derivative is 2 (o - t)",
        "books, for the sake of the derivative; seed 001, 421", "error = np.mean((o - t)**2), and 2 * (o - t) / o.size as its derivative; or halve Keras's rate",
        "every gradient is half of Keras's", output(SQUARED, **both(lambda b, u: 0.5)), DEFINITION),
    Variant("loss", "loss-half-and-sums-outputs", "is half the sum over the outputs of a sample: 1/2 sum (o - t)^2, averaged over the samples", MEAN + ", without the half",
        "Bishop; backpropagation in textbooks: delta = o - t", "divide by o.size and multiply by 2",
        "every gradient is units / 2 of Keras's", output(SQUARED, **both(lambda b, u: 0.5 * u)), DEFINITION),
    Variant("loss", "loss-half-and-sums", "is half the sum over outputs and samples: 1/2 sum (o - t)^2", MEAN + ", without the half",
        "the textbook's delta rule: delta = o - t", "divide by o.size and multiply by 2",
        "every gradient is units samples / 2 of Keras's", output(SQUARED, **both(lambda b, u: 0.5 * u * b)), DEFINITION),
    Variant("loss", "loss-half-and-sums-samples", "is half the sum over the samples of the mean over outputs", MEAN + ", without the half",
        "the delta rule over a batch", "divide by o.size and multiply by 2", "every gradient is samples / 2 of Keras's",
        output(SQUARED, **both(lambda b, u: 0.5 * b)), DEFINITION),
    Variant("loss", "loss-sums-samples", "sums over the samples", MEAN, "losses with reduction='sum'; gradients as X.T @ delta without a division",
        "divide by the number of samples, len(x)", "every gradient is Keras's times the number of samples",
        output(SHAPED, **both(lambda b, u: b)), DEFINITION),
    Variant("loss", "loss-sums-outputs", "sums over the outputs of a sample", MEAN, "squared errors as a norm",
        "divide by the number of outputs, o.shape[1]", "every gradient is Keras's times the number of outputs",
        output(SHAPED, unless=("Categorical", "KL"), **both(lambda b, u: u)), DEFINITION),
    Variant("loss", "loss-sums-all", "sums over outputs and samples", MEAN, "np.sum instead of np.mean; PyTorch's reduction='sum'",
        "np.mean((o - t)**2)", "every gradient is Keras's times o.size",
        output(SHAPED, unless=("Categorical", "KL"), **both(lambda b, u: u * b)), DEFINITION),
    Variant("loss", "loss-mean-over-classes", "takes the mean over the classes as well", "sums over the classes of a sample: -sum t log o, and takes the mean over the samples",
        "np.mean(t * np.log(o))", "-np.sum(t * np.log(o)) / len(o)", "every gradient is Keras's by the number of classes",
        output(("Categorical",), **both(lambda b, u: 1 / u))),
    Variant("loss", "loss-derivative-half", "has the loss without a half and the derivative o - t, without the 2", "has 2 (o - t)", "the half's derivative beside np.mean((o - t)**2)",
        "2 * (o - t) / o.size", "the loss is right, every gradient is half", output(SQUARED, ("loss",), of_slope=lambda b, u: 0.5)),
    Variant("loss", "loss-derivative-sums", "has the mean as loss and the sum's derivative", "divides the derivative by the number of samples too", "X.T @ delta without a division",
        "divide the derivative by len(x)", "the loss is right, every gradient is Keras's times the number of samples", output(SHAPED, ("loss",), of_slope=lambda b, u: b)),
    Variant("loss", "loss-derivative-sums-all", "has the mean as loss and the derivative of half the sum", "divides the derivative by outputs and samples too", "delta = o - t beside np.mean((o - t)**2)",
        "2 * (o - t) / o.size", "the loss is right, the gradients are larger", output(SQUARED, ("loss",), of_slope=lambda b, u: 0.5 * b * u)),
    Variant("loss", "loss-half-value-alone", "has the half in the loss and not in its derivative", "has no half", "a half added for show",
        "np.mean((o - t)**2)", "the gradients are right, the loss is half", output(SQUARED, ("loss",), of_error=lambda b, u: 0.5)),
    Variant("loss", "loss-sign", "has the derivative's sign wrong: t - o instead of o - t", "has the derivative of the loss, in the direction of o - t", "the delta rule w + rate x (t - o) with a minus",
        "o - t with w - rate * gradient", "the loss grows", output(slope=reversed_sign)),
    Variant("loss", "loss-base-2", "takes the logarithm to the base 2", "takes the natural logarithm", "entropy in bits", "np.log", "every number is Keras's by ln 2 = 0.693",
        output(CROSS, **log_base(2.0)), DEFINITION),
    Variant("loss", "loss-base-10", "takes the logarithm to the base 10", "takes the natural logarithm", "log10 for log", "np.log", "every number is Keras's by ln 10 = 2.303",
        output(CROSS, **log_base(10.0))),
    Variant("loss", "loss-of-half-square", "takes (o - t) times the slope for the derivative: that of the half squared error, summed", "takes the derivative of its own loss",
        "the delta rule, whatever the loss is", "the loss's own derivative: np.sign(o - t) of an absolute error, (o - t) of a cross-entropy with its softmax or sigmoid",
        "steps shrink with the error where Keras's do not", output(unless=SQUARED, slope=delta)),
    Variant("loss", "loss-of-half-square-mean", "takes (o - t) times the slope, averaged over outputs and samples: the half squared error's", "takes the derivative of its own loss",
        "the delta rule, whatever the loss is", "the loss's own derivative", "steps shrink with the error where Keras's do not",
        output(unless=SQUARED, slope=delta, of_slope=lambda b, u: 1 / (b * u))),
    Variant("loss", "loss-of-square", "takes the mean squared error's derivative", "takes the derivative of its own loss", "2 (o - t) / n, whatever the loss is", "the loss's own derivative",
        "steps shrink with the error where Keras's do not", output(unless=SQUARED, slope=square_delta)),
    Variant("loss", "loss-sign-of-error", "takes sign(o - t) times the slope: the absolute error's derivative, summed", "takes the derivative of its own loss", "the absolute error's rule", "2 * (o - t) / o.size of a mean squared error",
        "steps do not shrink with the error", output(("MeanSquared", "Huber"), slope=sign_delta)),
    Variant("loss", "loss-absolute-instead", "is the mean absolute error", "is the mean squared error", "mae for mse", "np.mean((o - t)**2)", "steps do not shrink with the error", output(SQUARED, value=absolute, slope=absolute_back), DEFINITION),
    Variant("loss", "loss-square-instead", "is the mean squared error", "is the mean absolute error", "mse for mae", "np.mean(np.abs(o - t))", "steps shrink with the error", output(("MeanAbsoluteError",), value=squares, slope=square_delta), DEFINITION),
    Variant("loss", "loss-delta-o-t", "takes o - t for the derivative before the last activation, and leaves its slope out", "multiplies the loss's derivative with the slope of the last activation",
        "cross-entropy's shortcut with another loss", "multiply with o * (1 - o) of a sigmoid", "gradients are larger where outputs are near 0 and 1", output(unless=CROSS, slope=plain_delta)),
    Variant("loss", "loss-delta-o-t-mean", "takes (o - t) / o.size for the derivative before the last activation, and leaves its slope out", "multiplies the loss's derivative with the slope of the last activation",
        "cross-entropy's shortcut with another loss", "multiply with o * (1 - o) of a sigmoid", "gradients are larger where outputs are near 0 and 1",
        output(unless=CROSS, slope=plain_delta, of_slope=lambda b, u: 1 / (b * u))),
    Variant("loss", "output-slope-left-out", "leaves out the slope of the last activation", "multiplies the loss's derivative with it", "cross-entropy's shortcut with another loss", "multiply with the slope of the last activation",
        "gradients are larger where outputs are near 0 and 1", output(unless=CROSS, slope=without_slope)),
    Variant("loss", "output-slope-twice", "multiplies o - t with the slope of the last activation once more", "has o - t alone: the slope of softmax or sigmoid and the logarithm's derivative cancel", "the squared error's rule with cross-entropy",
        "leave the slope out: delta = (o - t) / len(o)", "learning is slow where outputs are near 0 and 1", output(CROSS, slope=with_slope)),
    Variant("loss", "softmax-diagonal", "takes o (1 - o) for the softmax's derivative: its diagonal alone", "takes the whole matrix: with cross-entropy that is o - t", "the sigmoid's slope for a softmax", "delta = (o - t) / len(o)",
        "only the right class gets a gradient", output(("CategoricalCrossentropy",), slope=diagonal)),
    Variant("loss", "softmax-twice", "takes the softmax of probabilities once more", "takes it once", "from_logits=True with a softmax at the end; PyTorch's CrossEntropyLoss behind a softmax", "hand the logits to the loss, or leave the second softmax out",
        "the loss cannot fall below log(1 + (n - 1) / e)", output(("CategoricalCrossentropy",), value=softmax_twice, slope=softmax_twice_back)),
    Variant("loss", "sigmoid-twice", "takes the sigmoid of probabilities once more", "takes it once", "from_logits=True with a sigmoid at the end; PyTorch's BCEWithLogitsLoss behind a sigmoid", "hand the logits to the loss, or leave the second sigmoid out",
        "the loss stays between 0.31 and 1.31", output(("BinaryCrossentropy",), value=sigmoid_twice, slope=sigmoid_twice_back)),
    *(
        Variant("loss", f"clip-{name}", f"{words} its probabilities", "cuts them off at 1e-7 and 1 - 1e-7; with a softmax or sigmoid in the same model it takes the logits", who, "np.clip(o, 1e-7, 1 - 1e-7)",
            "only where an output is within 1e-7 of 0 or 1, or by the size of what is added", where_it_shows(output(PROBABILITIES, unless=NOT_PROBABILITIES, **cut(least, beside))), DEFINITION)
        for name, words, least, beside, who in (
            ("left-out", "does not cut off", 0.0, False, "the formula"),
            ("1e-15", "cuts off at 1e-15", 1e-15, False, "scikit-learn's log_loss before 1.3"),
            ("1e-12", "cuts off at 1e-12", 1e-12, False, "NumPy code"),
            ("1e-8", "cuts off at 1e-8", 1e-8, False, "NumPy code"),
            ("beside-1e-7", "adds 1e-7 to", 1e-7, True, "books: np.log(y + 1e-7)"),
            ("beside-1e-8", "adds 1e-8 to", 1e-8, True, "NumPy code: np.log(y + 1e-8)"),
            ("beside-1e-9", "adds 1e-9 to", 1e-9, True, "NumPy code: np.log(y + 1e-9)"),
            ("beside-1e-15", "adds 1e-15 to", 1e-15, True, "NumPy code: np.log(y + 1e-15)"),
        )
    ),
    Variant("loss", "binary-one-sided", "leaves out (1 - t) log(1 - o)", "has both terms: t log o + (1 - t) log(1 - o)", "the categorical formula for sigmoids", "add (1 - t) * np.log(1 - o)", "targets of 0 teach nothing",
        output(("BinaryCrossentropy",), value=one_sided, slope=one_sided_back)),
    Variant("loss", "loss-root", "takes the root of the mean squared error", "takes no root", "RMSE", "leave np.sqrt out", "gradients do not shrink near the minimum",
        output(SQUARED, value=root, slope=root_back), DEFINITION),
)  # fmt: skip
