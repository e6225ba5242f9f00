"""Files by their names and first bytes.

`paths` (what may be given as a path), `find` (which file is which table), `kinds` (what a file is
that is no table).
"""
