"""The command ``equivalence``: ``parser`` says what may be typed."""

from equivalence.cli.parser import console_script, main

__all__ = ["console_script", "main"]
