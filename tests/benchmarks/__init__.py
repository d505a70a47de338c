"""Measurements beside peers in one run: `make bench`. Nothing here asserts anything, and pytest collects nothing."""
