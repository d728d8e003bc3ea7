"""Products of matrices, and of many of them at once."""

import numpy as np


def mat_mul(a, b, *, transpose_a, transpose_b):
    return (a.T if transpose_a else a) @ (b.T if transpose_b else b)  # (1)


def batch_mat_mul(x, y, *, adj_x, adj_y):
    return (x.mT if adj_x else x) @ (y.mT if adj_y else y)  # (2)


def einsum(inputs, *, equation):
    """Sums of products; what stands twice in the result is a diagonal, beside it is 0.

    What one tensor alone has is summed before it is multiplied.
    """
    if "." in equation:
        return np.einsum(equation, *inputs, optimize=True)
    terms, result = equation.replace(" ", "").split("->")
    terms, parts = terms.split(","), list(inputs)
    if len(parts) == 2:
        for k, beside in enumerate(terms[::-1]):
            left = "".join(letter for letter in terms[k] if letter in beside + result)
            if left != terms[k]:
                parts[k] = np.einsum(
                    f"{terms[k]}->{''.join(dict.fromkeys(left))}", parts[k]
                )
                terms[k] = "".join(dict.fromkeys(left))
    once = "".join(dict.fromkeys(result))
    found = np.einsum(f"{','.join(terms)}->{once}", *parts, optimize=True)  # (3)
    return found if once == result else _on_diagonals(found, once, result)


def _on_diagonals(found, once, result):
    """Return an array with axes as the letters of a result, of which some are the same."""
    grids = np.ogrid[tuple(slice(found.shape[once.index(letter)]) for letter in result)]
    first = [grids[result.index(letter)] for letter in result]
    there = np.all(np.broadcast_arrays(*(a == b for a, b in zip(grids, first))), axis=0)
    spread = found[tuple(first[result.index(letter)] for letter in once)]
    return np.where(there, spread, np.zeros_like(spread))


def cross(a, b):
    """The product of three numbers with three that is at right angles to both."""
    x, y, z = (a[..., k] for k in range(3))
    u, v, w = (b[..., k] for k in range(3))
    return np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=-1)  # (4)


def batch_mat_mul_of(x, y, *, adj_x, adj_y, Tout):
    """Whole numbers of few bits are multiplied and added in those of the result."""
    if np.dtype(Tout).kind in "iu":
        x, y = x.astype(Tout), y.astype(Tout)  # (5)
    return batch_mat_mul(x, y, adj_x=adj_x, adj_y=adj_y)  # (6)
