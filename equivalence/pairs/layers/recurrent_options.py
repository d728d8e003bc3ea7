"""Recurrent layers that drop, that go on from the last batch, that hand their states on."""

from equivalence.pairs.layers.masks import masked
from equivalence.pairs.layers.row import SAMPLES, layer, wrong

SEQUENCE = (3, 2)  # time steps, features; the layers have 3 units
STATE = (3,)
KEPT = {"stateful": True, "batch_size": SAMPLES, "return_state": True}

ROWS = (
    layer(
        "simple-rnn-dropout",
        (SEQUENCE, STATE),
        lambda m: m.SimpleRNN(3, dropout=0.3, recurrent_dropout=0.4, seed=7),
    ),
    layer(
        "lstm-dropout",
        SEQUENCE,
        lambda m: m.Bidirectional(m.LSTM(2, dropout=0.4, seed=5, return_sequences=True)),
    ),
    layer(
        "lstm-recurrent-dropout",
        SEQUENCE,
        lambda m: m.LSTM(3, dropout=0.3, recurrent_dropout=0.4, seed=11, return_sequences=True),
    ),
    layer(
        "gru-recurrent-dropout",
        (SEQUENCE, STATE),
        lambda m: m.GRU(3, dropout=0.3, recurrent_dropout=0.4, seed=3),
    ),
    masked(
        "masked-recurrent-dropout",
        lambda m: m.GRU(3, recurrent_dropout=0.3, seed=6, reset_after=False, return_sequences=True),
        lambda m: m.LSTM(2, recurrent_dropout=0.3, seed=8, use_bias=False),
    ),
    layer("simple-rnn-stateful", SEQUENCE, lambda m: m.SimpleRNN(3, **KEPT)),
    layer(
        "lstm-stateful-dropout",
        SEQUENCE,
        lambda m: m.LSTM(3, dropout=0.25, seed=4, go_backwards=True, **KEPT),
    ),
    layer(
        "gru-stateful-dropout",
        SEQUENCE,
        lambda m: m.GRU(3, dropout=0.4, seed=2, return_sequences=True, **KEPT),
    ),
    layer(
        "lstm-initial-state",
        (SEQUENCE, STATE, STATE),
        lambda m: m.LSTM(3, return_state=True, return_sequences=True),
    ),
)

TIME, BACK = "layers/recurrent.py", "layers/back_through_time.py"
RNN, LSTM, GRU = (f"layers/{name}.py" for name in ("simple_rnn", "lstm", "gru"))
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("a new mask at each time step", "refimpl", RNN, "        for xt, counts in time_steps:\n", "        for t, (xt, counts) in enumerate(time_steps):\n            of_x, of_h = self.masks([s + [[0.0, 2.0 * t]] for s in state], x, h)\n", "simple-rnn-dropout", "activations"),
    ("one mask for all gates", "refimpl", TIME, "return self.gate_count * of_x, self.gate_count", "return 1 * of_x, 1", "lstm-recurrent-dropout", "activations"),
    ("a mask for each gate though the state is not dropped", "tfimpl", TIME, "return int(of_x), 0", "return self.gate_count * of_x, 0", "gru-stateful-dropout", "activations"),
    ("the state's masks drawn before the inputs'", "refimpl", TIME, "rates = [self.dropout] * of_x + [self.recurrent_dropout] * of_h", "rates = [self.recurrent_dropout] * of_h + [self.dropout] * of_x", "lstm-recurrent-dropout", "activations"),
    ("the same masks in every batch", "refimpl", TIME, "np.array([[0.0, count]])", "np.array([[0.0, 0.0]])", "gru-recurrent-dropout", "slots"),
    ("drawn once a batch, however many masks there are", "tfimpl", TIME, "tf.constant([[0.0, count]], s.dtype)", "tf.constant([[0.0, 1.0]], s.dtype)", "lstm-recurrent-dropout", "slots"),
    ("not scaled", "refimpl", TIME, "ones = np.ones_like(row) * (1 / (1 - rate))", "ones = np.ones_like(row)", "simple-rnn-dropout", "activations"),
    ("mask forgotten on the way back to the state", "refimpl", BACK, "return tuple((part @ columns.mT) * mask for", "return tuple((part @ columns.mT) for", "lstm-recurrent-dropout", "flows"),
    ("the kernel's gradient without the masks", "refimpl", BACK, "rows([x * mask for x in inputs]).mT", "rows(inputs).mT", "gru-stateful-dropout", "flows"),
    ("the dropped state mixed with the candidate", "tfimpl", GRU, "y = z * h + (1 - z) * g", "y = z * (h * of_h[0] if of_h else h) + (1 - z) * g", "gru-recurrent-dropout", "activations"),
    ("the candidate's state not dropped before its reset", "refimpl", GRU, "dropped = h * of_h[2] if of_h else h\n", "dropped = h\n", "masked-recurrent-dropout", "activations"),
    ("the second direction draws on where the first ended", "refimpl", "layers/bidirectional.py", "*states[drawn:])", "*(s + np.array([[0.0, 1.0]]) for s in states[drawn:]))", "lstm-dropout", "activations"),
    ("every batch starts from 0", "refimpl", TIME, "given or states[drawn:] or zeros", "given or zeros", "simple-rnn-stateful", "activations", 1),
    ("the state after the first time step is kept", "tfimpl", RNN, "(*inputs, seen, state, (h,))", "(*inputs, seen, state, (hs[0],))", "simple-rnn-stateful", "slots"),
    ("state and carry kept for each other", "refimpl", LSTM, "(kept, masks, seen, state, (h, c))", "(kept, masks, seen, state, (c, h))", "lstm-stateful-dropout", "slots"),
    ("the carry for the state behind the outputs", "refimpl", LSTM, "for _, counts in time_steps], (h, c))", "for _, counts in time_steps], (c, h))", "lstm-initial-state", "activations"),
    ("the last state hands nothing back", "refimpl", BACK, "states = tuple(yb[..., k, :] for", "states = tuple(0 * yb[..., k, :] for", "gru-stateful-dropout", "flows"),
    ("no gradient for the states to start from", "tfimpl", TIME, "return own, x, states[:drawn], given or", "given = [(state + tf.stop_gradient(state)) / 2 for state in given]\n        return own, x, states[:drawn], given or", "gru-recurrent-dropout", "gradients"),
    ("state and carry to start from exchanged", "tfimpl", TIME, "x, *given = x if isinstance(x, tuple) else (x,)", "x, *given = x if isinstance(x, tuple) else (x,)\n        given = given[::-1]", "lstm-initial-state", "activations"),
)
