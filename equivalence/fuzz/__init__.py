"""Random honest runs: none of them may be called different."""
