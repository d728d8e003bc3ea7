"""Causes in layers: dense, convolution, pooling, normalization, recurrent."""

from dataclasses import fields, replace
from itertools import permutations

import numpy as np

from equivalence import trees
from equivalence.diagnose.forms.layers import (
    GATES,
    Alike,
    Otherwise,
    SelfAttention,
    core,
    lstm_form,
    same_before,
    same_in_front,
    with_windows,
    without_stride,
)
from equivalence.diagnose.places import EVERY, each_and_all, exchanged, layers_in
from equivalence.diagnose.variant import DEFINITION, Variant
from refimpl.layers.lstm import LSTM
from refimpl.layers.windows import in_one_axis, look_up

CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D")
TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
RECURRENT = ("LSTM", "GRU", "SimpleRNN")


def otherwise(kinds=(), when=None, forth=None, back=None):
    """Return the change of a layer's way forward, or back, of these classes of layers.

    when: says of a layer whether it applies.
    """

    def each(recipe):
        for where, layer, put in layers_in(recipe):
            inside = core(layer)
            if kinds and type(inside).__name__ not in kinds:
                continue
            if when is None or when(built(recipe, where)):
                yield where, put(Otherwise(layer, forth=forth, back=back))

    return lambda recipe: each_and_all(each(recipe), each)


def built(recipe, where):
    """Return a layer of a recipe's network as it is built."""
    network = recipe.network
    if hasattr(network, "labels"):
        return network.built[network.labels.index(where)]
    return network.built


def option(kinds, **changed):
    """Return the change of fields of a layer; a value may be a function of the layer."""

    def each(recipe):
        for where, layer, put in layers_in(recipe):
            inside = core(layer)
            if type(inside).__name__ not in kinds:
                continue
            values = {k: v(inside) if callable(v) else v for k, v in changed.items()}
            if all(getattr(inside, k) == v for k, v in values.items()):
                continue
            yield where, put(exchanged(layer, lambda own, values=values: replace(own, **values)))

    return lambda recipe: each_and_all(each(recipe), each)


# ------------------------------------------------------------------------ bias and kernel


def has_bias(layer):
    return "bias" in layer.weight_names


def without_bias(layer, weights, x):
    names = layer.weight_names
    return layer.forward([w * 0 if n == "bias" else w for n, w in zip(names, weights)], x)


def gradients_of(change):
    """Return a way back with changed gradients: ``change(name, gradient, kept, yb)``."""

    def back(layer, weights, kept, yb):
        xb, gradients = layer.backward(weights, kept, yb)
        named = zip(layer.weight_names, gradients)
        return xb, tuple(change(n, g, layer, yb) for n, g in named)

    return back


def bias_zero(name, gradient, layer, yb):
    return gradient * 0 if name == "bias" else gradient


def bias_of_last(layer, weights, kept, yb):
    """The bias's gradient of the last sample alone."""
    xb, gradients = layer.backward(weights, kept, yb)
    last = np.concatenate([yb[:-1] * 0, yb[-1:]], axis=0)
    _, of_last = layer.backward(weights, kept, last)
    named = zip(layer.weight_names, gradients, of_last)
    return xb, tuple(last if name == "bias" else own for name, own, last in named)


def kernel_zero(name, gradient, layer, yb):
    return gradient * 0 if name != "bias" else gradient


def all_zero(name, gradient, layer, yb):
    return gradient * 0


def bias_mean(name, gradient, layer, yb):
    samples = yb.shape[-len(layer.output_shape) - 1]
    return gradient / samples if name == "bias" else gradient


def all_mean(name, gradient, layer, yb):
    return gradient / yb.shape[-len(layer.output_shape) - 1]


def kernel_mean(name, gradient, layer, yb):
    return gradient / yb.shape[-len(layer.output_shape) - 1] if name != "bias" else gradient


def square(layer):
    shape = layer.weight_shapes[0] if layer.weight_names else (1, 2)
    return shape[0] == shape[1]


def turned_kernel(layer, weights, x):
    kernel, *bias = weights
    return layer.forward((kernel.mT, *bias), x)


def turned_kernel_back(layer, weights, kept, yb):
    kernel, *bias = weights
    xb, (kernelb, *biasb) = layer.backward((kernel.mT, *bias), kept, yb)
    return xb, (kernelb.mT, *biasb)


def flow_by_kernel(layer, weights, kept, yb):
    kernel, *bias = weights
    _, gradients = layer.backward(weights, kept, yb)
    xb, _ = layer.backward((kernel.mT, *bias), kept, yb)
    return xb, gradients


def nothing_flows(layer, weights, kept, yb):
    xb, gradients = layer.backward(weights, kept, yb)
    return xb * 0, gradients


# ---------------------------------------------------------------------------- convolution


def flipped(layer, kernel):
    """Return a kernel turned by 180 degrees: its places in reverse order."""
    size = layer.windows.table.shape[1]
    parts = kernel.reshape(*kernel.shape[:-2], size, -1, kernel.shape[-1])
    return np.flip(parts, axis=-3).reshape(*kernel.shape)


def convolved(layer, weights, x):
    kernel, *bias = weights
    return layer.forward((flipped(layer, kernel), *bias), x)


def convolved_back(layer, weights, kept, yb):
    kernel, *bias = weights
    xb, (kernelb, *biasb) = layer.backward((flipped(layer, kernel), *bias), kept, yb)
    return xb, (flipped(layer, kernelb), *biasb)


def flow_not_turned(layer, weights, kept, yb):
    kernel, *bias = weights
    _, gradients = layer.backward(weights, kept, yb)
    xb, _ = layer.backward((flipped(layer, kernel), *bias), kept, yb)
    return xb, gradients


def kernel_gradient_turned(layer, weights, kept, yb):
    xb, (kernelb, *biasb) = layer.backward(weights, kept, yb)
    return xb, (flipped(layer, kernelb), *biasb)


