"""Complex numbers, and Fourier's transforms of them along the last axes."""

import tensorflow as tf


def complex_number(real, imag):
    return tf.raw_ops.Complex(real=real, imag=imag)  # (1)


def real_part(input):
    return tf.math.real(input)  # (2)


def imaginary_part(input):
    return tf.math.imag(input)  # (3)


def conjugate(input):
    return tf.raw_ops.Conj(input=input)  # (4)


def fft(input):
    return tf.raw_ops.FFT(input=input)  # (5)


def ifft(input):
    return tf.raw_ops.IFFT(input=input)  # (6)


def fft2d(input):
    return tf.raw_ops.FFT2D(input=input)  # (7)


def ifft2d(input):
    return tf.raw_ops.IFFT2D(input=input)  # (8)


def rfft(input, fft_length):
    """Of real numbers, of which so many are taken: the half that is not mirrored."""
    return tf.raw_ops.RFFT(input=input, fft_length=fft_length)  # (9)


def irfft(input, fft_length):
    """So many real numbers, of the half that is not mirrored."""
    return tf.raw_ops.IRFFT(input=input, fft_length=fft_length)  # (10)


def complex_abs(x):
    return tf.raw_ops.ComplexAbs(x=x, Tout=x.dtype.real_dtype)  # (11)


def angle(input):
    return tf.raw_ops.Angle(input=input, Tout=input.dtype.real_dtype)  # (12)


def conjugate_transpose(x, perm):
    return tf.raw_ops.ConjugateTranspose(x=x, perm=perm)  # (13)


def rfft2d(input, fft_length):
    """As ``rfft``, and along the axis before the last as ``fft``."""
    return tf.raw_ops.RFFT2D(input=input, fft_length=fft_length)  # (14)


def irfft2d(input, fft_length):
    return tf.raw_ops.IRFFT2D(input=input, fft_length=fft_length)  # (15)


def fft3d(input):
    return tf.raw_ops.FFT3D(input=input)  # (16)


def ifft3d(input):
    return tf.raw_ops.IFFT3D(input=input)  # (17)
