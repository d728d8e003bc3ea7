"""What is kept and read: the results file, pictures and tables of it."""
