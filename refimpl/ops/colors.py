"""Colors as red, green and blue, and as hue, saturation and value, each from 0 to 1."""

import numpy as np


def rgb_to_hsv(images):
    """The hue counts from red in sixths; that of a grey is 0."""
    red, green, blue = (images[..., k] for k in range(3))
    value = np.max(images, axis=-1)
    spread = value - np.min(images, axis=-1)  # (1)
    bright, colored = value > 0, spread > 0
    saturation = spread / np.where(bright, value, np.ones_like(value))  # (2)
    sixth = 1 / (6 * np.where(colored, spread, np.ones_like(spread)))  # (3)
    of_blue = np.where(
        green == value, sixth * (blue - red) + 2 / 6, sixth * (red - green) + 4 / 6
    )
    hue = np.where(red == value, sixth * (green - blue), of_blue)  # (4)
    hue = np.where(hue < 0, hue + 1, hue)  # (5)
    nothing = np.zeros_like(value)
    return np.stack(
        [
            np.where(colored, hue, nothing),
            np.where(bright, saturation, nothing),
            value,
        ],
        axis=-1,
    )


def hsv_to_rgb(images):
    """Each color is full within a sixth of its hue, and none beyond two sixths."""
    hue, saturation, value = (images[..., k] for k in range(3))
    sixths = hue * 6  # (6)
    colors = [((1 - saturation) + saturation * share) * value for share in _shares(sixths)]
    return np.stack(colors, axis=-1)  # (7)


def _shares(sixths):
    """Return how full red, green and blue are of a hue in sixths."""
    shares = (
        np.abs(sixths - 3) - 1,
        2 - np.abs(sixths - 2),
        2 - np.abs(sixths - 4),
    )
    return [np.clip(share, 0, 1) for share in shares]


def adjust_contrast(images, contrast_factor):
    """Each channel of an image lies so many times as far from its mean."""
    mean = np.mean(images, axis=(-3, -2), keepdims=True)  # (8)
    return (images - mean) * contrast_factor + mean  # (9)


def adjust_saturation(images, scale):
    """So many times as far from grey, and no farther than fully colored; the hue stays.

    A hue that rounds to the whole circle gives grey: ``tensorflow-saturation-of-red``.
    """
    colors = rgb_to_hsv(images)
    hue, saturation, value = (colors[..., k] for k in range(3))
    spread = np.clip(saturation * scale, 0, 1) * value  # (10)
    least, sixths = value - spread, hue * 6
    spread = np.where(sixths < 6, spread, np.zeros_like(spread))
    parts = [spread * share + least for share in _shares(sixths)]
    return np.stack(parts, axis=-1)  # (11)


def adjust_hue(images, delta):
    """The hue goes round by a share of the circle; the largest and the smallest stay."""
    return _adjust_hue(images, delta)  # (12)


def _adjust_hue(images, delta, put_back=np.positive):
    """put_back: what a hue beyond the circle rounds to that is put back into it.

    Raises ValueError for more than one round.
    """
    if np.abs(delta) > 1:
        raise ValueError("a hue goes round once at most")
    red, green, blue = (images[..., k] for k in range(3))
    high, low = np.max(images, axis=-1), np.min(images, axis=-1)
    spread, colored = high - low, high > low
    middle = np.maximum(np.minimum(red, green), np.minimum(np.maximum(red, green), blue))
    up = (middle - low) / np.where(colored, spread, np.ones_like(spread))
    down = 1 - up
    of_green = np.where(blue < red, 1 + down, np.where(blue > green, 3 + down, 2 + up))
    of_red = np.where(blue < green, up, np.where(blue > red, 4 + up, 5 + down))
    sixths = np.where(red < green, of_green, of_red)
    turned = put_back(np.where(colored, sixths, np.zeros_like(sixths)) + delta * 6)
    parts = [low + _share(turned - k) * spread for k in (0, 2, 4)]
    return np.stack(parts, axis=-1)


def _share(sixths):
    """Return how full a color is so far from its own hue, at most two rounds off."""
    full = [np.clip(2 - np.abs(sixths - k), 0, 1) for k in (-6, 0, 6, 12)]
    return np.max(np.stack(full), axis=0)
