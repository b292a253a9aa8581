"""Attempts, pass counts and chains that others made."""
