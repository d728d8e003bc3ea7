"""Measure the largest rounding error of the elementary functions, in ULP.

The error of a result is |result - exact| / spacing, where the spacing is that
of the floats of the dtype in the binade of the exact result.  The exact result
is computed in float64 for float32 and in an extended longdouble (64 bits of
precision) for float64, so it is uncertain by at most 0.001 ULP.

Only normal inputs are measured, and results that are not so close to the smallest
normal number that their error may make them subnormal: TensorFlow flushes subnormal
numbers to zero, which is no rounding error.

Every scan has two parts.  The long part evaluates long arrays, whose elements
are computed by vector instructions.  The tail part evaluates arrays of 1 to 33
elements, since the last elements of an array that do not fill a vector may be
computed by other, scalar, code.

    python -m equivalence.measure.scan --exhaustive exp tanh
    python -m equivalence.measure.scan --stride 997 --platform xla

The command exits with status 1 if an error is above its row of ``table.ROWS``.
"""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from equivalence.arithmetic.errors import ROWS
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.arithmetic.special import wide_erf, wide_erfc

PLATFORMS = ("eigen", "xla", "numpy")
STRIDE = 997
SAMPLES = 1 << 22
TAILS = 1000
SEED = 20240229

_CHUNK = 1 << 21
_LONGEST_TAIL = 33
_PATTERNS = 1 << 32
_EXPONENT_OF_FLOAT64 = np.uint64(0x7FF << 52)
_CONSTANTS = (3.0, 7.0, 10.0, 0.9, 0.999, 1e-7, 49.0, 1000.0, 1.9999999)
_BASES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999)
_LARGEST_EXPONENT = 100_000
_AWAY_FROM_SUBNORMAL = 1 + 2.0**-12
_POWERS = ("power", "power_scalar")

Array = np.ndarray
Inputs = tuple[Array, ...]


@dataclass(frozen=True)
class Function:
    """One elementary function: how to evaluate it and where to sample it.

    `tensorflow` and `numpy` receive the module and the inputs; `exact` receives
    the inputs in a wider dtype.  `arity` counts the inputs; a function of one
    input can be scanned exhaustively in float32.  `domains` are the intervals
    from which random inputs are drawn, next to those with random bits.  A
    `single` function is evaluated on one number at a time, a `graph` function
    in a TensorFlow graph: it is its optimizer, as well as XLA, that replaces a
    division by a constant by a multiplication.  Of one that is not `compiled` only the
    kernels have rows: no run under XLA that calls it can be enclosed yet.
    """

    tensorflow: Callable[..., Any]
    exact: Callable[..., Array]
    numpy: Callable[..., Array] | None = None
    arity: int = 1
    domains: tuple[tuple[float, float], ...] = ((-4.0, 4.0),)
    single: bool = False
    graph: bool = False
    compiled: bool = True


@dataclass
class Worst:
    """Largest error seen so far, with its inputs, result and exact result."""

    ulp: float = 0.0
    inputs: tuple[float, ...] = ()
    result: float = float("nan")
    exact: float = float("nan")
    count: int = 0
    tail_ulp: float = 0.0

    def update(self, inputs: Inputs, result: Array, exact: Array) -> float:
        """Take the errors of `result` into account, return the largest."""
        errors, count = ulp_errors(inputs, result, exact)
        self.count += count
        index = int(errors.argmax())
        largest = float(errors[index])
        if largest > self.ulp:
            self.ulp = largest
            self.inputs = tuple(float(values[index]) for values in inputs)
            self.result = float(result[index])
            self.exact = float(exact[index])
        return largest


