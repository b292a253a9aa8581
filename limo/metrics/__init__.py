"""The figures: statistics with intervals, evaluation, plots, and the samples and provenance that the report shows."""
