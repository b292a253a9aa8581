"""LIMO as a data product: the library behind the stages and the command line."""

import os

# Threads that wait for work must sleep, not spin: with the default, a second busy process on the cores cuts sampling
# speed eightfold (docs/LOG.md). OpenMP reads this when torch is imported, so it stands before every import of ours.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
