"""Files by their names and first bytes, and files that are written.

`paths` (what may be given as a path), `find` (which file is which table), `kinds` (what a file is
that is no table), `whole` (files that are there whole or not at all).
"""
