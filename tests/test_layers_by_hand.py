"""Every layer against what stands outside both trees: NumPy, SciPy, scikit-learn, identities.

Forward passes only: that each way back is the derivative of its forward pass is
``test_layers``.  Convolutions are products of polynomials and SciPy's correlations, recurrent
layers have their gates forced open and shut by huge biases, what is drawn at random has the
moments that its paper gives it.
"""

import numpy as np
import pytest
import scipy.signal
import scipy.spatial
import scipy.special
import scipy.stats
from numpy.lib.stride_tricks import sliding_window_view
from sklearn import preprocessing

from refimpl import activations as a
from refimpl import constraints, layers, regularizers

OPEN = 50.0  # a bias at which a sigmoid is 1 to the last bit, and at -OPEN below 1e-21


def rng(seed=0):
    return np.random.default_rng(seed)


def output(layer, x, weights=(), **changed):
    """Return a layer's output for x; its states are those of its start."""
    shape = tuple(part.shape[1:] for part in x) if isinstance(x, tuple) else x.shape[1:]
    built = layer.build(shape)
    return built.forward((*weights, *built.start_states()), x)[0]


def same(found, expected, rel=1e-12):
    assert np.shape(found) == np.shape(expected)
    assert np.asarray(found) == pytest.approx(np.asarray(expected), rel=rel, abs=1e-13)


# ------------------------------------------------------------------------ convolutions


def test_a_convolution_of_whole_numbers_by_hand():
    """Seed 000, 6-2 and 6-6: under 1 2 3 4 the kernel 1 0 -1 gives 1 - 3 and 2 - 4; turned, the
    other sign."""
    x, kernel = np.array([[[1.0], [2], [3], [4]]]), np.array([[1.0], [0], [-1]])
    conv = layers.Conv1D(1, 3, use_bias=False)
    assert output(conv, x, (kernel,)).ravel().tolist() == [-2, -2]
    assert output(conv, x, (kernel[::-1],)).ravel().tolist() == [2, 2]


def test_a_convolution_with_the_turned_kernel_multiplies_polynomials():
    """(1 + 2 t + 3 t^2)(4 + 5 t) = 4 + 13 t + 22 t^2 + 15 t^3, padded with a 0 on either side."""
    product = np.polynomial.Polynomial([1, 2, 3]) * np.polynomial.Polynomial([4, 5])
    assert product.coef.tolist() == [4, 13, 22, 15]
    x = np.array([[[0.0], [1], [2], [3], [0]]])
    conv = layers.Conv1D(1, 2, use_bias=False)
    assert output(conv, x, (np.array([[5.0], [4.0]]),)).ravel().tolist() == [4, 13, 22, 15]
    transposed = layers.Conv1DTranspose(1, 2, use_bias=False)
    across = output(transposed, x[:, 1:4], (np.array([[4.0], [5.0]]),))
    assert across.ravel().tolist() == [4, 13, 22, 15]
    assert np.convolve([1, 2, 3], [4, 5]).tolist() == [4, 13, 22, 15]


CONVOLUTIONS = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}
TRANSPOSED = {1: layers.Conv1DTranspose, 2: layers.Conv2DTranspose, 3: layers.Conv3DTranspose}
PLACES, KERNEL = (6, 5, 4), (3, 2, 2)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_convolution_is_scipys_correlation_of_every_channel(axes):
    places, size, channels, filters = PLACES[:axes], KERNEL[:axes], 2, 3
    x = rng().normal(size=(1, *places, channels))
    kernel, bias = rng(1).normal(size=(*size, channels, filters)), rng(2).normal(size=filters)
    found = output(CONVOLUTIONS[axes](filters, size), x, (kernel.reshape(-1, filters), bias[None]))
    for f in range(filters):
        sums = sum(
            scipy.signal.correlate(x[0, ..., c], kernel[..., c, f], mode="valid")
            for c in range(channels)
        )
        same(found[0, ..., f], sums + bias[f])


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_transposed_convolution_is_scipys_full_convolution_between_zeros(axes):
    """Strides put zeros between the inputs (Dumoulin and Visin 2016, 4.5)."""
    places, size, channels, filters = PLACES[:axes], KERNEL[:axes], 2, 3
    x = rng().normal(size=(1, *places, channels))
    kernel = rng(1).normal(size=(*size, filters, channels))
    weights = (kernel.reshape(-1, channels), np.zeros((1, filters)))
    for stride in (1, 2):
        found = output(TRANSPOSED[axes](filters, size, strides=stride), x, weights)
        apart = np.zeros((*((n - 1) * stride + 1 for n in places), channels))
        apart[(slice(None, None, stride),) * axes] = x[0]
        for f in range(filters):
            sums = sum(
                scipy.signal.convolve(apart[..., c], kernel[..., f, c], mode="full")
                for c in range(channels)
            )
            shape = tuple(slice(n) for n in sums.shape)
            same(found[0, ..., f][shape], sums)


