"""Images seen through a projective transform: where each number is taken from."""

import tensorflow as tf


def image_projective_transform(
    images, transforms, output_shape, fill_value, *, interpolation, fill_mode
):
    """At (x, y) the image at (a x + b y + c, d x + e y + f) / (g x + h y + 1)."""
    return tf.raw_ops.ImageProjectiveTransformV3(  # (1)-(2)
        images=images,
        transforms=transforms,
        output_shape=output_shape,
        fill_value=fill_value,
        interpolation=interpolation,
        fill_mode=fill_mode,
    )
