"""Exact packed batches, the ZeRO-3 loop, the held-out loss, checkpoints and nodes."""
