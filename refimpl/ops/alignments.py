"""Connectionist temporal classification (Graves and others 2006)."""

import numpy as np

from refimpl.losses.log_sum_exp import LogSumExp


def ctc_loss(
    inputs,
    labels_indices,
    labels_values,
    sequence_length,
    *,
    preprocess_collapse_repeated,
    ctc_merge_repeated,
):
    """-log p of each sample's labels, and what flows back: y less the share of each class.

    inputs: logits, (steps, batch, classes); the last class is the blank.
    """
    options = preprocess_collapse_repeated, ctc_merge_repeated, _joined
    return _ctc_loss(
        inputs, labels_indices, labels_values, sequence_length, *options
    )  # (1)


def _joined(a, b):
    """Return log(e^a + e^b)."""
    return LogSumExp().forward(np.stack([a, b], axis=-1))


def _ctc_loss(inputs, places, labels, lengths, collapses, merges, join):
    steps, batch, classes = inputs.shape
    powers = np.exp(inputs - np.max(inputs, axis=-1, keepdims=True))
    y = powers / np.sum(powers, axis=-1, keepdims=True)
    losses, flows = [], []
    for k in range(batch):
        own, count = labels[places[:, 0] == k], int(lengths[k])
        if collapses:
            own = own[np.concatenate([[True], own[1:] != own[:-1]])]
        loss, flow = _sample(y[:count, k], own, merges, join)
        losses.append(loss)
        rest = np.zeros_like(y[count:, k])
        flows.append(np.concatenate([flow, rest]))
    return np.stack(losses), np.stack(flows, axis=1)


def _sample(y, labels, merges, join):
    """Return -log p of one sample's labels, and what flows back to its logits."""
    states = np.full(2 * len(labels) + 1, y.shape[-1] - 1)
    states[1::2] = labels
    logs = np.log(y[:, states])
    alpha, begun = _beginnings(logs, states, merges, join)
    beta, ended = _ends(logs, states, merges, join)
    both, can = alpha + beta, begun & ended
    if not can[0].any():
        raise ValueError("there is no way through the steps that gives the labels")
    log_p = _total(both[0], can[0], join)
    flow = [
        y[:, c] - _share(both, can, states == c, log_p, join) for c in range(y.shape[-1])
    ]
    return -log_p, np.stack(flow, axis=-1)


def _share(both, can, of_class, log_p, join):
    """Return of each step how likely one class is there, given the labels."""
    nothing = np.zeros_like(both[:, 0])
    if not of_class.any():
        return nothing
    total, known = _in_turn(both[:, of_class].T, can[:, of_class].T, join)
    return np.where(known, np.exp(np.where(known, total - log_p, nothing)), nothing)


def _total(parts, can, join):
    return _in_turn(parts, can, join)[0]


def _in_turn(parts, can, join):
    """Return the log of a sum of exponentials, and where there are any."""
    total, known = parts[0], can[0]
    for part, there in zip(parts[1:], can[1:]):
        total, known = _either(total, known, part, there, join)
    return total, known


def _either(a, can_a, b, can_b, join):
    """Return log(e^a + e^b), of one of them where there is one, and where."""
    both = np.where(can_a & can_b, join(a, b), np.where(can_a, a, b))
    return both, can_a | can_b


def _moves(states, merges):
    """Return whether one may stay in a state, and come from the last but one (if any)."""
    blank = np.arange(len(states)) % 2 == 0
    same = np.concatenate([[True] * 2, states[2:] == states[:-2]])[: len(states)]
    return merges | blank, ~blank & ~(bool(merges) & same)


def _beginnings(logs, states, merges, join):
    """Return log alpha of each step and state, and where there is a way to it."""
    stays, skips = _moves(states, merges)
    count = len(states)
    can = np.arange(count) < 2
    alpha = np.where(can, logs[0], np.zeros_like(logs[0]))
    found, possible = [alpha], [can]
    for now in logs[1:]:
        ways = [(alpha, can & stays)]
        for far, may in ((1, True), (2, skips)):
            source = np.maximum(np.arange(count) - far, 0)
            ways.append((alpha[source], can[source] & may & (np.arange(count) >= far)))
        alpha, can = _in_turn(*zip(*ways), join)
        alpha = np.where(can, alpha + now, np.zeros_like(now))
        found, possible = [*found, alpha], [*possible, can]
    return np.stack(found), np.stack(possible)


def _ends(logs, states, merges, join):
    """Return log beta of each step and state, without the step, and where it ends."""
    stays, skips = _moves(states, merges)
    count = len(states)
    can = np.arange(count) >= count - 2
    beta = np.zeros_like(logs[0])
    found, possible = [beta], [can]
    for after in logs[:0:-1]:
        further, ways = beta + after, []
        for far, may in ((0, stays), (1, np.full(count, True)), (2, skips)):
            source = np.minimum(np.arange(count) + far, count - 1)
            inside = np.arange(count) + far < count
            ways.append((further[source], can[source] & may[source] & inside))
        beta, can = _in_turn(*zip(*ways), join)
        beta = np.where(can, beta, np.zeros_like(after))
        found, possible = [beta, *found], [can, *possible]
    return np.stack(found), np.stack(possible)
