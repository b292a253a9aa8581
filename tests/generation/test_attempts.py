import polars as pl
import pytest

from limo import params
from limo.base import tables
from limo.generation import attempts
from limo.graph.schemas import ATTEMPT, POOL, SCREENED
from tests import tiny_model

RULE = params.Draws(
    model="tiny",
    engine="local",
    system="Solve.",
    draws=4,
    min_correct=1,
    max_correct=2,
    lookahead=2,
    sampling=params.Sampling(temperature=1.0, top_p=1.0, max_tokens=6),
)
ENGINE = params.TransformersEngine(
    kind="transformers", device="cpu", dtype="float32", slots=3, max_length=128, threads=1
)
ANSWERS = params.Answers(extraction="flexible", workers=1, timeout_s=5.0, memory_mb=2048)

CONFIGURED = params.Params.model_construct(
    seed=5,
    engines={"local": ENGINE},
    plan=params.Plan.model_construct(
        engines={"local": params.DeviceCost(kind="devices", tokens_per_second=1.0, devices=2, price_per_hour=3e6)}
    ),
    answers=ANSWERS,
    generation=params.Generation(after=1000, max_truncated=1.0, max_unanswered=1.0),
    screen=RULE,
)


def _problems(names: str) -> pl.DataFrame:
    rows = [
        {
            **dict.fromkeys(POOL.names()),
            "id": name,
            "question": f"What is {number} + {number}?",
            "answer": str(2 * number),
            "duplicates": [],
            "solutions": [],
        }
        for number, name in enumerate(names)
    ]
    return tables.frame(rows, POOL)


def _counts(counts: dict[str, tuple[int, int]]) -> pl.DataFrame:
    rows = [(name, *found) for name, found in counts.items()]
    return pl.DataFrame(rows, schema={"id": pl.String, "correct": pl.Int64, "drawn": pl.Int64}, orient="row")


def test_the_band_keeps_and_rejects_with_counts():
    counts = _counts({"c": (3, 3), "a": (1, 4), "d": (0, 4), "b": (2, 4), "e": (1, 3)})
    found = attempts.band(counts, _problems("abcde"), RULE, "screen")
    assert found.schema == SCREENED
    assert found.select("id", "screen_correct", "screen_drawn", "screen_stopped", "rejected").rows() == [
        ("a", 1, 4, False, None),
        ("b", 2, 4, False, None),
        ("c", 3, 3, True, "too easy: 3 correct of 3 drawn"),
        ("d", 0, 4, False, "too hard: 0 correct of 4 drawn"),
        ("e", 1, 3, True, None),
    ]
    assert tables.kept(found).height + sum(tables.reasons(found).values()) == 5
    assert tables.reasons(found) == {"too easy": 1, "too hard": 1}


def test_a_problem_without_attempts_is_never_passed_over():
    with pytest.raises(AssertionError, match="a problem has no attempt"):
        attempts.band(_counts({"a": (0, 1)}), _problems("ab"), RULE, "screen")


def test_draws_of_a_model_come_back_in_order_from_engine_or_store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "store"))
    folder = tiny_model.save(tmp_path / "model")

    def draw(problems: pl.DataFrame, draws: int = 3) -> tuple[pl.DataFrame, dict[str, int]]:
        counts, tally = attempts.draw(
            problems,
            folder,
            "tiny",
            "local",
            lambda _: (draws, RULE.sampling),
            "Solve.",
            CONFIGURED,
            lambda _: False,
            2,
            "test",
            tmp_path / "attempts.parquet",
        )
        assert counts.select("id", "drawn").rows() == [(name, draws) for name in sorted(problems["id"])]
        table = tables.read(tmp_path / "attempts.parquet", ATTEMPT)
        assert (tally["money"] > 0) == (tally["drawn"] > 0)
        return table, {"drawn": tally["drawn"], "stored": tally["stored"]}

    problems = _problems("abcd")
    first, cost = draw(problems)
    assert first.schema == ATTEMPT
    assert cost == {"drawn": 12, "stored": 0}
    assert first.select("id", "sample").rows() == [(name, sample) for name in "abcd" for sample in range(3)]
    assert first["key"].n_unique() == first["seed"].n_unique() == 12
    assert set(first["verdict"]) <= {"correct", "wrong", "undecided", "truncated"}
    again, cost = draw(problems.reverse())
    assert again.equals(first)
    assert cost == {"drawn": 0, "stored": 12}
    more, cost = draw(problems.filter(pl.col("id") != "b"), draws=4)
    assert cost == {"drawn": 3, "stored": 9}
    assert more.filter(pl.col("sample") < 3).equals(first.filter(pl.col("id") != "b"))


def test_a_stage_decides_by_its_band(tmp_path, monkeypatch):
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    tiny_model.save(tmp_path / "models/base/tiny")
    out = tmp_path / "attempts.parquet"
    table, counts = attempts.decide(_problems("abcd"), "screen", RULE, CONFIGURED, out)
    assert counts["in"] == 4 == counts["kept"] + counts["rejected"]
    assert counts["rejected"] == 4  # a random model solves nothing
    assert tables.reasons(table) == {"too hard": 4}
    # After three wrong answers of four, one correct answer could still keep a problem: nothing may stop early.
    assert tables.read(out, ATTEMPT).height == counts["drawn"] == 16
    switched_off = RULE.model_copy(update={"min_correct": 0, "max_correct": 4})
    table, counts = attempts.decide(_problems("abcd"), "screen", switched_off, CONFIGURED, out)
    assert (tables.read(out, ATTEMPT).height, counts["kept"], counts["rejected"]) == (0, 4, 0)
    assert table["screen_drawn"].to_list() == [0, 0, 0, 0]