@pytest.mark.parametrize("axes", [1, 2])
def test_a_depthwise_convolution_takes_every_channel_for_itself(axes):
    places, size, channels, filters = PLACES[:axes], KERNEL[:axes], 2, 3
    kind = {1: layers.DepthwiseConv1D, 2: layers.DepthwiseConv2D}[axes]
    whole = {1: layers.SeparableConv1D, 2: layers.SeparableConv2D}[axes]
    x, kernel = rng().normal(size=(1, *places, channels)), rng(1).normal(size=(*size, channels))
    found = output(kind(size, use_bias=False), x, (kernel.reshape(-1, 1),))
    each = [
        scipy.signal.correlate(x[0, ..., c], kernel[..., c], mode="valid") for c in range(channels)
    ]
    same(found[0], np.stack(each, axis=-1))
    point = rng(2).normal(size=(channels, filters))
    separable = output(whole(filters, size, use_bias=False), x, (kernel.reshape(-1, 1), point))
    same(separable[0], np.stack(each, axis=-1) @ point)


# ---------------------------------------------------------------- pooling and places

POOLED = {
    1: (layers.MaxPooling1D, layers.AveragePooling1D),
    2: (layers.MaxPooling2D, layers.AveragePooling2D),
    3: (layers.MaxPooling3D, layers.AveragePooling3D),
}


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_pooling_is_the_largest_and_the_mean_of_numpys_windows(axes):
    x = rng().normal(size=(2, *PLACES[:axes], 3))
    over = tuple(range(1, axes + 1))
    windows = sliding_window_view(x, (2,) * axes, axis=over)[
        (slice(None), *(slice(None, None, 2),) * axes)
    ]
    inside = tuple(range(-axes, 0))
    largest, mean = POOLED[axes]
    same(output(largest(2), x), windows.max(axis=inside))
    same(output(mean(2), x), windows.mean(axis=inside))


def test_pooling_of_whole_numbers_by_hand():
    x = np.array([[1.0, 3], [2, 4]]).reshape(1, 2, 2, 1)
    assert output(layers.MaxPooling2D(2), x).item() == 4
    assert output(layers.AveragePooling2D(2), x).item() == 2.5


GLOBAL = {
    1: (layers.GlobalMaxPooling1D, layers.GlobalAveragePooling1D),
    2: (layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D),
    3: (layers.GlobalMaxPooling3D, layers.GlobalAveragePooling3D),
}
AROUND = {
    1: (layers.ZeroPadding1D, layers.Cropping1D, layers.UpSampling1D),
    2: (layers.ZeroPadding2D, layers.Cropping2D, layers.UpSampling2D),
    3: (layers.ZeroPadding3D, layers.Cropping3D, layers.UpSampling3D),
}


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_global_pooling_padding_cropping_and_upsampling_are_numpys(axes):
    x = rng().normal(size=(2, *PLACES[:axes], 3))
    over = tuple(range(1, axes + 1))
    largest, mean = GLOBAL[axes]
    same(output(largest(), x), x.max(axis=over))
    same(output(mean(), x), x.mean(axis=over))
    padding, cropping, up = AROUND[axes]
    same(output(padding(1), x), np.pad(x, [(0, 0), *[(1, 1)] * axes, (0, 0)]))
    same(output(cropping(1), x), x[(slice(None), *(slice(1, -1),) * axes)])
    larger = x
    for axis in over:
        larger = np.repeat(larger, 2, axis=axis)
    same(output(up(2), x), larger)


