import pytest

from limo.problems.canonical import problem_id
from limo.problems.decontaminate import contaminated, reasons
from limo.problems.distinct import distinct
from tests.problems.rows import POOL_PARAMS, benchmarks

P = POOL_PARAMS.decontamination
EXAM = (
    "A farmer has 17 sheep on the hill and sells all of them but 9 at the market. How many sheep does the farmer keep?"
)


def hits(*questions: str, guarded: str = EXAM) -> list[tuple[str, str | None, float | None] | None]:
    table = benchmarks("What is 1 + 1?", guarded)
    names = {row["id"]: f"exam:{row['source_id']}" for row in table.iter_rows(named=True)}
    ids, problems = distinct(questions, POOL_PARAMS.near, 1, "test")
    _, protected = distinct(table["question"], POOL_PARAMS.near, 1, "test")
    rejected = reasons(contaminated(problems, protected, P), names).rows_by_key("id", unique=True)
    assert rejected.keys() <= set(ids)
    return [rejected.get(identity) for identity in ids]


def test_the_same_text_is_an_exact_hit() -> None:
    assert (
        hits(EXAM, EXAM.replace("17", "$17$") + " Let's think step by step.")
        == [("contaminated: exact", "exam:1", 1.0)] * 2
    )


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        (EXAM.replace("farmer keep", "farmer still have"), "reworded"),
        (EXAM.replace("A farmer", "One day, a farmer"), "reworded"),
        (EXAM + " Give the answer plus m and n.", "reworded"),
        ("Read this story with care. " + EXAM, "reworded"),
        ("A shop has 5 shelves with 12 books each. " + EXAM + " And how many legs do 9 sheep have?", "embedded"),
    ],
)
def test_reworded_suffixed_and_embedded_copies_are_hits(question: str, rule: str) -> None:
    (hit,) = hits(question)
    assert hit is not None
    reason, match, score = hit
    assert (reason, match) == (f"contaminated: {rule}", "exam:1")
    assert score is not None
    assert P.similarity <= score <= 1


@pytest.mark.parametrize(
    "question",
    [
        EXAM.replace("17", "18"),
        EXAM.replace("9", "8"),
        "A farmer has many cows. How many sheep does the farmer keep?",
        "What is 1 + 2?",
        "",
    ],
)
def test_other_numbers_and_shared_phrases_are_no_hits(question: str) -> None:
    assert hits(question) == [None]


def test_a_benchmark_that_holds_the_problem_counts_too() -> None:
    longer = EXAM + " Write your answer as a fraction of the form m/n and give the sum m+n."
    assert [hit and hit[0] for hit in hits(EXAM, guarded=longer)] == ["contaminated: reworded"]


def test_the_best_match_is_reported() -> None:
    _, problems = distinct([EXAM + " Say so."], POOL_PARAMS.near, 1, "test")
    _, guarded = distinct([EXAM.replace("keep", "own"), EXAM], POOL_PARAMS.near, 1, "test")
    assert [hit.id for hit in contaminated(problems, guarded, P).values()] == [problem_id(EXAM)]
