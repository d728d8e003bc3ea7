"""Images made larger or smaller, and the gradients.

Where a place of the result lies in the image is computed in float32, as TensorFlow does,
whatever the images are: scale (y + 1/2) - 1/2 with half pixels, else scale y.
"""

import numpy as np

from refimpl.ops.rows_by_number import _summed_by_number

_STEPS = 1024  # of the bicubic kernel's table of weights
_KEYS = -0.5  # its parameter with half pixels
_LEGACY = -0.75  # and without


def resize_bilinear(images, size, *, align_corners, half_pixel_centers):
    """Between the four places around: on the width, then on the height."""
    return _bilinear(  # (1)
        images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers
    )


def _bilinear(images, size, *, align_corners, half_pixel_centers, fused=False):
    """Between the four places around: on the width, then on the height.

    fused: the place is rounded once, as where multiplication and addition are one.
    """
    images, (height, width) = _as_floats(images), (int(n) for n in size)
    options = align_corners, half_pixel_centers, fused
    upper, lower, down = _between(images.shape[1], height, *options)
    left, right, across = _between(images.shape[2], width, *options)
    across = across[:, None].astype(images.dtype)
    down = down[:, None, None].astype(images.dtype)
    rows = [np.take(images, at, 1) for at in (upper, lower)]
    ends = [[np.take(row, at, 2) for at in (left, right)] for row in rows]
    top, bottom = (a + (b - a) * across for a, b in ends)
    return top + (bottom - top) * down


def resize_bilinear_grad(grads, original_image, *, align_corners, half_pixel_centers):
    """What flows back to a place is the sum over those that it had a share in."""
    return _bilinear_grad(  # (2)
        grads,
        original_image,
        align_corners=align_corners,
        half_pixel_centers=half_pixel_centers,
    )


def _bilinear_grad(
    grads, original_image, *, align_corners, half_pixel_centers, fused=False
):
    """What flows back to a place is the sum over those that it had a share in."""
    batch, height, width, channels = original_image.shape
    options = align_corners, half_pixel_centers, fused
    upper, lower, down = _between(height, grads.shape[1], *options)
    left, right, across = _between(width, grads.shape[2], *options)
    flows = np.transpose(grads, (1, 2, 0, 3)).reshape(len(down), len(across), -1)
    one = np.ones((), np.float32)
    terms, numbers = [], []
    for rows, by_row in ((upper, one - down), (lower, down)):
        for columns, by_column in ((left, one - across), (right, across)):
            share = flows * by_row[:, None, None].astype(grads.dtype)
            terms.append(share * by_column[:, None].astype(grads.dtype))
            numbers.append(np.ravel(rows[:, None] * width + columns))
    terms = np.concatenate([t.reshape(-1, t.shape[-1]) for t in terms])
    total = _summed_by_number(terms, np.concatenate(numbers), height * width)
    return np.transpose(total.reshape(height, width, batch, channels), (2, 0, 1, 3))


def resize_nearest_neighbor(images, size, *, align_corners, half_pixel_centers):
    height, width = (int(n) for n in size)
    rows = _nearest(images.shape[1], height, align_corners, half_pixel_centers)
    columns = _nearest(images.shape[2], width, align_corners, half_pixel_centers)
    return np.take(np.take(images, rows, 1), columns, 2)  # (3)


def resize_nearest_neighbor_grad(grads, size, *, align_corners, half_pixel_centers):
    """The sum of what flows back from all copies."""
    height, width = (int(n) for n in size)
    rows = _nearest(height, grads.shape[1], align_corners, half_pixel_centers)
    columns = _nearest(width, grads.shape[2], align_corners, half_pixel_centers)
    batch, channels = grads.shape[0], grads.shape[3]
    flows = np.transpose(grads, (1, 2, 0, 3)).reshape(rows.size * columns.size, -1)
    total = _summed_by_number(
        flows, np.ravel(rows[:, None] * width + columns), height * width
    )
    return np.transpose(total.reshape(height, width, batch, channels), (2, 0, 1, 3))  # (4)


def resize_bicubic(images, size, *, align_corners, half_pixel_centers):
    """Four places on each axis, by Keys's weights (1981): on the height, then the width."""
    return _bicubic(  # (5)
        images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers
    )


def _bicubic(
    images, size, *, align_corners, half_pixel_centers, weigh=np.positive, fused=False
):
    """Four places on each axis, by Keys's weights (1981): on the height, then the width.

    weigh: makes of weights what the images are made of.
    """
    images, (height, width) = _as_floats(images), (int(n) for n in size)
    options = align_corners, half_pixel_centers, fused
    rows, down = _cubic(images.shape[1], height, *options)
    columns, across = _cubic(images.shape[2], width, *options)
    down, across = (weigh(w.astype(images.dtype)) for w in (down, across))
    parts = images[:, rows] * down[:, :, None, None]
    lines = np.sum(parts, axis=2)
    parts = lines[:, :, columns] * across[:, :, None]
    return np.sum(parts, axis=3)


