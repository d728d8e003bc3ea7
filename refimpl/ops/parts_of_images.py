"""Parts of images by their boxes, in one size, and what flows back (He and others 2017).

A box is (y1, x1, y2, x2), of which 0 and 1 are the first and the last row or column.
Places are computed in float32, as TensorFlow does, whatever the images are.
"""

import numpy as np

from refimpl.ops.rows_by_number import _summed_by_number


def crop_and_resize(image, boxes, box_ind, crop_size, *, method, extrapolation_value):
    """Each box's part of its image, between four places; beyond the image what is told."""
    places = _places(boxes, image.shape, crop_size)  # (1)
    return _cropped(image, box_ind, places, method, extrapolation_value)  # (2)


def crop_and_resize_grad_image(grads, boxes, box_ind, image_size, *, method):
    """What flows back to a pixel is the sum over the places that it had a share in."""
    shape = tuple(int(n) for n in image_size)
    places = _places(boxes, shape, grads.shape[1:3])  # (3)
    return _cropped_back(grads, box_ind, places, shape, method)  # (4)


def crop_and_resize_grad_boxes(grads, image, boxes, box_ind):
    """By how much the part changes as the edges of its box move."""
    places = _places(boxes, image.shape, grads.shape[1:3], by_ratio=True)  # (5)
    return _edges_back(grads, image, box_ind, places)  # (6)


def _places(boxes, shape, crop_size, fused=False, by_ratio=False):
    """Return the places in the images, (boxes, height) and (boxes, width).

    fused: a product and the addition behind it round once; by_ratio: a box's width is
    multiplied by one quotient, as the boxes' gradient has it.
    """
    y1, x1, y2, x2 = np.moveaxis(boxes, -1, 0)
    ends = zip((y1, x1), (y2, x2), shape[1:3], crop_size)
    options = fused, by_ratio
    return [_line(low, high, size - 1, int(n), *options) for low, high, size, n in ends]


def _line(low, high, last, count, fused, by_ratio):
    """Return (boxes, count): from one edge to the other, or the middle."""
    if count == 1:
        return (0.5 * (low + high) * last)[:, None]
    if by_ratio:
        scale = (high - low) * low.dtype.type(last / (count - 1))
    else:
        scale = (high - low) * last / (count - 1)
    far = scale[:, None] * np.arange(count, dtype=low.dtype)
    if fused:
        wide = low[:, None].astype(np.float64) * last + far.astype(np.float64)
        return wide.astype(low.dtype)
    return (low * last)[:, None] + far


def _between(places, shape):
    """Return which places are inside; of rows and columns those around, and the share."""
    inside, found = True, []
    for axis, (at, size) in enumerate(zip(places, shape[1:3])):
        within = (at >= 0) & (at <= size - 1)
        at = np.where(within, at, np.zeros_like(at))
        first = np.floor(at)
        found.append((first.astype(int), np.ceil(at).astype(int), at - first))
        inside = inside & np.expand_dims(within, 2 - axis)
    return inside, *found


def _cropped(image, number, places, method, value, weigh=np.positive):
    """Return the parts; weigh: makes of weights what the images are made of."""
    inside, rows, columns = _between(places, image.shape)
    if method == "nearest":
        rows, columns = (np.where(s < 0.5, a, b) for a, b, s in (rows, columns))
        part = _read(image, number, rows, columns)
    else:
        across = _weights(columns[2], image, weigh)[:, None]
        top, bottom = (
            _mixed(*(_read(image, number, row, column) for column in columns[:2]), across)
            for row in rows[:2]
        )
        part = _mixed(top, bottom, _weights(rows[2], image, weigh)[:, :, None])
    return np.where(inside[..., None], part, np.full_like(part, value))


def _weights(share, like, weigh):
    return weigh(share.astype(like.dtype))[..., None]


def _mixed(first, second, share):
    return first + (second - first) * share


def _read(image, number, rows, columns):
    """Return (boxes, height, width, channels): pixels of each box's rows and columns."""
    return image[number[:, None, None], rows[:, :, None], columns[:, None, :]]


def _cropped_back(grads, number, places, shape, method, weigh=np.positive):
    """Return what flows back to the images."""
    inside, rows, columns = _between(places, shape)
    flow = np.where(inside[..., None], grads, np.zeros_like(grads))
    if method == "nearest":
        near = [np.where(s < 0.5, a, b) for a, b, s in (rows, columns)]
        parts = [(flow, *near)]
    else:
        down = _weights(rows[2], grads, weigh)[:, :, None]
        across = _weights(columns[2], grads, weigh)[:, None]
        parts = [
            (flow * by_row * by_column, row, column)
            for row, by_row in ((rows[0], 1 - down), (rows[1], down))
            for column, by_column in ((columns[0], 1 - across), (columns[1], across))
        ]
    images, height, width, channels = shape
    places = [
        (number[:, None, None] * height + row[:, :, None]) * width + column[:, None, :]
        for _, row, column in parts
    ]
    terms = np.concatenate([part.reshape(-1, channels) for part, *_ in parts])
    numbers = np.concatenate([np.ravel(each) for each in places])
    return _summed_by_number(terms, numbers, images * height * width).reshape(shape)


def _edges_back(grads, image, number, places, weigh=np.positive, moves=None):
    """Return what flows back to the boxes' edges, (boxes, 4).

    moves: as weigh, of how far a place moves with an edge, up to so many rows or columns.
    """
    inside, rows, columns = _between(places, image.shape)
    flow = np.where(inside[..., None], grads, np.zeros_like(grads))
    (tl, tr), (bl, br) = (
        [_read(image, number, row, column) for column in columns[:2]] for row in rows[:2]
    )
    down = _weights(rows[2], grads, weigh)[:, :, None]
    across = _weights(columns[2], grads, weigh)[:, None]
    by_y = ((1 - across) * (bl - tl) + across * (br - tr)) * flow
    by_x = ((1 - down) * (tr - tl) + down * (br - bl)) * flow
    found = []
    for axis, each in ((1, by_y), (2, by_x)):
        count, last = grads.shape[axis], image.shape[axis] - 1
        shape = [1, 1, 1, 1]
        shape[axis] = count
        if count == 1:
            near = far = np.full(shape, 0.5 * last)
        else:
            far = np.arange(count).reshape(shape) * (last / (count - 1))
            near = last - far
        near, far = (part.astype(grads.dtype) for part in (near, far))
        if moves:
            near, far = moves(near, last), moves(far, last)
        found.append([np.sum(each * part, axis=(1, 2, 3)) for part in (near, far)])
    (y1, y2), (x1, x2) = found
    return np.stack([y1, x1, y2, x2], axis=-1)
