"""One problem's story, and the funnel, from the tables."""
