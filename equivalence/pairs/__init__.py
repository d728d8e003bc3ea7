"""What is run: the tables of pairs, and their data."""
