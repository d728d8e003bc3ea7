"""Images made larger or smaller, and the gradients."""

import tensorflow as tf


def resize_bilinear(images, size, *, align_corners, half_pixel_centers):
    """Between the four places around: on the width, then on the height."""
    return tf.raw_ops.ResizeBilinear(  # (1)
        images=images,
        size=size,
        align_corners=align_corners,
        half_pixel_centers=half_pixel_centers,
    )


def resize_bilinear_grad(grads, original_image, *, align_corners, half_pixel_centers):
    """What flows back to a place is the sum over those that it had a share in."""
    return tf.raw_ops.ResizeBilinearGrad(  # (2)
        grads=grads,
        original_image=original_image,
        align_corners=align_corners,
        half_pixel_centers=half_pixel_centers,
    )


def resize_nearest_neighbor(images, size, *, align_corners, half_pixel_centers):
    return tf.raw_ops.ResizeNearestNeighbor(  # (3)
        images=images,
        size=size,
        align_corners=align_corners,
        half_pixel_centers=half_pixel_centers,
    )


def resize_nearest_neighbor_grad(grads, size, *, align_corners, half_pixel_centers):
    """The sum of what flows back from all copies."""
    return tf.raw_ops.ResizeNearestNeighborGrad(  # (4)
        grads=grads,
        size=size,
        align_corners=align_corners,
        half_pixel_centers=half_pixel_centers,
    )


def resize_bicubic(images, size, *, align_corners, half_pixel_centers):
    """Four places on each axis, by Keys's weights (1981): on the height, then the width."""
    return tf.raw_ops.ResizeBicubic(  # (5)
        images=images,
        size=size,
        align_corners=align_corners,
        half_pixel_centers=half_pixel_centers,
    )


def resize_bicubic_grad(grads, original_image, *, align_corners, half_pixel_centers):
    return tf.raw_ops.ResizeBicubicGrad(  # (6)
        grads=grads,
        original_image=original_image,
        align_corners=align_corners,
        half_pixel_centers=half_pixel_centers,
    )


def resize_area(images, size, *, align_corners):
    """The mean over what a place of the result covers of the image."""
    return tf.raw_ops.ResizeArea(
        images=images, size=size, align_corners=align_corners
    )  # (7)