def strided(layer):
    steps = layer.windows.strides
    return any(s > 1 for s in steps)


def same_and_uneven(layer):
    return layer.padding == "same" and any(
        before != (span - 1) // 2
        for (before, _), span in zip(layer.windows.pads, layer.windows.spans)
    )


def padded_before(layer, weights, x):
    moved = with_windows(layer, same_before)
    y, kept = moved.forward(weights, x)
    return y, kept


def padded_before_back(layer, weights, kept, yb):
    return with_windows(layer, same_before).backward(weights, kept, yb)


def padded_in_front(layer, weights, x):
    return with_windows(layer, same_in_front).forward(weights, x)


def padded_in_front_back(layer, weights, kept, yb):
    return with_windows(layer, same_in_front).backward(weights, kept, yb)


def odd(layer):
    """Say whether padding is odd along some axis."""
    return layer.padding == "same" and any(a != b for a, b in layer.windows.pads)


def side_by_side(layer, weights, x):
    """Forward as the layer is; what is kept are the patches of windows side by side as well."""
    y, kept = layer.forward(weights, x)
    moved = with_windows(layer, without_stride)
    patches = moved.in_rows(look_up(moved.split(x), moved.windows.table))
    return y, (kept, (patches, *kept[1:]))


def side_by_side_kernel(layer, weights, kept, yb):
    own, other = kept
    xb, _ = layer.backward(weights, own, yb)
    _, gradients = layer.backward(weights, other, yb)
    return xb, gradients


def side_by_side_both(layer, weights, kept, yb):
    _, other = kept
    return with_windows(layer, without_stride).backward(weights, other, yb)


def side_by_side_flow(layer, weights, kept, yb):
    own, other = kept
    _, gradients = layer.backward(weights, own, yb)
    xb, _ = with_windows(layer, without_stride).backward(weights, other, yb)
    return xb, gradients


# -------------------------------------------------------------------------------- pooling


def pooled_to_all(share):
    """Return max pooling's way back to every place that is the largest."""

    def back(layer, weights, kept, yb):
        given = in_one_axis(yb, len(layer.input_shape) - 1)[..., None, :]
        largest = np.max(kept, axis=-2, keepdims=True)
        wins = (kept >= largest) & ~layer.windows.is_nothing[..., None]
        taken = np.where(wins, given, np.zeros_like(given))
        if share:
            count = np.sum(np.where(wins, np.ones_like(kept), 0), axis=-2, keepdims=True)
            taken = taken / count
        taken = taken.reshape(*taken.shape[:-3], -1, taken.shape[-1])
        xb = np.sum(look_up(taken, layer.windows.takers), axis=-2)
        return xb.reshape(*layer.leading(yb), -1, *layer.input_shape), ()

    return back


def mean_with_padding(layer, weights, x):
    places = in_one_axis(x, len(layer.input_shape) - 1)
    seen = look_up(places, layer.windows.table)
    y = np.sum(seen, axis=-2) / layer.windows.table.shape[1]
    return y.reshape(*layer.leading(x), -1, *layer.output_shape), x


def mean_with_padding_back(layer, weights, kept, yb):
    taken = in_one_axis(yb, len(layer.input_shape) - 1) / layer.windows.table.shape[1]
    xb = np.sum(look_up(taken, layer.windows.back), axis=-2)
    return xb.reshape(*kept.shape), ()


def unshared(layer, weights, kept, yb):
    """Average pooling's gradient without the division by the window."""
    xb = np.sum(look_up(in_one_axis(yb, len(layer.input_shape) - 1), layer.windows.back), axis=-2)
    return xb.reshape(*kept.shape), ()


# -------------------------------------------------------------------------- normalization


def normalized(variance_of):
    """Return a way forward with another variance: ``variance_of(layer, variance, x)``."""

    def forth(layer, weights, x):
        count = len(layer.weight_names)
        own, states = tuple(weights)[:count], tuple(weights)[count:]
        mean, variance = layer.moments(x)
        y, kept = layer.normalize(own, x, mean, variance_of(layer, variance, x))
        return y, ((kept, (mean, variance), states) if states else kept)

    return forth


def unbiased(layer, variance, x):
    n = layer.count(x)
    return variance * (n / (n - 1))


def beside_root(layer, variance, x):
    """What under the root is (sqrt(variance) + epsilon)^2."""
    return np.square(np.sqrt(variance) + layer.epsilon) - layer.epsilon


def of_moving(layer, weights, x):
    *own, mean, variance = weights
    inside = layer.beside(mean), layer.beside(variance)
    y, kept = layer.normalize(own, x, *inside)
    return y, (kept, inside, (mean, variance))


def constants(layer, weights, kept, yb):
    """The way back as if mean and variance were constants."""
    inner = kept[0] if len(kept) == 3 else kept
    return layer.normalize_back(weights, inner, yb, of_x=False)


def without_mean(layer, weights, kept, yb):
    """The way back without the part that goes by the mean."""
    inner = kept[0] if len(kept) == 3 else kept
    xb, gradients = layer.normalize_back(weights, inner, yb)
    flat, _ = layer.normalize_back(weights, inner, yb, of_x=False)
    mean = np.sum(flat, axis=layer.over, keepdims=True) / layer.count(flat)
    return xb + mean, gradients


# ------------------------------------------------------------------------------ recurrent


def other_gates(recipe):
    """Yield the gates of a recurrent layer in every other order."""
    names = {
        "LSTM": GATES,
        "LSTMForm": GATES,
        "GRU": ("update", "reset", "candidate"),
    }
    for where, layer, put in layers_in(recipe):
        gates = names.get(type(core(layer)).__name__)
        for order in permutations(range(len(gates or ()))):
            if gates is None or list(order) == sorted(order):
                continue
            # ``order`` says which of your parts each of Keras's is: turn it round to name yours
            yours = ", ".join(gates[k] for k in np.argsort(order))
            place = f"{where}: {yours}".removeprefix(": ")
            yield place, put(Alike(layer, order=order))


