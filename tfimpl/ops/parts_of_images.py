"""Parts of images by their boxes, in one size, and what flows back (He and others 2017)."""

import tensorflow as tf


def crop_and_resize(image, boxes, box_ind, crop_size, *, method, extrapolation_value):
    """Each box's part of its image, between four places; beyond the image what is told."""
    return tf.raw_ops.CropAndResize(
        image=image,
        boxes=boxes,
        box_ind=box_ind,
        crop_size=crop_size,
        method=method,
        extrapolation_value=extrapolation_value,
    )  # (1)-(2)


def crop_and_resize_grad_image(grads, boxes, box_ind, image_size, *, method):
    """What flows back to a pixel is the sum over the places that it had a share in."""
    return tf.raw_ops.CropAndResizeGradImage(
        grads=grads,
        boxes=boxes,
        box_ind=box_ind,
        image_size=image_size,
        method=method,
        T=grads.dtype,
    )  # (3)-(4)


def crop_and_resize_grad_boxes(grads, image, boxes, box_ind):
    """By how much the part changes as the edges of its box move."""
    return tf.raw_ops.CropAndResizeGradBoxes(
        grads=grads, image=image, boxes=boxes, box_ind=box_ind
    )  # (5)-(6)
