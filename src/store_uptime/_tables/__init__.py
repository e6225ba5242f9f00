"""Any frame becomes a checked, canonical table."""
