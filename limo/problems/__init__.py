"""Raw problems to a pool: canonical text, labels, duplicates, families, decontamination, shards, selection.

Who gives which reason for a rejection, in the order in which a row meets them:

- what the source says, such as `empty question`: `limo.sources.rows`, taken over by `pool.judged`
- `unverifiable: …`: `verifiable.unverifiable`
- `duplicate: exact`, `duplicate: near`: `dedup.merge`; near ones come from `clusters.clusters`, which asks `look.same`
- `conflicting answers: …`: `dedup.merge`, which compares the answers of a cluster
- `contaminated: exact`, `reworded`, `renamed`, `embedded`, `extended`: `decontaminate.contaminated`, which asks
  `leaks.leaked`
- `language: …`, `answer type: …`: `pool.decided`, by `language.languages` and `answer_type.kind`
- `template: more than N`: `pool.capped_rows`, by `template_families.families`
- `redundant: …`, `beyond size: N`: `select.select`, which the stage select runs later

`shards.build` runs all but the last one, over parts of the pool.
"""
