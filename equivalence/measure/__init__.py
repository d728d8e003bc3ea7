"""Where the rows of the table of errors come from: ``scan`` measures, ``analysis`` derives."""
