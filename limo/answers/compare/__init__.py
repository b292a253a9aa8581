"""Two parsed answers → whether they are equal, and by which rule."""
