"""Enclosures of operations that TensorFlow computes by an algorithm of its own.

As ``arithmetic.enclosed`` has it for the layers' activations: the ball of the formula, wider
where a kernel's error is a row of the table of errors.
"""

from dataclasses import replace

import numpy as np

from equivalence.arithmetic.decision import Decision
from equivalence.arithmetic.enclosed import enclose, widen
from equivalence.arithmetic.rounding import OUTWARDS, RoundingArray
from equivalence.arithmetic.special import angles
from equivalence.arithmetic.two_floats import narrowed, size_of
from refimpl.activations import ELU, SELU, Sigmoid, Softmax, Softplus
from refimpl.losses.log_sum_exp import LogSumExp
from refimpl.ops import (
    alignments,
    batch_norm,
    colors,
    local_response,
    parts_of_images,
    quantized,
    random_words,
    resizing,
)
from refimpl.random.philox import of_pairs

sigmoid = enclose(Sigmoid()).forward
softplus = enclose(Softplus()).forward
softmax = enclose(Softmax()).forward
elu = enclose(ELU()).forward
selu = enclose(SELU()).forward


def by_row(function, formula):
    """Return an enclosure of a kernel whose error is a row: ``function``'s, of x alone."""

    def enclosure(x):
        with np.errstate(all="ignore"), x.model.propagation_only():
            carried = formula(x)
        return widen(carried, carried, (x.model.relative(function), 0))

    return enclosure


rsqrt = by_row("rsqrt", lambda x: 1 / np.sqrt(x))
reciprocal = by_row("reciprocal", lambda x: 1 / x)


def sigmoid_grad(y, dy):
    return in_any_order(dy, y, 1 - y)


def rsqrt_grad(y, dy):
    return in_any_order(-0.5 * dy, y, y, y)


def reciprocal_grad(y, dy):
    return in_any_order(-dy, y, y)


def in_any_order(*factors):
    """The product of some factors; vectors and what is left of them are multiplied in two orders.

    tensorflow/core/kernels/cwise_ops_gradients.h, ``packetOp`` and ``operator()``.  That one order
    is exact says nothing of the other (L5').
    """
    return np.prod(np.stack(factors), axis=0)


def atan2(y, x):
    """The angle of a point: how far it turns at most where the point is a ball (L10)."""
    y, x = (y, x) if isinstance(y, RoundingArray) else (x.lift(y), x)
    x = y.lift(x)
    model = y.model
    mid = angles(y.mid, x.mid)
    apart, far = np.hypot(narrowed(y.rad), narrowed(x.rad)), np.hypot(y.inner, x.inner)
    with np.errstate(all="ignore"):
        turned = np.where(apart > 0, np.arcsin(np.minimum(apart / far, 1)) * (1 + 2.0**-40), 0)
    # A ball around the origin, or on both sides of the cut, may be anywhere.
    cut = (apart > 0) & ((apart >= far) | ((size_of(y.mid) <= y.rad) & (x.mid - x.rad < 0)))
    turned = np.where(cut, np.inf, turned)
    if cut.any():
        model.note("the angle of a point that may lie on either side")
    exact = (mid == 0) & (apart == 0)
    return y._round(mid, turned, model.relative("atan2"), exact)


def cast(x, *, DstT, model):
    """The nearest number of the precision that the model is of; or whole numbers, or booleans."""
    kind = np.dtype(DstT).kind
    if kind == "b":
        return np.not_equal(x, 0)
    if kind in "iu":
        return x.astype(DstT)
    if isinstance(x, Decision):
        x = np.where(x, model.array(np.ones(())), model.array(np.zeros(())))
    elif not isinstance(x, RoundingArray):
        if np.any(np.abs(np.asarray(x, np.float64)) > 2.0**53):
            raise NotImplementedError("a whole number that float64 does not hold")
        x = model.array(np.asarray(x, np.float64))
    return x.nearest()


def by_rsqrt(formula):
    """Return an enclosure of a formula in which the kernel calls rsqrt."""

    def enclosure(x, *others, **options):
        with x.model.calling("rsqrt"):
            return formula(x, *others, **options)

    return enclosure


fused_batch_norm = by_rsqrt(batch_norm.fused_batch_norm)
fused_batch_norm_grad = by_rsqrt(batch_norm.fused_batch_norm_grad)


def lrn(input, *, depth_radius, bias, alpha, beta):
    """tensorflow/core/kernels/lrn_op.cc: the inverse root and the inverse are functions there."""
    inner = local_response._inner(input, depth_radius, bias, alpha)
    if beta == 0.5:
        return input * rsqrt(inner)
    return input * (reciprocal(inner) if beta == 1 else np.exp(-beta * np.log(inner)))


def floor_between(x):
    """The whole number below a ball's lower end, or any to that below its upper end."""
    low, high = (np.floor(np.asarray(end, float)) for end in x._ends())
    return x.bounded((low + high) / 2, (high - low) / 2)


