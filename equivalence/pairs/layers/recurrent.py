"""Recurrent layers: one cell, taken through the time steps of a sequence, and back."""

from equivalence.pairs.layers.row import layer, wrong

SEQUENCE = (4, 2)  # time steps, features; the layers have 3 units

BACKWARDS = {"return_sequences": True, "go_backwards": True}

ROWS = (
    layer("simple-rnn", SEQUENCE, lambda m: m.SimpleRNN(3)),
    layer(
        "simple-rnn-backwards",
        SEQUENCE,
        lambda m: m.SimpleRNN(3, m.Sigmoid(), use_bias=False, unroll=True, **BACKWARDS),
    ),
    layer("lstm", SEQUENCE, lambda m: m.LSTM(3)),
    layer("lstm-sequences", SEQUENCE, lambda m: m.LSTM(3, return_sequences=True)),
    layer(
        "lstm-backwards",
        SEQUENCE,
        lambda m: m.LSTM(3, m.Softsign(), m.HardSigmoid(), use_bias=False, **BACKWARDS),
    ),
    layer("gru", SEQUENCE, lambda m: m.GRU(3)),
    layer("gru-sequences", SEQUENCE, lambda m: m.GRU(3, return_sequences=True)),
    layer(
        "gru-backwards",
        SEQUENCE,
        lambda m: m.GRU(3, m.Sigmoid(), m.Tanh(), use_bias=False, unroll=True, **BACKWARDS),
    ),
    layer(
        "gru-reset-before",
        SEQUENCE,
        lambda m: m.GRU(3, reset_after=False, return_sequences=True),
    ),
    layer(
        "gru-reset-before-backwards",
        SEQUENCE,
        lambda m: m.GRU(3, m.Softsign(), use_bias=False, reset_after=False, go_backwards=True),
    ),
)

TIME, RNN, LSTM, GRU = (f"layers/{name}.py" for name in ("recurrent", "simple_rnn", "lstm", "gru"))
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("not reversed", "tfimpl", TIME, "tf.reverse(x, axis=[-2]) if self.go_backwards else x", "x", "lstm-backwards", "activations"),
    ("the first output for the last", "refimpl", TIME, "else each[-1]", "else each[0]", "gru", "activations"),
    ("outputs put back in order", "refimpl", TIME, "np.stack(each, axis=-2) if", "self.in_order(np.stack(each, axis=-2)) if", "simple-rnn-backwards", "activations"),
    ("input gradient not reversed", "refimpl", LSTM, "of_inputs(self, self.in_order(xb), hb, cb)", "of_inputs(self, xb, hb, cb)", "lstm-backwards", "gradients"),
    ("bias once, not at each step", "tfimpl", RNN, "z = z + bias[0]", "z = z + bias[0] * (len(hs) == 0)", "simple-rnn", "activations"),
    ("input gradient of the wrong time steps, the kernel's of the right ones", "refimpl", RNN, "input_gradients(zbs, of_x, kernel)", "input_gradients(zbs[::-1], of_x, kernel)", "simple-rnn", "gradients"),
    ("one time step too few", "refimpl", TIME, "total(first, others) for first, *others", "total(first, others[1:]) for first, *others", "simple-rnn", "gradients"),
    ("cut off after two time steps", "refimpl", RNN, "through_back(zb, of_h, recurrent_kernel)", "through_back((len(zbs) != 1) * zb, of_h, recurrent_kernel)", "simple-rnn", "flows"),
    ("states after the step for those before", "refimpl", RNN, "xs, _, hs, *_ = zip(*kept)", "xs, _, _, _, hs = zip(*kept)", "simple-rnn", "flows"),
    ("gates as i, g, f, o", "tfimpl", LSTM, "z_i, z_f, z_g, z_o = gates(z, 4)", "z_i, z_g, z_f, z_o = gates(z, 4)", "lstm", "activations"),
    ("carry not squashed", "tfimpl", LSTM, "a = self.activation.forward(carry)", "a = carry", "lstm", "activations"),
    ("candidate's activation is the gates'", "refimpl", LSTM, "g = self.activation.forward(z_g)", "g = self.recurrent_activation.forward(z_g)", "lstm", "activations"),
    ("carry forgotten on the way back", "refimpl", LSTM, "total(masked(counts, cb), ab)", "total(None, ab)", "lstm", "flows"),
    ("carry's gradient without the forget gate", "refimpl", LSTM, "chosen(counts, carryb * f, cb)", "chosen(counts, carryb, cb)", "lstm-sequences", "flows"),
    ("output gate's gradient from the carry", "refimpl", LSTM, "backward(yb * a, z_o, o)", "backward(yb * carry, z_o, o)", "lstm", "flows"),
    ("no recurrent bias", "refimpl", GRU, "m = m + bias[0][..., 1:, :]", "m = m + 0 * bias[0][..., 1:, :]", "gru", "activations"),
    ("gates as r, z, g", "tfimpl", GRU, "m_z, m_r, m_g = gates(m, 3)", "m_r, m_z, m_g = gates(m, 3)", "gru", "activations"),
    ("update gate the paper's way round", "refimpl", GRU, "y = z * h + (1 - z) * g", "y = (1 - z) * h + z * g", "gru-sequences", "activations"),
    ("reset after for before", "tfimpl", GRU, "reset = (r * dropped) @ recurrent_kernel[..., 2 * self.units :]", "reset = r * (dropped @ recurrent_kernel[..., 2 * self.units :])", "gru-reset-before", "activations"),
    ("update gate's gradient without the candidate", "refimpl", GRU, "yb * h - yb * g", "yb * h", "gru", "flows"),
    ("state's gradient without the update gate's way", "refimpl", GRU, "terms = yb * z, *through_back(nbs[-1], of_h, recurrent_kernel)", "terms = 0 * yb, *through_back(nbs[-1], of_h, recurrent_kernel)", "gru", "flows"),
    ("recurrent bias has the input bias's gradient", "refimpl", GRU, "[summed(mbs), summed(nbs)]", "[summed(mbs), summed(mbs)]", "gru", "flows"),
    ("candidate's kernel sees the state unreset", "refimpl", GRU, "resets = [r * h for", "resets = [h for", "gru-reset-before", "flows"),
)
