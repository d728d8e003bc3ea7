"""The tables of planted defects, a file for each part of the trees."""