def fake_quant(inputs, min, max, *, num_bits, narrow_range):
    """A number in the middle of two may be either (L25)."""
    zero = _zero_of(min, max, num_bits, narrow_range)
    return quantized._nearest(inputs, min, max, num_bits, narrow_range, floor_between, zero)


def fake_quant_grad(gradients, inputs, min, max, *, num_bits, narrow_range):
    """A number at one of the ends may lie on either side."""
    zero = _zero_of(min, max, num_bits, narrow_range)
    ends = min, max, num_bits, narrow_range
    return quantized._back(gradients, inputs, *ends, floor_between, zero)


def _zero_of(min, max, num_bits, narrow_range):
    """Return which number 0 is, as the kernel has it of ends that are known; None of others.

    tensorflow/core/kernels/fake_quant_ops_functor.h, ``Nudge``: differences and quotients of
    float32, each rounded by itself, and ``std::round``.  Of ends such as -1 and 1 it lies in the
    middle of two, and rounding decides.
    """
    known = min.model.platforms == ("eigen",) and not (min.rad.any() or max.rad.any())
    if not known:
        return None
    min, max = (np.asarray(end.mid, np.float32) for end in (min, max))
    low, high = quantized._bounds(num_bits, narrow_range)
    with np.errstate(all="ignore"):
        scale = (max - min) / np.float32(high - low)
        zero = np.float32(low) - min / scale
    zero = np.where(np.isnan(zero), low, zero)
    return np.clip(np.floor(zero.astype(np.float64) + 0.5), low, high)


def fake_quant_args(inputs, *, min, max, num_bits, narrow_range):
    ends = (inputs.model.array(np.asarray(end, inputs.model.dtype)) for end in (min, max))
    return fake_quant(inputs, *ends, num_bits=num_bits, narrow_range=narrow_range)


def fake_quant_args_grad(gradients, inputs, *, min, max, num_bits, narrow_range):
    ends = (inputs.model.array(np.asarray(end, inputs.model.dtype)) for end in (min, max))
    options = {"num_bits": num_bits, "narrow_range": narrow_range}
    return fake_quant_grad(gradients, inputs, *ends, **options)[0]


def stateless_random_normal(shape, key, counter, alg, *, dtype, model):
    """Words are exact; the logarithm, root and sine of them round."""
    pairs, count = random_words._normal_pairs(shape, key, counter, alg, dtype)
    drawn = of_pairs(pairs, model.array(np.zeros(count, pairs.dtype)))
    return drawn.reshape(tuple(int(n) for n in shape))


# Below 8 a float's neighbours are 8 u apart, and a hue is put back into its circle twice at most.
OF_A_CIRCLE = 8


def adjust_hue(images, delta):
    """tensorflow/core/kernels/image/adjust_hue_op.cc: a hue beyond 0 to 6 is put back first."""
    images = images if isinstance(images, RoundingArray) else delta.lift(images)

    def put_back(turned):
        beyond = (turned.mid - turned.rad < 0) | (turned.mid + turned.rad >= 6)
        return turned.bounded(
            turned.mid, turned.rad + np.where(beyond, OF_A_CIRCLE * turned.model.unit, 0)
        )

    return colors._adjust_hue(images, delta, put_back)


# What the float32 arithmetic of a weight rounds, in units of 1: its polynomials' terms are below 5.
WEIGHT = 16


def as_ball(images, model):
    """Return images as balls, of whole numbers too, which kernels take for floats.

    They take numbers of float64 as well, and round each to the nearest float32 first.
    """
    if not isinstance(images, RoundingArray):
        images = model.array(images.astype(model.dtype))
    mid = images.mid
    is_wider = images.is_exact and (mid != mid.astype(np.float32)).any()
    return images.nearest() if is_wider and images.model.dtype == "float32" else images


def in_float32(enclosure):
    """Return an enclosure of what computes in float32 also where it returns float64.

    The numbers that it is given are rounded to float32 first, and all that it computes of them
    rounds there; that the terms are summed in float64 rounds less than in float32.
    tensorflow/core/kernels/image/resize_bilinear_op.cc, resize_bicubic_op.cc and
    crop_and_resize_op.cc: ``+= static_cast<T>(...)``.
    """

    def narrowly(grads, *others, model, **options):
        if model.dtype != "float64":
            return enclosure(grads, *others, model=model, **options)
        narrow = replace(model, dtype="float32", notes=[])
        ball = enclosure(*(_in_model(o, narrow) for o in (grads, *others)), model=narrow, **options)
        model.take_notes(narrow)
        return _in_model(ball, model)

    return narrowly


