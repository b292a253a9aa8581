"""Under every stage: the deterministic Parquet writer and reader, whole files, clocks, templates, a Ray cluster."""
