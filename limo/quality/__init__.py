"""What a chain is worth: steps, equalities, measures, gates, votes, recipes, their validity."""
