"""Complex numbers, and Fourier's transforms of them along the last axes."""

import numpy as np


def complex_number(real, imag):
    return real + 1j * imag  # (1)


def real_part(input):
    return np.real(input)  # (2)


def imaginary_part(input):
    return np.imag(input)  # (3)


def conjugate(input):
    return np.conj(input)  # (4)


def fft(input):
    return np.fft.fft(input)  # (5)


def ifft(input):
    return np.fft.ifft(input)  # (6)


def fft2d(input):
    return np.fft.fft2(input)  # (7)


def ifft2d(input):
    return np.fft.ifft2(input)  # (8)


def rfft(input, fft_length):
    """Of real numbers, of which so many are taken: the half that is not mirrored."""
    return np.fft.rfft(input, int(fft_length[0]))  # (9)


def irfft(input, fft_length):
    """So many real numbers, of the half that is not mirrored."""
    return np.fft.irfft(input, int(fft_length[0]))  # (10)


def complex_abs(x):
    return np.hypot(np.real(x), np.imag(x))  # (11)


def angle(input):
    return np.arctan2(np.imag(input), np.real(input))  # (12)


def conjugate_transpose(x, perm):
    return np.conj(np.transpose(x, [int(n) for n in perm]))  # (13)


def rfft2d(input, fft_length):
    """As ``rfft``, and along the axis before the last as ``fft``."""
    return np.fft.rfft2(input, [int(n) for n in fft_length])  # (14)


def irfft2d(input, fft_length):
    return np.fft.irfft2(input, [int(n) for n in fft_length])  # (15)


def fft3d(input):
    return np.fft.fftn(input, axes=(-3, -2, -1))  # (16)


def ifft3d(input):
    return np.fft.ifftn(input, axes=(-3, -2, -1))  # (17)
