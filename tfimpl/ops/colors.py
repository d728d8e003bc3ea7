"""Colors as red, green and blue, and as hue, saturation and value, each from 0 to 1."""

import tensorflow as tf


def rgb_to_hsv(images):
    """The hue counts from red in sixths; that of a grey is 0."""
    return tf.raw_ops.RGBToHSV(images=images)  # (1)-(5)


def hsv_to_rgb(images):
    """Each color is full within a sixth of its hue, and none beyond two sixths."""
    return tf.raw_ops.HSVToRGB(images=images)  # (6)-(10)
