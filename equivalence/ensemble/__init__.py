"""Ensembles: hundreds of nets in one run, and how fast they are verified.

nets           a Program of many nets; one net of it alone
runner         TensorFlow's side of it
free_running   both sides side by side in blocks, compared at every step
certified      the certificate of every net; a failing one cut out and run alone
naive          the loops that people write, to be measured against
throughput     the measurements of ``equivalence throughput``
measurement    what they came to
report         what is printed
command        the command
"""
