"""Causes in layers: dense, convolution, pooling, normalization, recurrent."""

from dataclasses import replace
from itertools import permutations

import numpy as np

from equivalence import trees
from equivalence.diagnose.forms.layers import (
    GATES,
    Alike,
    Otherwise,
    core,
    lstm_form,
    same_before,
    with_windows,
    without_stride,
)
from equivalence.diagnose.places import each_and_all, exchanged, layers_in
from equivalence.diagnose.variant import DEFINITION, Variant
from refimpl.layers.lstm import LSTM
from refimpl.layers.windows import in_one_axis, look_up

CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D")
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


def _all_axes(own):
    return tuple(range(1, len(own.input_shape) + 1)) if own.input_shape else own.axis


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
    Variant("LayerNormalization", "layer-normalization-all-axes", "normalizes over all axes of a sample", "normalizes over the last axis by default", "PyTorch with several normalized axes; the paper for images", "axis=-1, or give Keras axis", "only samples of several axes", option(("LayerNormalization",), axis=_all_axes), DEFINITION),
    Variant("recurrent", "gates-in-other-order", "has its gates in another order", "has them in the order input, forget, candidate, output (LSTM); update, reset, candidate (GRU)", "the papers; ONNX (i, o, f, c); TensorFlow 1 (i, c, f, o); PyTorch's GRU (r, z, n)", "reorder the columns of kernel, recurrent_kernel and bias",
        "outputs differ from the first, and are of the same size", other_gates, DEFINITION),
    Variant("LSTM", "gate-slope-value", "takes f for a gate's slope", "takes f (1 - f)", "(1 - f) forgotten", "multiply with f * (1 - f)", "the way forward is right, one gate's gradients are too large", lstm_slopes("value")),
    Variant("LSTM", "gate-slope-left-out", "leaves out a gate's slope", "multiplies with it", "a line forgotten", "multiply with f * (1 - f), of the candidate with 1 - g^2", "the way forward is right, one gate's gradients are too large", lstm_slopes("one")),
    Variant("LSTM", "lstm-no-dh", "does not hand the gradient of h on to the time step before", "hands on dh and dc", "backward of one time step alone", "dh = dz @ recurrent_kernel.T for the step before", "only sequences of several steps", lstm(carries_h=False)),
    Variant("LSTM", "lstm-no-dc", "does not hand the gradient of c on to the time step before", "hands on dh and dc", "a notebook's loop that starts dc at 0 in every step", "dc = dc * f for the step before", "only sequences of several steps", lstm(carries_c=False)),
    Variant("LSTM", "lstm-nothing-handed-on", "hands neither dh nor dc on to the time step before", "hands on dh and dc", "backward of one time step alone", "dh = dz @ recurrent_kernel.T and dc = dc * f for the step before", "only sequences of several steps", lstm(carries_h=False, carries_c=False)),
    Variant("LSTM", "lstm-no-tanh-slope", "leaves out the slope of tanh(c) on the way to c", "multiplies with 1 - tanh(c)^2", "a factor forgotten", "dc = dc + dh * o * (1 - np.tanh(c)**2)", "the way forward is right", lstm(through_tanh=False)),
    Variant("GRU", "gru-update-turned", "weighs the other way round: h = (1 - z) h + z g", "has h = z h + (1 - z) g", "Chung and others 2014; the newer of Cho's two papers has Keras's", "swap z and 1 - z, or negate the update gate's weights", "outputs differ from the first", otherwise(("GRU",), forth=gru_turned, back=gru_turned_back), DEFINITION),
)  # fmt: skip
