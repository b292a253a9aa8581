"""A user's own problems and responses: deduplicate, decontaminate, grade, ask a judge."""
