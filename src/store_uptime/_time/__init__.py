"""Time without stores or polls: instants and zones."""
