import polars as pl

from limo.base import tables
from limo.graph import schemas
from limo.metrics import provenance, samples
from tests.chains import world


def chain(identifier, level, score, **changes):
    return {
        **dict.fromkeys(schemas.TIERS),
        "id": identifier,
        "chain_id": f"{identifier}-{level}-{score}",
        "chain": f"{identifier} at {level}",
        "level": level,
        "score": score,
        **changes,
    }


def test_the_samples_show_the_best_ranked_question_with_the_most_levels():
    rows = [
        *(chain("p01", level, level / 10, rank=1 if level == 2 else None) for level in (1, 2)),
        *(chain(f"p0{n}", level, level / 10, rank=n if level == 3 else None) for n in (3, 2) for level in (1, 2, 3)),
        chain("p02", 3, 0.9),
        chain("p02", 3, 1.0, rejected="overlength"),
    ]
    questions = world.table([world.problem(n) for n in (1, 2, 3)], schemas.QUESTIONS)
    found = samples.levels(tables.frame(rows, schemas.TIERS).lazy(), questions.lazy())
    assert [(row["level"], row["score"]) for row in found] == [(3, 0.9), (2, 0.2), (1, 0.1)]
    assert {row["question"] for row in found} == {"What is 2 + 0?"}


def test_without_levels_there_are_no_samples_of_them():
    questions = world.table([world.problem(1)], schemas.QUESTIONS)
    assert samples.levels(tables.frame([chain("p01", None, 0.1)], schemas.TIERS).lazy(), questions.lazy()) == []


def test_a_long_chain_is_cut_and_the_rest_counted():
    row = {**dict.fromkeys(schemas.DATASET), "id": "p01", "rank": 1, "solution": "x" * (samples.SHOWN + 7)}
    (found,) = samples.best(tables.frame([row], schemas.DATASET))
    assert (len(found["text"]), found["more"]) == (samples.SHOWN, 7)


def test_sources_are_counted_by_revision_and_licence():
    rows = [world.problem(n, source="easy") for n in (1, 2, 3)]
    pool = world.table(rows, schemas.POOL).lazy()
    rejected = world.table([world.problem(5, source="easy")], schemas.POOL_REJECTED).lazy()
    found = provenance.sources(pool, rejected, pool.filter(pl.col("id") == "p02"))
    key = {"source": "easy", "source_revision": "rev1"}
    assert found == [
        {**key, "licence": "Apache-2.0", "pool": 1, "rejected": 0, "released": 1},
        {**key, "licence": "MIT", "pool": 2, "rejected": 1, "released": 0},
    ]
