"""Causes in how a step is put together, and in the data."""

from dataclasses import replace

import numpy as np

from equivalence.diagnose.forms.optimizers import DescentForm
from equivalence.diagnose.forms.outputs import OutputForm, RowForm
from equivalence.diagnose.places import outputs_in, takes_data
from equivalence.diagnose.shuffling import shuffled
from equivalence.diagnose.variant import DEFINITION, Variant


def stale(recipe):
    """Yield weights that carry the gradient back after they have been moved."""
    rate = getattr(recipe.optimizer, "learning_rate", None)
    plain = isinstance(recipe.optimizer, DescentForm) and recipe.optimizer.kind == "plain"
    if isinstance(recipe.network, RowForm) and plain and isinstance(rate, float):
        yield "", recipe.with_(network=replace(recipe.network, moved=rate))


def by_sample(recipe):
    if recipe.optimizer is not None and np.shape(recipe.inputs[0])[-2] > 1:
        yield "", recipe.with_(by_sample=True)


def adds_up(recipe):
    if recipe.optimizer is not None and len(recipe.inputs) > 1:
        yield "", recipe.with_(adds_up=True)


def data(inputs=None, targets=None):
    """Return the change of the arrays of every step."""

    def change(recipe):
        if not takes_data(recipe):
            return
        new = {}
        if inputs:
            new["inputs"] = tuple(inputs(x) for x in recipe.inputs)
        if targets:
            new["targets"] = tuple(targets(t) for t in recipe.targets)
        yield "", recipe.with_(**new)

    return change


def batches(order):
    """Return the change of the order in which batches come."""

    def change(recipe):
        if takes_data(recipe) and len(recipe.inputs) > 1:
            moved = lambda arrays: tuple(order(list(arrays)))
            yield "", recipe.with_(inputs=moved(recipe.inputs), targets=moved(recipe.targets))

    return change


def standardised(ddof):
    def change(x):
        return (x - x.mean(axis=0)) / np.where(
            x.std(axis=0, ddof=ddof), x.std(axis=0, ddof=ddof), 1
        )

    return lambda x: change(x) if len(x) > 1 else x


def unit_range(x):
    span = np.ptp(x, axis=0)
    return (x - x.min(axis=0)) / np.where(span, span, 1)


def moved_classes(by):
    """Return targets whose classes are counted from another number."""
    return lambda t: np.roll(t, by, axis=-1) if t.shape[-1] > 1 else t + by


def without_short(recipe):
    """Yield the recipe without the batches that are shorter than the first."""
    sizes = [np.shape(x)[-2] for x in recipe.inputs]
    if takes_data(recipe) and len(set(sizes)) > 1:
        whole = [k for k, size in enumerate(sizes) if size == sizes[0]]
        first = [sizes.index(n) for n in dict.fromkeys(sizes)][1]
        places = [whole[k % len(whole)] for k in range(len(sizes))]
        if first < len(sizes):
            taken = lambda arrays: tuple(arrays[k] for k in places)
            yield "", recipe.with_(inputs=taken(recipe.inputs), targets=taken(recipe.targets))


def full_mean(recipe):
    """Yield the recipe whose short batches are divided by a whole batch's size."""
    sizes = [np.shape(x)[-2] for x in recipe.inputs]
    if takes_data(recipe) and len(set(sizes)) > 1:
        whole = sizes[0]
        for _, own, put in outputs_in(recipe):
            share = lambda b, u, whole=whole: b / whole
            yield "", put(OutputForm(own, of_error=share, of_slope=share))


