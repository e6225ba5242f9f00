"""A kit for the tests of host applications: data sets with a known truth, short texts, checks."""
