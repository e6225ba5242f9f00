"""Files and databases: loaders for the frames that the core takes, and writers for reports."""
