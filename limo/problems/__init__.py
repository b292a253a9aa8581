"""Raw problems to a pool: canonical text, labels, duplicates, families, decontamination, shards, selection."""
