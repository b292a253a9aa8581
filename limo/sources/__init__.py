"""Publishers' rows to problems: champ, families/ (our generator), gym (reasoning-gym), hub, local files, layouts."""
