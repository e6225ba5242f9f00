"""The tables from CSV files.

A file on its way: `content` (its text), `records` (lines to fields), `rows` with `tables` and
`spreadsheet` (fields to values, and what is refused), `load` and `groups` (the doors).
"""
