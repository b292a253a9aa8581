"""A user's own problems and responses: deduplicate, decontaminate, label, grade, ask a judge."""