def ulp_errors(inputs: Inputs, result: Array, exact: Array) -> tuple[Array, int]:
    """Return the error of every result in ULP, and how many were measured.

    Results whose inputs are subnormal, or whose exact values are beyond the normal
    numbers, get error 0; a result that is NaN or infinite although the exact one is
    not, infinity.
    """
    limits = np.finfo(result.dtype)
    size = np.abs(exact)
    measured = _normal(exact, limits)
    for values in inputs:
        measured &= np.abs(values) >= limits.smallest_normal
    with np.errstate(all="ignore"):
        errors = np.abs(result - exact) / (_binade(size) * limits.eps)
    errors[np.isnan(errors)] = np.inf
    np.copyto(errors, 0, where=~measured)
    return errors.astype(np.float64, copy=False), int(np.count_nonzero(measured))


def _normal(exact: Array, limits: np.finfo) -> Array:
    """Tell which exact values stay normal numbers when they are rounded."""
    size = np.abs(exact)
    return (size >= limits.smallest_normal * _AWAY_FROM_SUBNORMAL) & (size <= limits.max)


def _binade(sizes: Array) -> Array:
    """Return the largest power of two that is not above each size."""
    if sizes.dtype == np.float64:
        return (sizes.view(np.uint64) & _EXPONENT_OF_FLOAT64).view(np.float64)
    _, exponents = np.frexp(sizes)
    return np.ldexp(np.ones((), sizes.dtype), exponents - 1)