def test_moves_are_numpys():
    x = rng().normal(size=(2, 6, 4))
    same(output(layers.Flatten(), x), x.reshape(2, 24))
    same(output(layers.Reshape((3, 8)), x), x.reshape(2, 3, 8))
    same(output(layers.RepeatVector(3), x[:, 0]), np.stack([x[:, 0]] * 3, axis=1))
    same(output(layers.Permute((2, 1)), x), np.swapaxes(x, 1, 2))
    several = rng(2).normal(size=(2, 3, 4, 5))
    same(output(layers.Permute((3, 1, 2)), several), np.moveaxis(several, 3, 1))
    table = rng(1).normal(size=(5, 3))
    places = np.array([[0.0, 4, 4], [2, 1, 0]])
    same(output(layers.Embedding(5, 3), places, (table,)), table[places.astype(int)])


def test_a_picture_s_bytes_go_from_minus_1_to_1():
    found = output(layers.Rescaling(1 / 127.5, -1.0), np.array([[0, 127.5, 255]]))
    same(found, np.array([[-1, 0, 1]]))


def test_a_prelu_is_a_leaky_relu_of_each_place_s_own_slope():
    """With an alpha of 0 a rectified linear unit, of 1 the identity."""
    x, slopes = rng().normal(size=(4, 2, 3)), np.array([[0, 1, 0.25], [0.5, -1, 2]])
    found = output(layers.PReLU(), x, (slopes,))
    for place in np.ndindex(2, 3):
        at = (slice(None), *place)
        same(found[at], a.LeakyReLU(slopes[place]).forward(x[at]))
    same(found[:, 0, 0], np.maximum(x[:, 0, 0], 0))
    same(found[:, 0, 1], x[:, 0, 1])
    shared = output(layers.PReLU((1,)), x, (slopes[:1],))
    same(shared, output(layers.PReLU(), x, (slopes[[0, 0]],)))


MERGES = {
    "Add": lambda x, y: x + y,
    "Subtract": lambda x, y: x - y,
    "Multiply": lambda x, y: x * y,
    "Average": lambda x, y: (x + y) / 2,
    "Maximum": np.fmax,
    "Minimum": np.fmin,
    "Concatenate": lambda x, y: np.append(x, y, axis=-1),
}


@pytest.mark.parametrize("name", MERGES)
def test_a_merge_is_numpys(name):
    x, y = rng().normal(size=(2, 2, 4, 3))
    same(output(getattr(layers, name)(), (x, y)), MERGES[name](x, y))


@pytest.mark.parametrize("name", [name for name in MERGES if name != "Concatenate"])
@pytest.mark.parametrize("shape", [(2, 1, 3), (2, 4, 1), (1, 4, 3), (2, 3), (1, 3)])
def test_a_merge_of_what_is_broadcast_is_that_of_its_copies(name, shape):
    """A row, a column, one sample for all, of fewer axes: one of ours, and a copy at each place."""
    x, y = rng().normal(size=(2, 4, 3)), rng(1).normal(size=shape)
    aligned = y.reshape(shape[0], 1, 3) if len(shape) == 2 else y
    copies = np.broadcast_to(aligned, x.shape)
    layer = getattr(layers, name)()
    own, same_shapes = layer.build((x.shape[1:], shape[1:])), layer.build((x.shape[1:],) * 2)
    found, kept = own.forward((), (x, y))
    whole, kept_whole = same_shapes.forward((), (x, copies))
    same(found, MERGES[name](x, aligned))
    same(found, whole)
    yb = rng(2).normal(size=x.shape)
    xb, of_y = own.backward((), kept, yb)[0]
    xb_whole, of_copies = same_shapes.backward((), kept_whole, yb)[0]
    same(xb, xb_whole)
    over = tuple(k for k in range(3) if aligned.shape[k] == 1)
    same(of_y, of_copies.sum(axis=over).reshape(shape))


def test_a_dot_product_of_samples_and_its_cosine():
    x, y = rng().normal(size=(2, 5, 4))
    same(output(layers.Dot(1), (x, y)), np.sum(x * y, axis=1, keepdims=True))
    cosine = [1 - scipy.spatial.distance.cosine(p, q) for p, q in zip(x, y)]
    same(output(layers.Dot(1, normalize=True), (x, y)), np.array(cosine)[:, None])


# ----------------------------------------------------------------------- normalizations

SHIFTED = 3 + 2 * rng(4).normal(size=(50, 4))


