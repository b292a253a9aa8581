"""Chains to datasets: gather, check, tiers, dataset."""
