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
    shares = (
        np.abs(sixths - 3) - 1,  # (7)
        2 - np.abs(sixths - 2),  # (8)
        2 - np.abs(sixths - 4),  # (9)
    )
    colors = [
        ((1 - saturation) + saturation * np.clip(share, 0, 1)) * value for share in shares
    ]  # (10)
    return np.stack(colors, axis=-1)