def resize_bicubic_grad(grads, original_image, *, align_corners, half_pixel_centers):
    return _bicubic_grad(  # (6)
        grads,
        original_image,
        align_corners=align_corners,
        half_pixel_centers=half_pixel_centers,
    )


def _bicubic_grad(
    grads,
    original_image,
    *,
    align_corners,
    half_pixel_centers,
    weigh=np.positive,
    fused=False,
):
    batch, height, width, channels = original_image.shape
    options = align_corners, half_pixel_centers, fused
    rows, down = _cubic(height, grads.shape[1], *options)
    columns, across = _cubic(width, grads.shape[2], *options)
    down, across = (weigh(w.astype(grads.dtype)) for w in (down, across))
    flows = np.transpose(grads, (1, 2, 0, 3)).reshape(*grads.shape[1:3], -1)
    shares = flows[:, None, :, None] * (down[:, :, None, None] * across)[..., None]
    numbers = rows[:, :, None, None] * width + columns
    terms = shares.reshape(-1, shares.shape[-1])
    total = _summed_by_number(terms, np.ravel(numbers), height * width)
    return np.transpose(total.reshape(height, width, batch, channels), (2, 0, 1, 3))


def resize_area(images, size, *, align_corners):
    """The mean over what a place of the result covers of the image."""
    return _resize_area(images, size, align_corners)  # (7)


def _resize_area(images, size, align_corners, weigh=np.positive):
    """weigh: makes of the shares in lengths of the image what the images are made of."""
    images, (height, width) = _as_floats(images), (int(n) for n in size)
    rows, down = _areas(images.shape[1], height, align_corners)
    columns, across = _areas(images.shape[2], width, align_corners)
    rows, columns = (weigh(shares.astype(images.dtype)) for shares in (rows, columns))
    lines = np.einsum("ij,bjkc->bikc", rows, images)
    areas = np.einsum("lk,bikc->bilc", columns, lines)
    return areas * (1 / (down * across))


def _as_floats(images):
    """Return images of floats; of whole numbers the results are float32."""
    return images.astype(np.float32) if images.dtype.kind in "iu" else images


def _areas(inside, outside, align_corners):
    """Return how much of each place of the image lies in each of the result; its length.

    What lies beyond the last place of the image is of that place.
    """
    corners = align_corners and outside > 1
    length = (inside - 1) / (outside - 1) if corners else inside / outside
    start = (np.arange(outside) * length)[:, None]
    end, places = start + length, np.arange(int(np.ceil(outside * length)))
    shares = np.maximum(np.minimum(end, places + 1) - np.maximum(start, places), 0)
    shares[:, inside - 1] += shares[:, inside:].sum(axis=1)
    return shares[:, :inside], length


def _places(inside, outside, align_corners, half_pixels, fused=False):
    """Return where the places of the result lie in the image, in float32."""
    if align_corners and outside > 1:
        scale = np.float32(inside - 1) / np.float32(outside - 1)
    else:
        scale = np.float32(inside) / np.float32(outside)
    at = np.arange(outside, dtype=np.float32)
    if not half_pixels:
        return at * scale
    half = np.float32(0.5)
    if fused:
        return ((at + half).astype(np.float64) * float(scale) - 0.5).astype(np.float32)
    return (at + half) * scale - half


def _between(inside, outside, align_corners, half_pixels, fused):
    """Return the places before and behind, and the share of their distance."""
    at = _places(inside, outside, align_corners, half_pixels, fused)
    floor = np.floor(at)
    behind = np.minimum(np.ceil(at), inside - 1).astype(int)
    before = np.minimum(np.maximum(floor, 0).astype(int), behind)
    return before, behind, at - floor


def _nearest(inside, outside, align_corners, half_pixels):
    if align_corners and outside > 1:
        scale = np.float32(inside - 1) / np.float32(outside - 1)
    else:
        scale = np.float32(inside) / np.float32(outside)
    at = (np.arange(outside, dtype=np.float32) + np.float32(0.5 * half_pixels)) * scale
    whole = np.floor(at + np.float32(0.5)) if align_corners else np.floor(at)
    return np.clip(whole.astype(int), 0, inside - 1)


def _cubic(inside, outside, align_corners, half_pixels, fused):
    """Return (places of the result, 4) of the places of the image, and their weights."""
    at = _places(inside, outside, align_corners, half_pixels, fused)
    floor = np.floor(at)
    step = np.rint((at - floor) * _STEPS).astype(int)
    wanted = floor.astype(int)[:, None] + np.arange(-1, 3)
    places = np.clip(wanted, 0, inside - 1)
    near, far = _weights(_KEYS if half_pixels else _LEGACY)
    weights = np.stack(
        [far[step], near[step], near[_STEPS - step], far[_STEPS - step]], axis=1
    )
    if half_pixels:  # what lies outside has no weight, and the others sum to 1
        weights = np.where(places == wanted, weights, 0)
        weights = weights / weights.sum(axis=1, keepdims=True)
    return places, weights


def _weights(a):
    """Return the weights at the distances 0 to 1, and 1 to 2, of a cubic convolution."""
    x = np.arange(_STEPS + 1) / _STEPS
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    x = x + 1
    return near, ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
