"""Raw problems → a clean pool with labels, and the questions chosen of it."""