def lstm(**changed):
    """Return the change of an LSTM's way back."""

    def each(recipe):
        for where, layer, put in layers_in(recipe):
            if isinstance(core(layer), LSTM):
                form = lambda own: replace(lstm_form(own), **changed)
                yield where, put(exchanged(layer, form))

    return lambda recipe: each_and_all(each(recipe), each)


def lstm_slopes(kind):
    """Return the change of one gate's slope, of each."""

    def change(recipe):
        for gate in GATES:
            for where, layer, put in layers_in(recipe):
                if not isinstance(core(layer), LSTM):
                    continue
                form = lstm_form(core(layer))
                slopes = ((gate, kind), *(pair for pair in form.slopes if pair[0] != gate))
                own = lambda at, slopes=slopes: replace(lstm_form(at), slopes=slopes)
                yield f"{where} {gate} gate".strip(), put(exchanged(layer, own))

    return change


def gru_turned(layer, weights, x):
    """h(t) = (1 - z) h + z g: the update gate the other way round."""
    negated = _negate_update(layer, weights)
    return layer.forward(negated, x)


def gru_turned_back(layer, weights, kept, yb):
    xb, gradients = layer.backward(_negate_update(layer, weights), kept, yb)
    return xb, tuple(_negate_update(layer, gradients))


def _negate_update(layer, arrays):
    """Return weights with the update gate's columns negated: sigmoid(-z) = 1 - sigmoid(z)."""
    units = layer.units
    return [np.concatenate([-a[..., :units], a[..., units:]], axis=-1) for a in arrays]


def with_bias(layer, weights, both):
    """Return weights with one row of biases: the sum of both, or the upper one alone."""
    *kernels, bias = weights
    return *kernels, bias[..., :1, :] + bias[..., 1:, :] if both else bias[..., :1, :]


def gru_before(both, after=False):
    """Return (when, forth, back) of a GRU with one row of biases.

    both: the two rows are one, their sum; else the lower is left out.
    after: whether the reset comes behind the product with the recurrent kernel.
    """

    def other(layer):
        return replace(layer, reset_after=False)

    def given(layer, weights):
        if after:
            *kernels, bias = weights
            upper = with_bias(layer, weights, both)[-1]
            return *kernels, np.concatenate([upper, bias[..., 1:, :] * 0], axis=-2)
        return with_bias(layer, weights, both)

    def forth(layer, weights, x):
        own = layer if after else other(layer)
        return own.forward(given(layer, weights), x)

    def back(layer, weights, kept, yb):
        own = layer if after else other(layer)
        xb, (*of_kernels, of_bias) = own.backward(given(layer, weights), kept, yb)
        upper = of_bias[..., :1, :]
        lower = upper if both else upper * 0
        return xb, (*of_kernels, np.concatenate([upper, lower], axis=-2))

    when = lambda layer: layer.reset_after and layer.use_bias
    return {"when": when, "forth": forth, "back": back}


def gru_after():
    """Return what resets behind the product where Keras resets before it: one row of biases."""

    def given(weights):
        *kernels, bias = weights
        return *kernels, np.concatenate([bias, bias * 0], axis=-2)

    def forth(layer, weights, x):
        return replace(layer, reset_after=True).forward(given(weights), x)

    def back(layer, weights, kept, yb):
        own = replace(layer, reset_after=True)
        xb, (*of_kernels, of_bias) = own.backward(given(weights), kept, yb)
        return xb, (*of_kernels, of_bias[..., :1, :])

    return {
        "when": lambda layer: not layer.reset_after and layer.use_bias,
        "forth": forth,
        "back": back,
    }


# ---------------------------------------------------------------------- dropout, attention


def rescaled(forth=None, back=None):
    """Return a dropout whose outputs, and gradients, are multiplied with ``f(rate)``."""

    def forward(layer, weights, x):
        y, kept = layer.forward(weights, x)
        return (y * forth(layer.rate) if forth else y), kept

    def backward(layer, weights, kept, yb):
        xb, gradients = layer.backward(weights, kept, yb)
        return (xb * back(layer.rate) if back else xb), gradients

    return otherwise(("Dropout", "Masked"), forth=forward, back=backward)


def handed_on(layer, weights, x):
    """Nothing is dropped; what is kept is what the layer keeps."""
    return x, layer.forward(weights, x)[1]


def scaled_on(layer, weights, x):
    return x * (1 - layer.rate), layer.forward(weights, x)[1]


def flows_on(layer, weights, kept, yb):
    return yb, ()


def flows_scaled(layer, weights, kept, yb):
    return yb * (1 / (1 - layer.rate)), ()


def flows_shrunk(layer, weights, kept, yb):
    return yb * (1 - layer.rate), ()


def attention(softmax=None, **scale):
    """Return the change of an attention's scale, a function of the layer as it is built."""

    def change(recipe):
        for where, layer, put in layers_in(recipe):
            if isinstance(core(layer), SelfAttention) and core(layer).scale is None:
                own = built(recipe, where).inner
                yield where, put(replace(core(layer), scale=scale["by"](own)))

    return change


# ------------------------------------------------------------------- gates with one bias


