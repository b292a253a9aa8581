"""What a chain is worth: steps, equalities, measures, gates, recipes, their validity."""