ROWS = (
    Variant("step", "stale-weights", "moves a layer's weights before they carry the gradient back to the layer before", "takes every gradient at the old weights, and updates then", "an update inside the backward loop", "compute all gradients first, or keep a copy of the kernel", "the last layer is right, those before it are a little off: by the rate squared", stale),
    Variant("step", "sample-by-sample", "updates after every sample", "updates after the whole batch, by the mean of its gradients", "a loop over samples with an update in it; batch_size=1", "sum the gradients over the batch first, or give Keras batch_size=1", "every step is about as long as a batch has samples", by_sample, DEFINITION),
    Variant("step", "gradients-add-up", "adds gradients to those of the steps before", "starts every step's gradients anew", "optimizer.zero_grad() left out; += on an array made outside the loop", "set the gradients to 0 in every step", "the first step is the same", adds_up),
    Variant("data", "targets-shifted", "has the targets of the next sample", "has sample and target beside each other", "an index off by one", "y[i] with x[i]", "with many samples nothing is learned", data(targets=lambda t: np.roll(t, -1, axis=0))),
    Variant("data", "targets-shifted-back", "has the targets of the sample before", "has sample and target beside each other", "an index off by one", "y[i] with x[i]", "with many samples nothing is learned", data(targets=lambda t: np.roll(t, 1, axis=0))),
    Variant("data", "classes-from-1", "counts classes from 1", "counts them from 0", "MATLAB's labels", "labels - 1", "the class is the next one", data(targets=moved_classes(1))),
    Variant("data", "classes-minus-1", "counts classes one lower", "counts them from 0", "labels - 1 once too often", "leave the - 1 out", "the class is the one before", data(targets=moved_classes(-1))),
    Variant("data", "inputs-standardised", "standardises the inputs: (x - mean) / std", "takes them as they are", "StandardScaler on one side", "do it on both sides", "outputs differ from the first", data(standardised(0))),
    Variant("data", "inputs-standardised-n-1", "standardises the inputs with n - 1", "takes them as they are", "pandas' std, MATLAB's zscore", "do it on both sides", "outputs differ from the first", data(standardised(1))),
    Variant("data", "inputs-unit-range", "scales the inputs to 0 ... 1", "takes them as they are", "MinMaxScaler on one side", "do it on both sides", "outputs differ from the first", data(unit_range)),
    Variant("data", "inputs-by-255", "divides the inputs by 255", "takes them as they are", "images on one side", "do it on both sides", "outputs differ from the first", data(lambda x: x / 255)),
    Variant("data", "inputs-255", "multiplies the inputs with 255", "takes them as they are", "images divided on one side", "do it on both sides", "outputs differ from the first", data(lambda x: x * 255)),
    Variant("data", "inputs-whole", "cuts off the inputs' fractions", "takes them as they are", "integer arrays, // for /", "floats, and /", "outputs differ from the first", data(np.floor)),
    Variant("data", "inputs-truncated", "cuts the inputs' fractions off towards 0", "takes them as they are", ".astype(int)", "leave .astype(int) out", "outputs differ from the first", data(np.trunc)),
    Variant("data", "inputs-float32", "rounds the inputs to float32", "takes them as yours were given, here in float64", ".astype(np.float32)", "nothing is wrong: Keras computes in float32 too", "differs by 6e-8", data(lambda x: x.astype(np.float32).astype(np.float64)), DEFINITION),
    Variant("data", "batches-reversed", "takes the batches in reverse order", "takes them in order, with shuffle=False", "a stack of batches", "the same order on both sides", "the first step differs", batches(lambda a: a[::-1])),
    Variant("data", "batches-ahead", "starts with the second batch", "starts with the first", "a batch drawn before the loop", "the same order on both sides", "the first step differs", batches(lambda a: [*a[1:], a[0]])),
    Variant("data", "last-batch-left-out", "leaves the short last batch of an epoch out", "takes it: an epoch has ceil(n / batch_size) steps", "range(n // batch_size); drop_last=True; drop_remainder=True", "range(-(-n // batch_size)), and the mean over the samples that are there", "the steps before the last of the first epoch are the same", without_short, DEFINITION),
    Variant("data", "last-batch-by-batch-size", "divides the short last batch by batch_size", "divides by the samples that are there", "/ batch_size for / len(batch)", "divide by len(x)", "only the last step of an epoch is too short", full_mean),
    Variant("data", "samples-in-other-order", "takes the samples in another order: shuffled", "takes them in order here; fit(shuffle=True), its default, shuffles anew in every epoch", "np.random.permutation before the batches; shuffle=True on one side", "the same order on both sides: fit(shuffle=False), or hand Keras your batches", "each step is as long as Keras's, and another; over an epoch both see the same samples", shuffled, DEFINITION, alone=True, fitted=True),
    Variant("data", "first-batch-alone", "takes the first batch in every step", "takes one batch after the other", "an index that stands", "advance the index", "the first step is the same", batches(lambda a: [a[0]] * len(a))),
)  # fmt: skip
