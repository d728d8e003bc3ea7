"""Colors as red, green and blue, and as hue, saturation and value, each from 0 to 1."""

import tensorflow as tf


def rgb_to_hsv(images):
    """The hue counts from red in sixths; that of a grey is 0."""
    return tf.raw_ops.RGBToHSV(images=images)  # (1)-(5)


def hsv_to_rgb(images):
    """Each color is full within a sixth of its hue, and none beyond two sixths."""
    return tf.raw_ops.HSVToRGB(images=images)  # (6)-(7)


def adjust_contrast(images, contrast_factor):
    """Each channel of an image lies so many times as far from its mean."""
    return tf.raw_ops.AdjustContrastv2(  # (8)-(9)
        images=images, contrast_factor=contrast_factor
    )


def adjust_saturation(images, scale):
    """So many times as far from grey, and no farther than fully colored; the hue stays."""
    return tf.raw_ops.AdjustSaturation(images=images, scale=scale)  # (10)-(11)


def adjust_hue(images, delta):
    """The hue goes round by a share of the circle; the largest and the smallest stay."""
    return tf.raw_ops.AdjustHue(images=images, delta=delta)  # (12)
