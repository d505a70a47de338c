"""`make run`: every part of Tollway on one machine, under one process manager.

`run` is the program; it reads as a table of contents of this package.
"""
