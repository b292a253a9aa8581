"""A model's folder: made by fetch, read by all that samples or trains."""
