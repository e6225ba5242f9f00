"""The tables from Parquet files."""
