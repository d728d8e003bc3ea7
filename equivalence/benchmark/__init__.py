"""How long a step takes: NumPy against TensorFlow's engines, on this machine.

``cases`` says what is measured, ``steppers`` takes the steps, ``benchmarks/`` times
them with pytest-benchmark, and ``python -m equivalence.benchmark FILE`` reads the
results: a table of ratios, the crossover, the growth, the floor, and charts.
"""