def _logistic(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


def _divide_by(constant: float) -> Function:
    return Function(
        tensorflow=lambda tf, x: x / tf.constant(constant, x.dtype),
        exact=lambda x: x / constant,
        graph=True,
    )


FUNCTIONS: dict[str, Function] = {
    "add": Function(lambda tf, x, y: x + y, np.add, np.add, 2),
    "subtract": Function(lambda tf, x, y: x - y, np.subtract, np.subtract, 2),
    "multiply": Function(lambda tf, x, y: x * y, np.multiply, np.multiply, 2),
    "divide": Function(lambda tf, x, y: x / y, np.divide, np.divide, 2),
    "divide_by_constant": _divide_by(3.0),
    "square": Function(lambda tf, x: tf.square(x), np.square, np.square),
    "sqrt": Function(lambda tf, x: tf.sqrt(x), np.sqrt, np.sqrt, domains=((0.0, 4.0),)),
    "rsqrt": Function(
        lambda tf, x: tf.math.rsqrt(x),
        lambda x: 1 / np.sqrt(x),
        domains=((0.0, 4.0),),
    ),
    "exp": Function(
        lambda tf, x: tf.exp(x),
        np.exp,
        np.exp,
        domains=((-708.0, 709.5), (-1.0, 1.0)),
    ),
    "expm1": Function(
        lambda tf, x: tf.math.expm1(x),
        np.expm1,
        np.expm1,
        domains=((-40.0, 709.5), (-1.0, 1.0)),
    ),
    "log": Function(lambda tf, x: tf.math.log(x), np.log, np.log, domains=((0.0, 4.0), (0.9, 1.1))),
    "log1p": Function(
        lambda tf, x: tf.math.log1p(x),
        np.log1p,
        np.log1p,
        domains=((-1.0, 4.0), (-0.5, 0.5)),
    ),
    "tanh": Function(
        lambda tf, x: tf.tanh(x), np.tanh, np.tanh, domains=((-20.0, 20.0), (-1.0, 1.0))
    ),
    "cos": Function(lambda tf, x: tf.cos(x), np.cos, np.cos, domains=((0.0, np.pi), (-15.0, 15.0))),
    "sin": Function(lambda tf, x: tf.sin(x), np.sin, np.sin, domains=((0.0, np.pi), (-15.0, 15.0))),
    "sigmoid": Function(
        lambda tf, x: tf.sigmoid(x),
        _logistic,
        domains=((-708.0, 40.0), (-40.0, 40.0)),
    ),
    "softplus": Function(
        lambda tf, x: tf.math.softplus(x),
        lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
        domains=((-708.0, 40.0), (-40.0, 40.0)),
    ),
    "erfc": Function(
        lambda tf, x: tf.math.erfc(x),
        wide_erfc,
        domains=((-6.0, 26.0), (-1.0, 1.0), (-6.0, 6.0)),
    ),
    "erf": Function(lambda tf, x: tf.math.erf(x), wide_erf, domains=((-4.0, 4.0), (-1.0, 1.0))),
    "sinh": Function(
        lambda tf, x: tf.sinh(x), np.sinh, np.sinh, domains=((-20.0, 20.0),), compiled=False
    ),
    "cosh": Function(
        lambda tf, x: tf.cosh(x), np.cosh, np.cosh, domains=((-20.0, 20.0),), compiled=False
    ),
    "tan": Function(lambda tf, x: tf.tan(x), np.tan, np.tan, domains=((-15.0, 15.0),)),
    "asin": Function(
        lambda tf, x: tf.asin(x), np.arcsin, np.arcsin, domains=((-1.0, 1.0),), compiled=False
    ),
    "acos": Function(lambda tf, x: tf.acos(x), np.arccos, np.arccos, domains=((-1.0, 1.0),)),
    "atan": Function(lambda tf, x: tf.atan(x), np.arctan, np.arctan, domains=((-9.0, 9.0),)),
    "asinh": Function(
        lambda tf, x: tf.asinh(x),
        np.arcsinh,
        np.arcsinh,
        domains=((-20.0, 20.0), (-1.0, 1.0)),
    ),
    "acosh": Function(
        lambda tf, x: tf.acosh(x),
        np.arccosh,
        np.arccosh,
        domains=((1.0, 20.0), (1.0, 1.1)),
    ),
    "atanh": Function(lambda tf, x: tf.atanh(x), np.arctanh, np.arctanh, domains=((-1.0, 1.0),)),
    "power": Function(lambda tf, x, y: tf.pow(x, y), np.power, np.power, 2),
    "power_scalar": Function(
        lambda tf, x, y: tf.pow(x, y), np.power, lambda x, y: x**y, 2, single=True
    ),
}


@functools.cache
def evaluator(name: str, platform: str, constant: float = 3.0) -> Callable[..., Array]:
    """Return a function from NumPy arrays to the platform's NumPy result."""
    function = FUNCTIONS[name]
    if name == "divide_by_constant":
        function = _divide_by(constant)
    evaluate = function.numpy if platform == "numpy" else _on_tensors(function, platform)
    if evaluate is None:
        raise ValueError(f"NumPy has no function {name}")
    if not function.single:
        return evaluate

    def on_singles(*inputs: Array) -> Array:
        rows = zip(*inputs, strict=True)
        return np.array([evaluate(*row) for row in rows], inputs[0].dtype)

    return on_singles


def _on_tensors(function: Function, platform: str) -> Callable[..., Array]:
    tf = _tensorflow()

    def operation(*inputs: Any) -> Any:
        return function.tensorflow(tf, *inputs)

    if platform == "xla" or function.graph:
        operation = tf.function(operation, jit_compile=platform == "xla", autograph=False)

    def evaluate(*inputs: Array) -> Array:
        with tf.device("/CPU:0"):
            return operation(*(tf.constant(values) for values in inputs)).numpy()

    return evaluate


@functools.cache
def _tensorflow() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    return tf


def _on_one_thread() -> None:
    """Leave the other cores to other scans; to be called before TensorFlow starts."""
    threading = _tensorflow().config.threading
    threading.set_intra_op_parallelism_threads(1)
    threading.set_inter_op_parallelism_threads(1)


def exact(name: str, inputs: Inputs, constant: float = 3.0) -> Array:
    """Return the function of the inputs in a dtype that is wider than theirs."""
    wide = np.float64 if inputs[0].dtype == np.float32 else np.longdouble
    function = FUNCTIONS[name]
    if name == "divide_by_constant":
        # The constant as the narrow dtype holds it.
        function = _divide_by(float(inputs[0].dtype.type(constant)))
    with np.errstate(all="ignore"):
        return function.exact(*(values.astype(wide) for values in inputs))


def random_inputs(name: str, dtype: str, size: int, generator: np.random.Generator) -> Inputs:
    """Draw inputs: a half with random bits, the other half from the domains."""
    if name in _POWERS:
        return _random_powers(dtype, size, generator)
    function = FUNCTIONS[name]
    integer = f"u{np.dtype(dtype).itemsize}"
    domains = np.array(function.domains)
    inputs = []
    for _ in range(function.arity):
        low, high = domains[generator.integers(0, len(domains), size)].T
        uniform = (low + (high - low) * generator.random(size)).astype(dtype)
        bits = generator.integers(0, np.iinfo(integer).max, size, integer, True)
        inputs.append(np.where(generator.random(size) < 0.5, uniform, bits.view(dtype)))
    return tuple(inputs)


def _random_powers(dtype: str, size: int, generator: np.random.Generator) -> Inputs:
    """Draw bases in [0.5, 1) and exponents whose power is a normal number."""
    bases = np.where(
        generator.random(size) < 0.5,
        generator.choice(_BASES, size),
        generator.uniform(0.5, 1.0, size),
    )
    longest = np.log(np.finfo(dtype).smallest_normal) / np.log(bases)
    longest = np.clip(np.floor(longest), 1, _LARGEST_EXPONENT)
    exponents = np.ceil(longest * generator.random(size))
    return bases.astype(dtype), np.maximum(exponents, 1).astype(dtype)


def _strided_inputs(stride: int) -> Iterator[Inputs]:
    """Yield all float32 numbers, or every `stride`-th of them, in chunks."""
    for start in range(0, _PATTERNS, _CHUNK * stride):
        stop = min(start + _CHUNK * stride, _PATTERNS)
        bits = np.arange(start, stop, stride, dtype=np.uint64).astype(np.uint32)
        yield (bits.view(np.float32),)


def _random_chunks(name: str, dtype: str, samples: int) -> Iterator[Inputs]:
    generator = np.random.default_rng(SEED)
    for start in range(0, samples, _CHUNK):
        yield random_inputs(name, dtype, min(_CHUNK, samples - start), generator)


def _tail_inputs(name: str, dtype: str, tails: int) -> Iterator[Inputs]:
    """Yield arrays of 1 to 33 elements."""
    generator = np.random.default_rng(SEED + 1)
    for index in range(tails):
        length = 1 + index % _LONGEST_TAIL
        yield random_inputs(name, dtype, length, generator)


def scan(
    function: str,
    platform: str,
    dtype: str,
    *,
    stride: int | None = STRIDE,
    samples: int = SAMPLES,
    tails: int = TAILS,
    constant: float = 3.0,
    advance: Callable[[float], None] = lambda fraction: None,
) -> Worst:
    """Return the largest error of a function on a platform in a dtype.

    A float32 function of one input is scanned at every `stride`-th float; 1
    means all of them, and None random inputs instead.  Everything else is
    scanned at `samples` random inputs.  `tails` short arrays follow.  `advance`
    is called with the fraction of the work that was done since the last call.
    """
    if platform not in PLATFORMS or dtype not in DTYPES:
        raise ValueError(f"no scan for platform {platform} and dtype {dtype}")
    evaluate = evaluator(function, platform, constant)
    if FUNCTIONS[function].single:
        samples = min(samples, tails * _LONGEST_TAIL)
    if FUNCTIONS[function].arity == 1 and dtype == "float32" and stride is not None:
        chunks, total = _strided_inputs(stride), _PATTERNS / (_CHUNK * stride)
    else:
        chunks, total = _random_chunks(function, dtype, samples), samples / _CHUNK
    worst = Worst()
    with np.errstate(all="ignore"):
        for inputs in chunks:
            values = exact(function, inputs, constant)
            if _normal(values, np.finfo(dtype)).any():
                worst.update(inputs, evaluate(*inputs), values)
            advance(1 / max(total, 1))
        for inputs in _tail_inputs(function, dtype, tails):
            values = exact(function, inputs, constant)
            largest = worst.update(inputs, evaluate(*inputs), values)
            worst.tail_ulp = max(worst.tail_ulp, largest)
    return worst


def scan_constants(
    platform: str,
    dtype: str,
    *,
    advance: Callable[[float], None] = lambda fraction: None,
    **how: Any,
) -> Worst:
    """Return the largest error of a division over a few constant divisors."""
    found = [
        scan(
            "divide_by_constant",
            platform,
            dtype,
            constant=constant,
            advance=lambda fraction: advance(fraction / len(_CONSTANTS)),
            **how,
        )
        for constant in _CONSTANTS
    ]
    return max(found, key=lambda worst: worst.ulp)


def bound_at(function: str, platform: str, dtype: str, exact: float) -> float | None:
    """Return the bound that the table gives at an exact result, None without a row."""
    ulp = {row.function: row.ulp for row in ROWS if (row.platform, row.dtype) == (platform, dtype)}
    if function not in ulp:
        return None
    per_log2 = ulp.get(f"{function}_per_log2", 0.0)
    return ulp[function] + (per_log2 * abs(float(np.log2(abs(exact)))) if per_log2 else 0.0)


def main(arguments: list[str] | None = None) -> int:
    """Measure the rows that the command line names and print them."""
    options = _parse(arguments)
    _on_one_thread()
    how = {"stride": options.stride, "samples": options.samples, "tails": options.tails}
    table = Table("function", "platform", "dtype", "bound", "worst", "short arrays", "at")
    above = 0
    cases = list(_cases(options))
    console = Console()
    with Progress(console=console, transient=True) as progress:
        everything = progress.add_task("all", total=len(cases))
        advance = functools.partial(progress.advance, everything)
        for function, platform, dtype in cases:
            progress.update(everything, description=f"{function} {platform} {dtype}")

            measure = _measurement(function)
            worst = measure(platform, dtype, advance=advance, **how)
            bound = bound_at(function, platform, dtype, worst.exact)
            exceeds = bound is not None and worst.ulp > bound
            above += exceeds
            table.add_row(
                function,
                platform,
                dtype,
                "no row" if bound is None else f"{bound:.4g}",
                f"{worst.ulp:.4f}" + (" ABOVE" if exceeds else ""),
                f"{worst.tail_ulp:.4f}",
                ", ".join(map(repr, worst.inputs)),
            )
    console.print(table)
    return int(above > 0)


def _measurement(function: str) -> Callable[..., Worst]:
    if function == "divide_by_constant":
        return scan_constants
    return functools.partial(scan, function)


def _cases(options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    for function in options.functions or FUNCTIONS:
        for platform in options.platform or PLATFORMS:
            if platform == "numpy" and FUNCTIONS[function].numpy is None:
                continue
            for dtype in options.dtype or DTYPES:
                yield function, platform, dtype


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m equivalence.measure.scan", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help=", ".join(FUNCTIONS))
    parser.add_argument("--platform", action="append", choices=PLATFORMS)
    parser.add_argument("--dtype", action="append", choices=DTYPES)
    density = parser.add_mutually_exclusive_group()
    density.add_argument(
        "--exhaustive",
        dest="stride",
        action="store_const",
        const=1,
        help="every float32 (about 100 s for a function and platform)",
    )
    density.add_argument(
        "--stride", type=_positive, default=STRIDE, help="every STRIDE-th float32 (%(default)s)"
    )
    parser.add_argument(
        "--samples", type=_positive, default=SAMPLES, help="random float64 inputs (%(default)s)"
    )
    parser.add_argument(
        "--tails", type=_positive, default=TAILS, help="arrays of 1 to 33 elements (%(default)s)"
    )
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.functions) - set(FUNCTIONS))
    if unknown:
        parser.error(f"no function {', '.join(unknown)}; there are {', '.join(FUNCTIONS)}")
    return options


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not positive")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
