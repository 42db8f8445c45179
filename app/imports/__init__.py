"""Records from workbooks: a file enters, a dry run with every fault by row and column leaves, then all rows or none."""
