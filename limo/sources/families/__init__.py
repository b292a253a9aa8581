"""Our own generator of problems: drawn numbers, stories around them, worked solutions."""
