"""``python -m equivalence`` is the command ``equivalence``."""

from equivalence.cli import console_script

if __name__ == "__main__":
    console_script()
