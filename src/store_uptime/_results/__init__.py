"""What is made of results alone: sums over groups of stores, and what a timeline says.

No room here reads polls or hours.
"""
