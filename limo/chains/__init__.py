"""Chains to datasets: gather, check, features, score, tiers, dataset."""
