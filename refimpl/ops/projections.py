"""Images seen through a projective transform: where each number is taken from.

Places are computed in float32, as TensorFlow does, whatever the images are.
"""

import numpy as np


def image_projective_transform(
    images, transforms, output_shape, fill_value, *, interpolation, fill_mode
):
    """At (x, y) the image at (a x + b y + c, d x + e y + f) / (g x + h y + 1)."""
    y, x = _places(transforms, output_shape)  # (1)
    return _sampled(images, y, x, fill_value, interpolation, fill_mode)  # (2)


def _places(transforms, output_shape):
    """Return the places in the images, (batch, height, width) each."""
    height, width = (int(n) for n in output_shape)
    a, b, c, d, e, f, g, h = np.moveaxis(transforms, -1, 0)[..., None, None]
    y = np.arange(height, dtype=transforms.dtype)[:, None]
    x = np.arange(width, dtype=transforms.dtype)
    k = g * x + h * y + 1
    return (d * x + e * y + f) / k, (a * x + b * y + c) / k


def _sampled(images, y, x, fill_value, interpolation, fill_mode, weigh=np.positive):
    """Return what the images are at these places, which need be no whole numbers.

    weigh: makes of weights what the images are made of.
    """
    _, height, width, _ = images.shape
    y, x = _put_back(y, height, fill_mode), _put_back(x, width, fill_mode)
    if interpolation == "NEAREST":
        nearest = [np.sign(at) * np.floor(np.abs(at) + 0.5) for at in (y, x)]
        return _read(images, *nearest, fill_value)
    upper, left = np.floor(y), np.floor(x)
    across, down = (
        weigh(at.astype(images.dtype))[..., None] for at in (x - left, y - upper)
    )
    not_across, not_down = (
        weigh((1 - at).astype(images.dtype))[..., None] for at in (x - left, y - upper)
    )
    top, bottom = (
        not_across * _read(images, row, left, fill_value)
        + across * _read(images, row, left + 1, fill_value)
        for row in (upper, upper + 1)
    )
    return not_down * top + down * bottom


def _read(images, y, x, fill_value):
    """Return the images at whole places, and beside them what fills."""
    batch, height, width, _ = images.shape
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    row, column = (np.where(inside, at, 0).astype(int) for at in (y, x))
    number = np.arange(batch)[:, None, None]
    return np.where(inside[..., None], images[number, row, column], fill_value)


def _put_back(at, size, fill_mode):
    """Return places beyond the edges as ones within, as the mode says."""
    if fill_mode == "CONSTANT":
        return at
    if fill_mode == "NEAREST" or size <= 1:
        return np.clip(at, 0, size - 1)
    if fill_mode == "WRAP":
        last = size - 1
        below = at + size * (np.trunc(-at / last) + 1)
        above = at - size * np.trunc(at / last)
        moved = np.where(at < 0, below, np.where(at > last, above, at))
        return np.clip(moved, 0, last)
    both = 2 * size  # mirrored
    below = np.where(at < both, both * np.trunc(-at / both) + at, at)
    below = np.where(below < -size, below + both, -below - 1)
    above = at - both * np.trunc(at / both)
    above = np.where(above >= size, both - above - 1, above)
    moved = np.where(at < 0, below, np.where(at > size - 1, above, at))
    return np.clip(moved, 0, size - 1)
