"""Loaders: from files and databases to the frames that the core takes."""
