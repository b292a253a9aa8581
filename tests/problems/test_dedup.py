import pytest

from limo.problems.alignment import similarity
from limo.problems.canonical import canonical
from limo.problems.core import core
from limo.problems.dedup import merge
from limo.problems.distinct import distinct
from tests.problems.rows import POOL_PARAMS, REWORDED, STORY, source_row, sources

NEAR = POOL_PARAMS.near


def merged(*rows: dict[str, object]) -> tuple[list[list[str]], list[tuple[str, str, str | None, float | None]]]:
    table = sources(*rows)
    _, problems = distinct(table["question"], NEAR, 1, "test")
    kept, rejected = merge(table, problems, POOL_PARAMS.source_rank, NEAR)
    names = [f"{row['source']}:{row['source_id']}" for row in rows]
    return [[names[row] for row in cluster] for cluster in kept], [(names[row], *reason) for row, reason in rejected]


def test_the_survivor_follows_source_rank_then_solutions_then_id() -> None:
    question, solution = "What is 2 + 3?", [{"style": "terse", "text": "5"}]
    kept, rejected = merged(
        source_row(question, "5", "second", "1", solutions=solution),
        source_row(question, "5.0", "first", "3"),
        source_row("What is $2+3$?", "5", "first", "2", solutions=solution),
        source_row(question, "5", "first", "1"),
    )
    assert kept == [["first:2", "first:1", "first:3", "second:1"]]
    assert rejected == [(name, "duplicate: exact", "first:2", 1.0) for name in ("first:1", "first:3", "second:1")]


def test_a_near_duplicate_names_its_survivor_and_their_similarity() -> None:
    story, reworded = STORY.format(a=3, b=4), REWORDED.format(a=3, b=4)
    kept, rejected = merged(source_row(story, "7"), source_row(reworded, "7", "second"))
    score = similarity(*(core(canonical(text)).tokens for text in (story, reworded)))
    assert kept == [["first:1", "second:1"]]
    assert rejected == [("second:1", "duplicate: near", "first:1", score)]
    assert NEAR.threshold <= score < 1


def test_conflicting_answers_reject_the_whole_cluster() -> None:
    question = "What is 2 + 3?"
    kept, rejected = merged(
        source_row(question, "5"), source_row(question, "5.0", source_id="2"), source_row(question, "6", "second")
    )
    reason = "conflicting answers: 5 | 5.0 | 6"
    assert kept == []
    assert rejected == [
        ("first:1", reason, "second:1", 1.0),
        ("first:2", reason, "second:1", 1.0),
        ("second:1", reason, "first:1", 1.0),
    ]


def test_many_conflicting_answers_make_a_short_reason() -> None:
    _, rejected = merged(*(source_row("What is it?", str(n), source_id=str(n)) for n in range(1000)))
    assert len(rejected) == 1000
    assert all(reason == "conflicting answers: 0 | 1 | 10 | 100 | 101 | 995 more" for _, reason, _, _ in rejected)


def test_an_unranked_source_is_named() -> None:
    with pytest.raises(ValueError, match=r"third:1: add its source to pool\.source_rank"):
        merged(source_row("What is 2 + 3?", "5", "third"))


def test_answers_in_another_form_are_no_conflict() -> None:
    question = "A box holds 4 red and 9 blue balls. What is the probability that two drawn balls are blue?"
    asked = question + " The answer is in the form m/n in lowest terms, please give m+n."
    options = question + r" \textbf{(A)}\ 1/2 \qquad \textbf{(B)}\ 6/13 \qquad \textbf{(C)}\ 2/3"
    kept, rejected = merged(
        source_row(question, "6/13"), source_row(asked, "19", "second"), source_row(options, "B", "second", "2")
    )
    assert kept == [["first:1", "second:1", "second:2"]]
    assert [reason for _, reason, *_ in rejected] == ["duplicate: near"] * 2
