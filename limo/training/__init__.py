"""A dataset to a model: exact packed batches, ZeRO-3 loop, held-out loss, checkpoints, nodes."""