def of_one_gate(bias, units):
    """Return a bias whose gates all have the first one's."""
    return np.concatenate([bias[..., :units]] * (bias.shape[-1] // units), axis=-1)


def one_bias(layer, weights, x):
    *kernels, bias = weights
    return layer.forward((*kernels, of_one_gate(bias, layer.units)), x)


def one_bias_back(layer, weights, kept, yb):
    *kernels, bias = weights
    units = layer.units
    given = (*kernels, of_one_gate(bias, units))
    xb, (*of_kernels, of_bias) = layer.backward(given, kept, yb)
    gates = [of_bias[..., k : k + units] for k in range(0, bias.shape[-1], units)]
    first = sum(gates[1:], gates[0])
    rest = [gate * 0 for gate in gates[1:]]
    return xb, (*of_kernels, np.concatenate([first, *rest], axis=-1))


# ------------------------------------------------------------------------------ statistics


class UnbiasedMoving:
    """Batch normalization whose moving variance collects the variance by n - 1."""

    def next_states(self, kept):
        of_batch, (mean, variance), moving = kept
        x_hat = of_batch[0] if isinstance(of_batch, tuple) else of_batch
        n = self.count(x_hat)
        return super().next_states((of_batch, (mean, variance * (n / (n - 1))), moving))


def moving_unbiased(recipe):
    """Yield batch normalizations with a moving variance by n - 1, where states are looked at."""
    if "states" not in recipe.sees:
        return
    for where, layer, put in layers_in(recipe):
        own = core(layer)
        if type(own).__name__ == "BatchNormalization":
            made = type("BatchNormalization", (UnbiasedMoving, type(own)), {})
            values = {f.name: getattr(own, f.name) for f in fields(own) if f.init}
            yield where, put(exchanged(layer, lambda at, v=values, m=made: m(**v)))


def of_states(change):
    """Return a change for recipes alone whose states are looked at."""

    def when(recipe):
        if "states" in recipe.sees:
            yield from change(recipe)

    return when


# -------------------------------------------------------------------------------- engines


def shortened(bits):
    """Return rounding to so many bits behind the leading one."""

    def short(x):
        mid = x.mid if hasattr(x, "mid") else x
        unit = np.exp2(np.floor(np.log2(np.where(mid == 0, 1, np.abs(mid)))) - bits)
        new = np.rint(mid / unit) * unit
        return x._of(new, np.where(x.rad > 0, x.rad + unit, 0)) if hasattr(x, "mid") else new

    return short


def short_products(bits):
    """Return a dense layer or convolution whose products take factors of so many bits."""
    short = shortened(bits)

    def forth(layer, weights, x):
        kernel, *bias = weights
        return layer.forward((short(kernel), *bias), short(x))

    def back(layer, weights, kept, yb):
        kernel, *bias = weights
        return layer.backward((short(kernel), *bias), kept, yb)

    change = otherwise((*CONVOLUTIONS, "Dense"), forth=forth, back=back)

    def when(recipe):  # of the network as a whole, and of numbers that can hold it alone
        if "float32" in recipe.sees:
            found = list(change(recipe))
            yield from [(where, new) for where, new in found if where == EVERY] or found

    return when


def forget_bias(layer, weights):
    """Return an LSTM's weights with 1 more as the forget gate's bias."""
    *kernels, bias = weights
    one = np.zeros(bias.shape)
    one[..., layer.units : 2 * layer.units] = 1
    return *kernels, bias + one


def with_forget_bias(layer, weights, x):
    return layer.forward(forget_bias(layer, weights), x)


def with_forget_bias_back(layer, weights, kept, yb):
    return layer.backward(forget_bias(layer, weights), kept, yb)


def over_samples(layer, weights, x):
    """Normalization of each feature over the samples."""
    gamma, beta = weights
    mean = np.mean(x, axis=-2, keepdims=True)
    spread = np.mean(np.square(x - mean), axis=-2, keepdims=True)
    y = gamma * ((x - mean) / np.sqrt(spread + layer.epsilon)) + beta
    return y, layer.forward(weights, x)[1]


def flat(layer):
    return len(layer.input_shape) == 1


# --------------------------------------------------------------------------- regularizers


def penalty(share=None):
    """Return the change of an L2 penalty of kernels: its factor, or None to leave it out."""

    def each(recipe):
        l2 = trees.reference().L2
        for where, layer, put in layers_in(recipe):
            own = getattr(core(layer), "kernel_regularizer", None)
            if isinstance(own, l2):
                new = None if share is None else l2(own.l2 * share)
                change = lambda at, new=new: replace(at, kernel_regularizer=new)
                yield where, put(exchanged(layer, change))

    return lambda recipe: each_and_all(each(recipe), each)


def penalty_of_biases(recipe):
    return each_and_all(_penalty_of_biases(recipe), _penalty_of_biases)


def _penalty_of_biases(recipe):
    for where, layer, put in layers_in(recipe):
        own = getattr(core(layer), "kernel_regularizer", None)
        if own is not None and core(layer).bias_regularizer is None:
            yield (
                where,
                put(exchanged(layer, lambda at, own=own: replace(at, bias_regularizer=own))),
            )


def of_several_axes(layer):
    return len(layer.input_shape) > 1


def over_all(layer, weights, x):
    """Normalization of each sample over all of its axes."""
    axes = tuple(range(-len(layer.input_shape), 0))
    mean = np.mean(x, axis=axes, keepdims=True)
    variance = np.mean(np.square(x - mean), axis=axes, keepdims=True)
    y, _ = layer.normalize(weights, x, mean, variance)
    return y, layer.forward(weights, x)[1]


NORMS = ("BatchNormalization", "LayerNormalization", "GroupNormalization")

ROWS = (
    Variant("layer", "bias-not-updated", "does not update its bias", "updates it: its gradient is the sum over the samples", "b left out of the update", "b = b - rate * np.sum(delta, axis=0)", "the bias stays as it was",
        otherwise(when=has_bias, back=gradients_of(bias_zero))),
    Variant("layer", "bias-left-out", "has no bias", "has one unless use_bias=False, and it takes its share of every step", "the delta rule by hand; a formula x W", "add a bias, or give Keras use_bias=False", "with biases from 0 the first outputs are the same, the second are not",
        otherwise(when=has_bias, forth=without_bias, back=gradients_of(bias_zero))),
    Variant("layer", "kernel-not-updated", "does not update its kernel", "updates it", "w left out of the update", "w = w - rate * x.T @ delta", "the kernel stays as it was", otherwise(when=has_bias, back=gradients_of(kernel_zero))),
    Variant("layer", "layer-not-updated", "is not updated", "is updated", "a layer left out of the update", "update every layer", "its weights stay as they were", otherwise(when=lambda layer: bool(layer.weight_names), back=gradients_of(all_zero))),
    Variant("layer", "bias-mean", "takes the mean of its delta over the samples for the bias, beside a kernel's sum", "takes the sum in both: the loss's mean is in delta already", "np.mean(delta, axis=0) for np.sum", "np.sum(delta, axis=0)", "the bias's gradient is Keras's by the number of samples",
        otherwise(when=has_bias, back=gradients_of(bias_mean))),
    Variant("layer", "kernel-mean", "divides the kernel's gradient by the number of samples once more", "has the mean in delta already", "/ len(x) in delta and in the gradient", "divide in one place", "the kernel's gradient is Keras's by the number of samples",
        otherwise(when=has_bias, back=gradients_of(kernel_mean))),
    Variant("layer", "gradients-mean-again", "divides its gradients by the number of samples once more", "has the mean in delta already", "/ len(x) in delta and in the gradient", "divide in one place", "this layer's gradients are Keras's by the number of samples",
        otherwise(when=lambda layer: bool(layer.weight_names), back=gradients_of(all_mean))),
    Variant("Dense", "kernel-transposed", "multiplies with the transposed kernel", "multiplies x @ kernel: (features, units)", "kernels as (units, features): PyTorch, textbooks' W x", "x @ kernel, or hand the kernel over transposed", "only square kernels let it go unseen",
        otherwise(("Dense",), square, turned_kernel, turned_kernel_back), DEFINITION),
    Variant("Dense", "flow-by-kernel", "takes delta @ kernel back to the layer before", "takes delta @ kernel.T", "a transpose left out", "delta @ kernel.T", "only square kernels let it go unseen; the last layer's gradients are right",
        otherwise(("Dense",), square, back=flow_by_kernel)),
    Variant("layer", "nothing-flows-back", "lets no gradient through to the layers before", "lets it through", "a layer forgotten on the way back", "xb = delta @ kernel.T", "the layers before do not learn", otherwise(when=lambda layer: bool(layer.weight_names), back=nothing_flows)),
    Variant("L2", "l2-half", "has l w for the derivative of the penalty", "has 2 l w: keras.regularizers.L2(l) adds l sum w^2", "weight decay; (l / 2) w^2 in books", "2 * l * w, or give Keras L2(l / 2)", "the decay is half of Keras's", penalty(0.5), DEFINITION),
    Variant("L2", "l2-left-out", "has no penalty", "has an L2 penalty of the kernel", "a line forgotten", "add 2 * l * w to the gradient", "the gradients differ by a multiple of the weights", penalty()),
    Variant("L2", "l2-of-biases", "penalizes the bias too", "penalizes the kernel alone with kernel_regularizer", "a loop over all weights", "leave the bias out", "the bias's gradient differs by a multiple of the bias", penalty_of_biases),
    Variant("convolution", "convolution-turned", "turns the kernel by 180 degrees: a convolution", "does not turn it: a cross-correlation", "scipy.signal.convolve2d; the mathematics", "scipy.signal.correlate2d, or kernel[::-1, ::-1]", "only symmetric kernels let it go unseen",
        otherwise(CONVOLUTIONS, forth=convolved, back=convolved_back), DEFINITION),
    Variant("convolution", "same-on-both-sides", "pads (k - 1) // 2 places on both sides, whatever the stride", "pads what the windows need, the odd place behind", "PyTorch's padding=1; MATLAB; Caffe", "pad max((ceil(n / s) - 1) s + k - n, 0) in all, half of it before, rounded down", "with a stride the windows lie one place before Keras's",
        otherwise(CONVOLUTIONS, same_and_uneven, padded_before, padded_before_back), DEFINITION),
    Variant("convolution", "same-odd-in-front", "puts the odd place of padding in front", "puts it behind", "code by hand for even kernels; Caffe's crop", "pad total // 2 in front, the rest behind", "windows lie one place behind Keras's", otherwise(CONVOLUTIONS, odd, padded_in_front, padded_in_front_back), DEFINITION),
    Variant("convolution", "stride-forgotten-back", "takes the window at row r instead of at stride r for the kernel's gradient", "takes it where the window lay: at stride r", "a course's conv_backward with h for h * stride", "vert_start = h * stride", "with stride 1 it goes unseen; the way forward is right",
        otherwise(CONVOLUTIONS, strided, side_by_side, side_by_side_kernel)),
    Variant("convolution", "stride-forgotten-back-both", "takes the window at row r instead of at stride r on the way back", "takes it where the window lay: at stride r", "a course's conv_backward with h for h * stride", "vert_start = h * stride", "with stride 1 it goes unseen; the way forward is right",
        otherwise(CONVOLUTIONS, strided, side_by_side, side_by_side_both)),
    Variant("convolution", "stride-forgotten-back-inputs", "hands the gradient to row r instead of to stride r", "hands it to where the window lay: at stride r", "a course's conv_backward with h for h * stride", "vert_start = h * stride", "with stride 1 it goes unseen; the kernel's gradient is right",
        otherwise(CONVOLUTIONS, strided, side_by_side, side_by_side_flow)),
    Variant("convolution", "flow-turned", "turns the kernel on the way back to the inputs", "goes the same way back: place k of a window to place k", "the full convolution with a kernel that is turned once too often", "turn the kernel once", "the kernel's gradient is right, the inputs' is not",
        otherwise(CONVOLUTIONS, back=flow_not_turned)),
    Variant("convolution", "kernel-gradient-turned", "has the kernel's gradient turned by 180 degrees", "does not turn it", "convolve2d(x, delta)", "correlate2d(x, delta)", "the inputs' gradient is right, the kernel's is not", otherwise(CONVOLUTIONS, back=kernel_gradient_turned)),
    Variant("pooling", "pooling-ties-all", "hands the gradient to every place that is the largest", "hands it to the first of equals", "a mask x == np.max(x)", "the first of equals, np.argmax", "only where numbers under a window are equal, as 0s behind a ReLU",
        otherwise(("MaxPooling1D", "MaxPooling2D", "MaxPooling3D"), back=pooled_to_all(False)), DEFINITION),
    Variant("pooling", "pooling-ties-shared", "shares the gradient among the places that are the largest", "hands it to the first of equals", "a fair share; TensorFlow's reduce_max", "the first of equals, np.argmax", "only where numbers under a window are equal, as 0s behind a ReLU",
        otherwise(("MaxPooling1D", "MaxPooling2D", "MaxPooling3D"), back=pooled_to_all(True)), DEFINITION),
    Variant("pooling", "average-with-padding", "counts the padding in the mean", "divides by the places that are there", "PyTorch's count_include_pad=True", "divide by the number of places inside", "only windows at the border",
        otherwise(("AveragePooling1D", "AveragePooling2D", "AveragePooling3D"), forth=mean_with_padding, back=mean_with_padding_back), DEFINITION),
    Variant("pooling", "average-not-shared", "hands the whole gradient to every place", "hands each its share, 1 / n", "a division forgotten", "divide by the size of the window", "the gradient is Keras's times the size of the window",
        otherwise(("AveragePooling1D", "AveragePooling2D", "AveragePooling3D"), back=unshared)),
    Variant("normalization", "normalization-epsilon-1e-5", "takes epsilon = 1e-5", "takes 1e-3 by default", "PyTorch; the papers", "give both the same epsilon", "outputs differ by 5e-4 / variance", option(NORMS, epsilon=1e-5), DEFINITION),
    Variant("normalization", "normalization-epsilon-1e-8", "takes epsilon = 1e-8", "takes 1e-3 by default", "code by hand", "give both the same epsilon", "outputs differ by 5e-4 / variance", option(NORMS, epsilon=1e-8), DEFINITION),
    Variant("normalization", "normalization-no-epsilon", "has no epsilon", "has one under the root", "a formula from memory", "np.sqrt(variance + epsilon)", "outputs differ by 5e-4 / variance", option(NORMS, epsilon=0.0)),
    Variant("normalization", "normalization-epsilon-beside", "adds epsilon to the root", "adds it under the root: sqrt(variance + epsilon)", "(x - mean) / (std + epsilon); Karpathy's minimal code", "np.sqrt(variance + epsilon)", "outputs differ by epsilon / std",
        otherwise(NORMS, forth=normalized(beside_root))),
    Variant("normalization", "normalization-unbiased", "divides the variance by n - 1", "divides it by n", "np.std(ddof=1); PyTorch's x.std(), x.var()", "np.var(x) without ddof", "outputs are smaller by 1 / (2 n)", otherwise(NORMS, forth=normalized(unbiased))),
    Variant("BatchNormalization", "batch-normalization-moving", "normalizes with the moving statistics while training", "normalizes with the batch's while training=True", "inference's formula; eval() in PyTorch; training=False", "take the batch's mean and variance", "with statistics from 0 and 1 nothing is normalized",
        otherwise(("BatchNormalization",), forth=of_moving, back=constants)),
    Variant("normalization", "normalization-constants", "takes mean and variance for constants on the way back", "goes back through them as well", "y = gamma x_hat + beta, differentiated by x_hat alone", "subtract the means: Ioffe and Szegedy 2015, section 3", "gamma's and beta's gradients are right, the inputs' is not",
        otherwise(NORMS, back=constants)),
    Variant("normalization", "normalization-without-mean", "leaves out what goes back by the mean", "goes back through mean and variance", "a term forgotten", "subtract the mean of the gradient", "gamma's and beta's gradients are right, the inputs' is not", otherwise(NORMS, back=without_mean)),
    Variant("LayerNormalization", "layer-normalization-all-axes", "normalizes over all axes of a sample", "normalizes over the last axis by default", "PyTorch with several normalized axes; the paper for images", "axis=-1, or give Keras axis", "only samples of several axes", otherwise(("LayerNormalization",), of_several_axes, over_all), DEFINITION),
    Variant("recurrent", "gates-in-other-order", "has its gates in another order", "has them in the order input, forget, candidate, output (LSTM); update, reset, candidate (GRU)", "the papers; ONNX (i, o, f, c); TensorFlow 1 (i, c, f, o); PyTorch's GRU (r, z, n)", "reorder the columns of kernel, recurrent_kernel and bias",
        "outputs differ from the first, and are of the same size", other_gates, DEFINITION),
    Variant("LSTM", "gate-slope-value", "takes f for a gate's slope", "takes f (1 - f)", "(1 - f) forgotten", "multiply with f * (1 - f)", "the way forward is right, one gate's gradients are too large", lstm_slopes("value")),
    Variant("LSTM", "gate-slope-left-out", "leaves out a gate's slope", "multiplies with it", "a line forgotten", "multiply with f * (1 - f), of the candidate with 1 - g^2", "the way forward is right, one gate's gradients are too large", lstm_slopes("one")),
    Variant("LSTM", "lstm-no-dh", "does not hand the gradient of h on to the time step before", "hands on dh and dc", "backward of one time step alone", "dh = dz @ recurrent_kernel.T for the step before", "only sequences of several steps", lstm(carries_h=False)),
    Variant("LSTM", "lstm-no-dc", "does not hand the gradient of c on to the time step before", "hands on dh and dc", "a notebook's loop that starts dc at 0 in every step", "dc = dc * f for the step before", "only sequences of several steps", lstm(carries_c=False)),
    Variant("LSTM", "lstm-nothing-handed-on", "hands neither dh nor dc on to the time step before", "hands on dh and dc", "backward of one time step alone", "dh = dz @ recurrent_kernel.T and dc = dc * f for the step before", "only sequences of several steps", lstm(carries_h=False, carries_c=False)),
    Variant("LSTM", "lstm-no-tanh-slope", "leaves out the slope of tanh(c) on the way to c", "multiplies with 1 - tanh(c)^2", "a factor forgotten", "dc = dc + dh * o * (1 - np.tanh(c)**2)", "the way forward is right", lstm(through_tanh=False)),
    Variant("GRU", "gru-update-turned", "weighs the other way round: h = (1 - z) h + z g", "has h = z h + (1 - z) g", "Chung and others 2014; the newer of Cho's two papers has Keras's", "swap z and 1 - z, or negate the update gate's weights", "outputs differ from the first", otherwise(("GRU",), forth=gru_turned, back=gru_turned_back), DEFINITION),
    Variant("LSTM", "lstm-forget-bias", "adds 1 to the forget gate", "adds nothing: unit_forget_bias is a start of the bias, 1, and stands in it", "TensorFlow 1's BasicLSTMCell with forget_bias=1.0", "leave the 1 out, or take it off Keras's bias", "the cell forgets less from the first step on", otherwise(("LSTM",), lambda layer: layer.use_bias, with_forget_bias, with_forget_bias_back), DEFINITION),
    Variant("LayerNormalization", "layer-normalization-over-samples", "normalizes each feature over the samples, axis 0: a batch normalization", "normalizes each sample over its features, axis -1", "x.mean(axis=0)", "x.mean(axis=-1, keepdims=True)", "a sample's output depends on the others", otherwise(("LayerNormalization",), flat, over_samples)),
    Variant("GRU", "gru-reset-before", "resets h before the product with the recurrent kernel, (r h) U, and has one bias: the sum of Keras's two", "resets behind it by default, r (h U + c): reset_after=True, with a bias of its own for each side", "Cho and others 2014, version 3; Keras 1 and the course texts", "r * (h @ U + c), or give Keras reset_after=False", "gates are the same, the candidate is not", otherwise(("GRU",), **gru_before(True)), DEFINITION),
    Variant("GRU", "gru-reset-before-upper-bias", "resets h before the product with the recurrent kernel, (r h) U, and takes the first of Keras's two rows of biases alone", "resets behind it by default, r (h U + c), and adds both rows of biases", "the formula of the paper with bias[0]", "r * (h @ U + bias[1]) and bias[0] beside it, or give Keras reset_after=False", "with biases of 0 only the candidate differs", otherwise(("GRU",), **gru_before(False))),
    Variant("GRU", "gru-one-bias", "adds both rows of biases outside of the reset", "has the recurrent bias of the candidate inside: r (h U + bias[1])", "bias.sum(axis=0); an LSTM's single bias", "r * (h @ U + bias[1])", "gates are the same; with recurrent biases of 0 there is no difference", otherwise(("GRU",), **gru_before(True, after=True))),
    Variant("GRU", "gru-recurrent-bias-left-out", "leaves out the second row of biases", "adds bias[0] to x W and bias[1] to h U", "bias[0] taken for the whole bias", "h @ U + bias[1]", "with recurrent biases of 0 there is no difference", otherwise(("GRU",), **gru_before(False, after=True))),
    Variant("GRU", "gru-reset-after", "resets behind the product with the recurrent kernel, r (h U)", "resets h before it, (r h) U, with reset_after=False", "PyTorch; cuDNN; Keras's default", "(r * h) @ U, or give Keras reset_after=True", "gates are the same, the candidate is not", otherwise(("GRU",), **gru_after()), DEFINITION),
    Variant("dropout", "dropout-not-scaled", "does not scale what it keeps while training, neither way", "multiplies with 1 / (1 - rate) while training, and does nothing afterwards: inverted dropout", "the paper, which scales the weights by 1 - rate at test", "x * mask / (1 - rate), both ways, and nothing at test", "outputs are Keras's times 1 - rate", rescaled(lambda r: 1 - r, lambda r: 1 - r), DEFINITION),
    Variant("dropout", "dropout-not-scaled-back", "scales forward, and not the gradient on the way back", "multiplies with mask / (1 - rate) both ways", "xb = yb * mask", "yb * mask / (1 - rate)", "the way forward is right, gradients are Keras's times 1 - rate", rescaled(back=lambda r: 1 - r)),
    Variant("dropout", "dropout-scaled-back-alone", "scales the gradient, and not what goes forward", "multiplies with mask / (1 - rate) both ways", "a division forgotten", "x * mask / (1 - rate)", "outputs are Keras's times 1 - rate", rescaled(lambda r: 1 - r)),
    Variant("dropout", "dropout-scaled-by-rate", "divides what it keeps by the rate, for the probability to keep", "divides by 1 - rate: rate is what is dropped", "TensorFlow 1's keep_prob; seed texts that name p what stays", "x * mask / (1 - rate)", "outputs are Keras's times (1 - rate) / rate", rescaled(lambda r: (1 - r) / r, lambda r: (1 - r) / r)),
    Variant("dropout", "dropout-mask-not-back", "lets the whole gradient back, scaled, without the mask", "lets it through where the mask is 1", "a mask that is not kept for the way back", "yb * mask / (1 - rate)", "the way forward is right, what was dropped gets a gradient", otherwise(("Dropout", "Masked"), back=flows_scaled)),
    Variant("dropout", "dropout-nothing-back", "hands the gradient on as it is", "multiplies it with mask / (1 - rate)", "a layer forgotten on the way back", "yb * mask / (1 - rate)", "the way forward is right", otherwise(("Dropout", "Masked"), back=flows_on)),
    Variant("dropout", "dropout-left-out", "drops nothing", "drops while training", "the network at test; training=False", "x * mask / (1 - rate) while training", "nothing is 0", otherwise(("Dropout", "Masked"), forth=handed_on, back=flows_on)),
    Variant("dropout", "dropout-at-test-scaled", "drops nothing and multiplies with 1 - rate: the paper's way at test", "drops and scales while training, and does nothing at test", "the paper, at test", "leave the factor out at test, and divide by 1 - rate while training", "nothing is 0, outputs are the inputs times 1 - rate", otherwise(("Dropout", "Masked"), forth=scaled_on, back=flows_shrunk), DEFINITION),
    Variant("attention", "attention-not-scaled", "does not scale the products q k", "divides them by sqrt(key_dim)", "dot-product attention before Vaswani and others 2017", "q @ k.T / np.sqrt(key_dim)", "the softmax is sharper", attention(by=lambda own: 1.0)),
    Variant("attention", "attention-scaled-by-d", "divides the products q k by key_dim", "divides them by sqrt(key_dim)", "a root forgotten", "q @ k.T / np.sqrt(key_dim)", "the softmax is flatter", attention(by=lambda own: 1 / own.key_dim)),
    Variant("attention", "attention-times-root", "multiplies the products q k with sqrt(key_dim)", "divides them by it", "a product for a quotient", "q @ k.T / np.sqrt(key_dim)", "the softmax is much sharper", attention(by=lambda own: np.sqrt(own.key_dim))),
    Variant("attention", "attention-scaled-by-width", "divides the products q k by the root of all heads' width", "divides them by sqrt(key_dim), that of one head", "sqrt(d_model) for sqrt(d_k)", "q @ k.T / np.sqrt(key_dim)", "the softmax is flatter; with one head there is no difference", attention(by=lambda own: 1 / np.sqrt(own.key_dim * own.num_heads))),
    Variant("layer", "bias-of-last-sample", "takes the last sample's delta for the bias", "sums it over the samples", "a loop that overwrites db; delta[-1]", "np.sum(delta, axis=0)", "the kernel's gradient is right; with one sample there is no difference",
        otherwise(when=has_bias, back=bias_of_last)),
    Variant("transposed convolution", "transposed-cropped-in-front", "crops the odd place in front", "crops it behind: padding='same' takes total // 2 off in front", "code by hand; the crop of a convolution's way back turned round", "crop total // 2 in front and the rest behind", "outputs lie one place before Keras's",
        otherwise(TRANSPOSED, odd, padded_in_front, padded_in_front_back), DEFINITION),
    Variant("transposed convolution", "transposed-cropped-on-both-sides", "crops (k - 1) // 2 places on both sides, whatever the stride", "crops (k - s) // 2 in front, the rest behind", "PyTorch's ConvTranspose2d with padding=(k - 1) // 2 and output_padding", "crop max(k - s, 0) in all, half of it in front, rounded down", "outputs lie one place behind Keras's",
        otherwise(TRANSPOSED, same_and_uneven, padded_before, padded_before_back), DEFINITION),
    Variant("LSTM", "gates-with-one-bias", "has the first gate's bias for all gates", "has a bias of its own for each gate", "one vector b of (units,) added to every gate", "split the bias as the kernel: np.split(bias, 4)", "with biases that are all the same there is no difference",
        otherwise(("LSTM",), has_bias, one_bias, one_bias_back)),
    Variant("BatchNormalization", "batch-normalization-momentum-turned", "counts the batch's statistics momentum: moving <- (1 - momentum) moving + momentum batch", "counts the old ones momentum: moving <- momentum moving + (1 - momentum) batch", "PyTorch, whose momentum=0.1 is Keras's 0.9", "give Keras momentum=1 - yours", "training is the same; what the network does afterwards, by its moving statistics, is not",
        of_states(option(("BatchNormalization",), momentum=lambda own: 1 - own.momentum)), DEFINITION),
    *(
        Variant("BatchNormalization", f"batch-normalization-momentum-{m:g}", f"has momentum {m:g} in its moving statistics", "has 0.99 by default", who, "give both the same momentum", "training is the same; the moving statistics are slower or faster",
            of_states(option(("BatchNormalization",), momentum=m)), DEFINITION)
        for m, who in ((0.9, "PyTorch's default, as Keras counts it; the course's notebooks"), (0.99, "Keras's default"), (0.999, "TensorFlow 1's contrib layers"))
    ),
    Variant("BatchNormalization", "batch-normalization-moving-unbiased", "collects the variance by n - 1 in its moving variance", "collects the variance by n, which it normalizes with", "PyTorch", "moving_variance = momentum * moving_variance + (1 - momentum) * np.var(x, axis=0)", "training is the same; the moving variance is larger by n / (n - 1)",
        moving_unbiased, DEFINITION),
    Variant("BatchNormalization", "batch-normalization-moving-stands", "does not update its moving statistics", "updates them in every step while training=True", "a line left out; training=False", "moving = momentum * moving + (1 - momentum) * batch", "training is the same; the network does badly afterwards",
        of_states(option(("BatchNormalization",), momentum=1.0))),
    Variant("engine", "tf32", "takes factors of 10 bits in its products: TF32", "takes whole float32s here", "NVIDIA's tensor cores, TensorFlow's default on GPUs since Ampere", "tf.config.experimental.enable_tensor_float_32_execution(False)", "differs by 5e-4", short_products(10), DEFINITION, alone=True),
    Variant("engine", "bfloat16", "takes factors of 7 bits in its products: bfloat16", "takes whole float32s here", "mixed precision; TPUs", "keras.config.set_dtype_policy('float32')", "differs by 4e-3", short_products(7), DEFINITION, alone=True),
)  # fmt: skip
