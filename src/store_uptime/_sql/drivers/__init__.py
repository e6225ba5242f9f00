"""A driver for each kind of connection."""
