"""Ordered, stored, early-stopping draws from a model, on any engine."""
