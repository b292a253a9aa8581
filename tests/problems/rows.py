"""Rows of the tables that the pool and the selection read, with everything but the text filled in."""

from typing import Any

import polars as pl

from limo.base.tables import frame
from limo.graph.schemas import BENCHMARK, RATED, SOURCE
from limo.params import Decontamination, Families, Near, Pool
from limo.problems.canonical import problem_id
from tests.asked import asked

POOL_PARAMS = Pool(
    max_characters=4000,
    workers=1,
    shards=1,
    cluster=None,
    source_rank=["first", "second"],
    near=Near(shingle=2, permutations=64, bands=32, threshold=0.5),
    decontamination=Decontamination(ngram=4, threshold=0.3, similarity=0.5),
    languages=None,
    answer_types=None,
    families=Families(shingle=2, permutations=64, bands=32, similarity=0.4, cap=None),
)

STORY = "Mia has {a} red apples in her basket and gets {b} more from her friend Tom on Monday. How many does she have?"
REWORDED = (
    "Lena has {a} red apples in her basket and gets {b} more from her friend Tom on Sunday. How many does she have?"
)


def source_row(
    question: str, answer: str | None, source: str = "first", source_id: str = "1", **more: Any
) -> dict[str, Any]:
    return {
        "id": problem_id(question),
        "question": question,
        "answer": answer,
        "solutions": [],
        "domain": "numbers",
        "level": 1,
        "source": source,
        "source_id": source_id,
        "source_revision": "r1",
        "licence": "MIT",
        "rejected": None,
        **more,
    }


def sources(*rows: dict[str, Any]) -> pl.DataFrame:
    return frame(rows, SOURCE)


def benchmarks(*questions: str) -> pl.DataFrame:
    return frame(
        [asked("exam", str(number), question, "1") for number, question in enumerate(questions)],
        BENCHMARK,
    )


def rated(*rows: tuple[str, str | None, int | None]) -> pl.DataFrame:
    """Kept RATED rows of (question, domain, level)."""
    labels = {"language": "en", "answer_type": "integer", "family": None, "duplicates": []}
    counts = {"screen_correct": 0, "screen_drawn": 2, "screen_stopped": False, "screen_claimed": False}
    counts |= {"rate_correct": 1, "rate_drawn": 6, "rate_stopped": False, "rate_claimed": False}
    counts |= {"rater": "small", "raters": []}
    return frame(
        [
            {**source_row(question, "1", domain=domain, level=level), "subject": domain or "other", **labels, **counts}
            for question, domain, level in rows
        ],
        RATED,
    ).drop("rejected")