def test_batch_normalization_is_scikit_learns_standard_scaler():
    layer = layers.BatchNormalization(epsilon=0.0, scale=False, center=False)
    same(output(layer, SHIFTED), preprocessing.StandardScaler().fit_transform(SHIFTED))


def test_normalizations_of_a_sample_are_scipys_scores_and_scikit_learns_lengths():
    bare = {"scale": False, "center": False, "epsilon": 0.0}
    same(output(layers.LayerNormalization(**bare), SHIFTED), scipy.stats.zscore(SHIFTED, axis=1))
    pairs = scipy.stats.zscore(SHIFTED.reshape(50, 2, 2), axis=2).reshape(50, 4)
    same(output(layers.GroupNormalization(2, **bare), SHIFTED), pairs, rel=1e-9)
    unit = preprocessing.normalize(SHIFTED)
    same(output(layers.UnitNormalization(), SHIFTED), unit)
    one = (np.ones((1, 4)),)
    same(output(layers.RMSNormalization(epsilon=0.0), SHIFTED, one), unit * 2)  # sqrt(4)


# ------------------------------------------------------------------------ what is drawn

MANY = 200_000


def moments(layer, x):
    y = output(layer, x)
    return y, y.mean(), y.std()


def test_dropout_keeps_the_mean_and_drops_its_share():
    """Srivastava et al. 2014, with the scale of section 10; four deviations of a proportion."""
    y = output(layers.Dropout(0.25), np.ones((MANY // 10, 10)))
    dropped = np.mean(y == 0)
    assert abs(dropped - 0.25) < 4 * np.sqrt(0.25 * 0.75 / MANY)
    assert set(np.unique(y)) == {0.0, 1 / 0.75}


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_spatial_dropout_drops_whole_channels(axes):
    """Tompson et al. 2015, 3.2."""
    kind = getattr(layers, f"SpatialDropout{axes}D")
    y = output(kind(0.5), np.ones((20, *(3,) * axes, 40)))
    of_channels = y.reshape(20, -1, 40)
    assert (of_channels == of_channels[:, :1]).all()
    assert abs(np.mean(of_channels[:, 0] == 0) - 0.5) < 4 * np.sqrt(0.25 / 800)


def test_noises_have_the_moments_of_their_papers():
    """Added: N(0, s); multiplied: N(1, rate / (1 - rate)) (Srivastava et al. 2014, 10.1)."""
    _, mean, deviation = moments(layers.GaussianNoise(0.5), np.ones((MANY // 10, 10)))
    assert abs(mean - 1) < 4 * 0.5 / np.sqrt(MANY) and deviation == pytest.approx(0.5, rel=0.01)
    _, mean, deviation = moments(layers.GaussianDropout(0.2), np.full((MANY // 10, 10), 3.0))
    assert abs(mean - 3) < 4 * 1.5 / np.sqrt(MANY) and deviation == pytest.approx(1.5, rel=0.01)


def test_alpha_dropout_keeps_mean_0_and_variance_1():
    """Klambauer et al. 2017, section 3.3."""
    x = rng(5).normal(size=(MANY // 10, 10))
    y, mean, deviation = moments(layers.AlphaDropout(0.3), x)
    assert abs(mean) < 0.01 and deviation == pytest.approx(1, rel=0.01)
    numbers, often = np.unique(y, return_counts=True)  # what is dropped is one number
    assert abs(often.max() / MANY - 0.3) < 4 * np.sqrt(0.21 / MANY)
    assert numbers[often.argmax()] < 0


# ---------------------------------------------------------------------------- recurrent

UNITS = 3
SEQUENCE = rng(6).normal(size=(2, 5, 4))


def test_a_simple_rnn_that_forgets_is_a_dense_layer():
    """With no recurrent kernel each time step is tanh(x W + b)."""
    kernel, bias = rng(7).normal(size=(4, UNITS)), rng(8).normal(size=(1, UNITS))
    found = output(
        layers.SimpleRNN(UNITS, return_sequences=True),
        SEQUENCE,
        (kernel, np.zeros((UNITS, UNITS)), bias),
    )
    same(found, np.tanh(SEQUENCE @ kernel + bias))


def test_a_linear_simple_rnn_that_keeps_is_numpys_running_sum():
    kernel = rng(7).normal(size=(4, UNITS))
    found = output(
        layers.SimpleRNN(UNITS, a.Linear(), use_bias=False, return_sequences=True),
        SEQUENCE,
        (kernel, np.eye(UNITS)),
    )
    same(found, np.cumsum(SEQUENCE @ kernel, axis=1))


def lstm(i, f, o, of_carry=None):
    """Return an LSTM's outputs with its gates forced by their biases; it forgets h."""
    of_carry = rng(9).normal(size=(4, UNITS)) if of_carry is None else of_carry
    kernel = np.zeros((4, 4 * UNITS))
    kernel[:, 2 * UNITS : 3 * UNITS] = of_carry
    bias = np.repeat([i, f, 0, o], UNITS)[None].astype(float)
    weights = (kernel, np.zeros((UNITS, 4 * UNITS)), bias)
    outputs = output(layers.LSTM(UNITS, return_sequences=True), SEQUENCE, weights)
    return outputs, np.tanh(SEQUENCE @ of_carry)


def test_the_gates_of_an_lstm_do_what_they_are_called():
    """All open the carry is a running sum; without the forget gate it is the last input."""
    found, inputs = lstm(OPEN, OPEN, OPEN)
    same(found, np.tanh(np.cumsum(inputs, axis=1)))
    found, inputs = lstm(OPEN, -OPEN, OPEN)
    same(found, np.tanh(inputs))
    for shut in (lstm(-OPEN, OPEN, OPEN), lstm(OPEN, OPEN, -OPEN)):
        assert np.abs(shut[0]).max() < 1e-20
    half, inputs = lstm(OPEN, 0.0, OPEN)  # the forget gate at one half: a decaying sum
    same(half, np.tanh(scipy.signal.lfilter([1], [1, -0.5], inputs, axis=1)))


@pytest.mark.parametrize("reset_after", [True, False])
def test_the_gates_of_a_gru_do_what_they_are_called(reset_after):
    """The update gate at 1 keeps h = 0, at 0 takes the candidate, at one half the mean of both;
    the reset gate shut makes the candidate forget h."""
    of_g, of_h = rng(10).normal(size=(4, UNITS)), rng(11).normal(size=(UNITS, UNITS))

    def gru(z, r, recurrent):
        kernel, from_h = np.zeros((4, 3 * UNITS)), np.zeros((UNITS, 3 * UNITS))
        kernel[:, 2 * UNITS :], from_h[:, 2 * UNITS :] = of_g, recurrent
        bias = np.zeros((2 if reset_after else 1, 3 * UNITS))
        bias[0] = np.repeat([z, r, 0], UNITS)
        layer = layers.GRU(UNITS, reset_after=reset_after, return_sequences=True)
        return output(layer, SEQUENCE, (kernel, from_h, bias))

    assert np.abs(gru(OPEN, 0, of_h)).max() < 1e-20
    candidates = np.tanh(SEQUENCE @ of_g)
    same(gru(-OPEN, -OPEN, of_h), candidates)
    mean = scipy.signal.lfilter([0.5], [1, -0.5], candidates, axis=1)
    same(gru(0.0, -OPEN, of_h), mean)
    rnn = layers.SimpleRNN(UNITS, use_bias=False, return_sequences=True)
    same(gru(-OPEN, OPEN, of_h), output(rnn, SEQUENCE, (of_g, of_h)))


def test_both_directions_are_a_layer_and_the_layer_on_the_sequence_turned():
    weights = tuple(rng(k).normal(size=s) for k, s in enumerate(((4, 3), (3, 3), (1, 3)) * 2))
    rnn = layers.SimpleRNN(UNITS)
    both = output(layers.Bidirectional(rnn), SEQUENCE, weights)
    ahead, back = output(rnn, SEQUENCE, weights[:3]), output(rnn, SEQUENCE[:, ::-1], weights[3:])
    same(both, np.append(ahead, back, axis=-1))


def test_both_directions_start_from_their_states_and_hand_on_their_last():
    """Each as the layer by itself on the sequence, or on the sequence turned."""
    lstm = layers.LSTM(2, return_state=True)
    both = layers.Bidirectional(lstm)
    shape = SEQUENCE.shape[1:]
    shapes = both.build((shape, *((2,),) * 4)).weight_shapes
    weights = tuple(rng(k).normal(size=s) for k, s in enumerate(shapes))
    states = tuple(rng(20 + k).normal(size=(len(SEQUENCE), 2)) for k in range(4))
    found = output(both, (SEQUENCE, *states), weights)
    ahead = output(lstm, (SEQUENCE, *states[:2]), weights[:3])
    back = output(lstm, (SEQUENCE[:, ::-1], *states[2:]), weights[3:])
    rows = np.concatenate([ahead[:, :1], back[:, :1], ahead[:, 1:], back[:, 1:]], axis=1)
    same(found, rows.reshape(len(SEQUENCE), -1))


def test_masked_time_steps_are_those_that_hold_nothing_but_the_value():
    x = SEQUENCE.copy()
    x[0, 1], x[1, 4, :3] = 7.0, 7.0
    layer = layers.Masking(7.0).build(x.shape[1:])
    expected = ~(x == 7.0).all(axis=-1)
    assert (layer.next_mask(x, None) == expected).all() and expected.sum() == 9
    same(layer.forward((), x)[0], x * expected[..., None])


# ---------------------------------------------------------------------------- attention


def attended(q, k, v, scale=1.0):
    """Return attention by loops: SciPy's softmax of the products of a query with every key."""
    found = np.zeros((*q.shape[:2], v.shape[-1]))
    for b in range(len(q)):
        for i, query in enumerate(q[b]):
            shares = scipy.special.softmax([scale * np.dot(query, key) for key in k[b]])
            found[b, i] = sum(share * value for share, value in zip(shares, v[b]))
    return found


def test_attention_is_a_mean_by_the_softmax_of_products():
    q, v = rng(12).normal(size=(2, 3, 4)), rng(13).normal(size=(2, 5, 4))
    same(output(layers.Attention(), (q, v)), attended(q, v, v))
    # equal keys: the plain mean of the values
    keys = np.ones((2, 5, 4))
    mean = np.repeat(v.mean(axis=1, keepdims=True), 3, axis=1)
    same(output(layers.Attention(), (q, v, keys)), mean)


def test_additive_attention_is_a_mean_by_the_softmax_of_sums_of_tanh():
    """Bahdanau et al. 2015, A.1.2: e_ij = v' tanh(W s_i + U h_j), of what W and U have made."""
    q, keys, v = (rng(k).normal(size=(2, n, 4)) for k, n in ((12, 3), (13, 5), (14, 5)))
    weighs = rng(15).normal(size=(1, 4))
    found = np.zeros((2, 3, 4))
    for b, i in np.ndindex(2, 3):
        scores = [weighs[0] @ np.tanh(q[b, i] + key) for key in keys[b]]
        found[b, i] = scipy.special.softmax(scores) @ v[b]
    same(output(layers.AdditiveAttention(), (q, v, keys), (weighs,)), found)
    plain = output(layers.AdditiveAttention(False), (q, v, keys))
    same(plain, output(layers.AdditiveAttention(), (q, v, keys), (np.ones((1, 4)),)))


def test_heads_attend_each_for_itself():
    """Vaswani et al. 2017, 3.2.2: products over the root of the key's size, heads side by side."""
    heads, size, features = 2, 3, 4
    q, v = rng(14).normal(size=(2, 3, features)), rng(15).normal(size=(2, 5, features))
    of_q, of_k, of_v = rng(16).normal(size=(3, features, heads * size))
    back = rng(17).normal(size=(heads * size, features))
    layer = layers.MultiHeadAttention(heads, size, use_bias=False)
    parts = [slice(h * size, (h + 1) * size) for h in range(heads)]
    each = [attended(q @ of_q[:, p], v @ of_k[:, p], v @ of_v[:, p], size**-0.5) for p in parts]
    same(output(layer, (q, v), (of_q, of_k, of_v, back)), np.concatenate(each, axis=-1) @ back)


# ----------------------------------------------------------------------------- wrappers

DENSE = rng(18).normal(size=(4, 3)), rng(19).normal(size=(1, 3))


EQUATIONS = [
    ("ab,bc->ac", 2, "c", (4,)),
    ("abc,cde->abde", (None, 2, 3), "de", (3, 4)),
    ("abde,dec->abc", (None, 5), "c", (3, 2, 4)),
    ("abc,bd->adc", (5, None), "d", (3, 4)),
    ("abgi,gij->agbj", (2, None, 3), "gj", (3, 2, 4)),
    ("...x,xy->...y", 5, "y", (3, 2, 4)),
    ("ab...,bc->ac...", 5, "c", (3, 2, 4)),
    ("ab,b->ab", 4, None, (4,)),
]


@pytest.mark.parametrize(("equation", "features", "bias_axes", "shape"), EQUATIONS)
def test_a_dense_layer_in_letters_is_numpys_einsum(equation, features, bias_axes, shape):
    layer = layers.EinsumDense(equation, features, bias_axes=bias_axes).build(shape)
    x = rng(20).normal(size=(2, *shape))
    kernel, *bias = (rng(21 + k).normal(size=s) for k, s in enumerate(layer.weight_shapes))
    expected = np.einsum(equation, x, kernel.reshape(layer.kernel_shape))
    if bias_axes:
        expected = expected + bias[0].reshape(layer.bias_shape)
    found, kept = layer.forward((kernel, *bias), x)
    same(found, expected)
    assert layer.output_shape == found.shape[1:]
    # Of a sum of products each gradient is another one: by a letter's places all three ways.
    yb = rng(25).normal(size=found.shape)
    xb, gradients = layer.backward((kernel, *bias), kept, yb)
    of_x, of_kernel, of_y = layer.letters
    own = kernel.reshape(layer.kernel_shape)
    same(xb, np.einsum(f"{of_y},{of_kernel}->{of_x}", yb, own))
    same(gradients[0].reshape(own.shape), np.einsum(f"{of_x},{of_y}->{of_kernel}", x, yb))


def test_a_dense_layer_in_letters_is_the_dense_layer():
    x = rng(20).normal(size=(5, 3, 4))
    dense = output(layers.Dense(3, a.Tanh()), x, DENSE)
    same(output(layers.EinsumDense("abc,cd->abd", (None, 3), a.Tanh(), "d"), x, DENSE), dense)
    same(output(layers.EinsumDense("...c,cd->...d", 3, a.Tanh(), "d"), x, DENSE), dense)


def test_a_dense_layer_is_a_sum_over_its_inputs():
    x = rng(20).normal(size=(5, 4))
    expected = [[sum(p * w for p, w in zip(row, column)) for column in DENSE[0].T] for row in x]
    same(output(layers.Dense(3), x, DENSE), np.array(expected) + DENSE[1])


def test_wrappers_do_what_the_layer_inside_does():
    x = rng(21).normal(size=(5, 6, 4))
    dense = x @ DENSE[0] + DENSE[1]
    same(output(layers.TimeDistributed(layers.Dense(3)), x, DENSE), dense)
    twice = layers.Chain((layers.Dense(3), layers.Flatten()))
    same(output(twice, x, DENSE), dense.reshape(5, -1))
    first = layers.ChannelsFirst(layers.MaxPooling1D(2))
    turned = np.moveaxis(x, -1, 1)
    same(output(first, turned), np.moveaxis(x.reshape(5, 3, 2, 4).max(axis=2), -1, 1))


def test_penalties_and_constraints_stand_beside_the_layer():
    """0.25 of the sum of squares; columns no longer than 1 by NumPy's norm."""
    x = rng(22).normal(size=(5, 4))
    penalized = layers.Regularized(layers.Dense(3), (("kernel", regularizers.L2(0.25)),)).build(
        (4,)
    )
    y, kept = penalized.forward(DENSE, x)
    same(y, x @ DENSE[0] + DENSE[1])
    assert penalized.penalties(DENSE, kept)[0] == pytest.approx(0.25 * np.sum(DENSE[0] ** 2))
    held = layers.Constrained(layers.Dense(3), (("kernel", constraints.MaxNorm(1.0)),)).build((4,))
    kernel, bias = held.constrained(DENSE)
    lengths = np.linalg.norm(DENSE[0], axis=0)
    same(np.linalg.norm(kernel, axis=0), np.minimum(lengths, 1.0), rel=1e-6)
    assert bias is DENSE[1]
    values = tuple(tuple(map(tuple, weight)) for weight in DENSE)
    frozen = layers.Frozen(layers.Dense(3), values).build((4,))
    assert frozen.weight_names == ()
    same(output(layers.Frozen(layers.Dense(3), values), x), x @ DENSE[0] + DENSE[1])
    for held, weight in zip(frozen.next_states(frozen.forward(DENSE, x)[1]), DENSE):
        assert held is weight
