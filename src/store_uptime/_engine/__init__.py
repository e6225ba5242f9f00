"""Tables become numbers, on one axis."""
