"""The page to send: one file that shows a report, and what lies behind its numbers.

`behind` (computed with the report), `charts`, `words`, `figures` (fleet and outages), `stores` (the
table of all), `page` (all of it as one file) and `write` (the door).
"""
