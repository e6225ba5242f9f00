"""The tables from a database, and reports into one."""
