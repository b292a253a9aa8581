"""What a run will cost, exactly, and what training will need."""
