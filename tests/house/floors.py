"""The floors of limo, from the ground up: a package imports from the floors below its own, and from itself."""

FLOORS = (
    ("base", "params"),
    ("lines", "graph", "models", "answers"),
    ("quality",),
    ("store", "problems", "chains", "training", "metrics", "release"),
    ("sources", "generation", "explain"),
    ("own", "plan", "proof", "compare"),
    ("report", "commands"),
    ("cli",),
)
