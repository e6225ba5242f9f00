"""What is made of results alone: sums over groups of stores. No room here reads polls or hours."""
