"""Every answer that a model has given, by the key of its request: segments, index, upkeep, exchange."""
