"""The tables from CSV files."""