def _in_model(ball, model):
    """Return the balls around the same numbers under another model; all else as it is."""
    if not isinstance(ball, RoundingArray):
        return ball
    mid = model.format.of(ball.mid if model.dtype == "float64" else ball.mid.astype(np.float64))
    moved = size_of(ball.mid - mid) if model.dtype != "float64" else 0
    return RoundingArray(mid, (ball.rad + moved) * OUTWARDS, model)


def fused_or_not(formula, weighs=False):
    """Return an enclosure of both ways to compute places: with one rounding, and with two."""

    def enclosure(images, other, *, model, **options):
        images = as_ball(images, model)

        def weigh(weights):
            ball = images.model.array(weights)
            return ball.bounded(ball.mid, np.where(weights == 0, 0, WEIGHT * images.model.unit))

        if weighs:
            options["weigh"] = weigh
        once, twice = (formula(images, other, fused=fused, **options) for fused in (True, False))
        return once._or(twice)

    return enclosure


resize_bilinear = fused_or_not(resizing._bilinear)
resize_bilinear_grad = in_float32(fused_or_not(resizing._bilinear_grad))
resize_bicubic = fused_or_not(resizing._bicubic, weighs=True)
resize_bicubic_grad = in_float32(fused_or_not(resizing._bicubic_grad, weighs=True))


# How often float32 rounds an edge of an area: a quotient, and a product for either end.
OF_AN_AREA = 4


def resize_area(images, size, *, align_corners, model):
    """Edges are off by what float32 rounds them, and so are shares of the places beside them."""
    images = as_ball(images, model)

    def weigh(shares):
        ball = images.model.array(shares)
        near = shares > 0
        near[:, 1:] |= shares[:, :-1] > 0
        near[:, :-1] |= shares[:, 1:] > 0
        off = OF_AN_AREA * images.model.unit * (shares.shape[1] + 1)
        return ball.bounded(ball.mid, ball.rad + np.where(near, off, 0))

    return resizing._resize_area(images, size, align_corners, weigh)


log_sum_exp = enclose(LogSumExp())


def _joined(a, b):
    """tensorflow/core/util/ctc/ctc_loss_util.h, ``LogSumExp``: a + log1p(e^(b - a)), with a >= b.

    The difference, the power and the last addition round in this formula as in the other one,
    log(e^(a - a) + e^(b - a)) + a; its logarithm, at most log 2, by another row.
    """
    both = log_sum_exp.forward(np.stack([a, b], axis=-1))
    model = both.model
    if model.silent:
        return both
    more = max(model.relative("log1p") - model.relative("log"), 0.0)
    return both.bounded(both.mid, both.rad + more)


def ctc_loss(
    inputs,
    labels_indices,
    labels_values,
    sequence_length,
    *,
    preprocess_collapse_repeated,
    ctc_merge_repeated,
):
    """Of float64 the kernel calls ``expf`` and ``log1pf``, the functions of float32."""
    if inputs.model.dtype != "float32":
        raise NotImplementedError("its kernel calls functions of float32")
    given = labels_indices, labels_values, sequence_length
    options = preprocess_collapse_repeated, ctc_merge_repeated, _joined
    return alignments._ctc_loss(inputs, *given, *options)


# How often float32 rounds how far a place moves with an edge: a quotient, a product, a difference.
OF_AN_EDGE = 4


def _either_places(boxes, shape, crop_size, formula, by_ratio=False):
    """Return the balls of a formula at the places of boxes, as they round once and twice."""
    if boxes.rad.any():
        raise NotImplementedError("boxes that are not known")
    exact = np.asarray(boxes.mid, np.float32)
    given = exact, shape, crop_size
    places = [parts_of_images._places(*given, fused, by_ratio) for fused in (True, False)]
    once, twice = map(formula, places)
    return once._or(twice)


def crop_and_resize(image, boxes, box_ind, crop_size, *, method, extrapolation_value):
    image = as_ball(image, boxes.model)
    options = method, extrapolation_value, image.model.array
    formula = lambda places: parts_of_images._cropped(image, box_ind, places, *options)
    return _either_places(boxes, image.shape, crop_size, formula)


@in_float32
def crop_and_resize_grad_image(grads, boxes, box_ind, image_size, *, method, model):
    shape = tuple(int(n) for n in image_size)
    options = shape, method, model.array
    formula = lambda places: parts_of_images._cropped_back(grads, box_ind, places, *options)
    return _either_places(boxes, shape, grads.shape[1:3], formula)


def crop_and_resize_grad_boxes(grads, image, boxes, box_ind):
    model = grads.model
    image = as_ball(image, model)

    def moves(weights, last):
        ball = model.array(weights)
        return ball.bounded(ball.mid, ball.rad + OF_AN_EDGE * model.unit * last)

    options = model.array, moves
    formula = lambda places: parts_of_images._edges_back(grads, image, box_ind, places, *options)
    return _either_places(boxes, image.shape, grads.shape[1:3], formula, by_ratio=True)
