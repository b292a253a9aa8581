import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.answers.verify import Verdict
from limo.base.tables import frame
from limo.chains import gather, rounds
from limo.chains.check import check
from limo.graph.schemas import ATTEMPT, CHAIN, POOL, POOL_REJECTED, TRACE
from limo.problems.known import merged
from tests.chains.world import attempt, problem, table

NONE = pl.DataFrame(schema={**POOL_REJECTED, "problem": pl.String})


def test_a_row_that_was_merged_into_a_problem_lends_it_its_solution_and_author():
    first, copy = problem(1, [("official", "so 1")]), problem(91, [("official", "count: 1"), ("again", "so 1")])
    pool = table([{**first, "duplicates": ["hard:s91"]}], POOL)
    lost = {**copy, "source": "hard", "licence": "CC-BY-4.0", "rejected": "duplicate: near", "match": "easy:s1"}
    other = {**problem(92, [("official", "no")]), "rejected": "conflicting answers: 1 | 2", "match": "easy:s1"}
    rejected = table([lost, other], POOL_REJECTED)
    found = gather.from_solutions(pool, merged(pool.lazy(), rejected.lazy()).collect())
    assert found.select("id", "origin", "chain", "author", "chain_licence").rows() == [
        ("p01", "solution:official", "so 1", "easy", "MIT"),
        ("p01", "hard:s91 solution:official", "count: 1", "hard", "CC-BY-4.0"),
    ]


def test_an_import_keeps_author_licence_and_claim_of_every_distinct_text():
    same = {"author": "R1", "author_kind": "model", "source_revision": "c0ffee", "licence": "Apache-2.0"}
    rows = [
        {"id": "p01", "sample": 0, "text": "so 1", "stop": None, "claimed": "correct"},
        {"id": "p01", "sample": 1, "text": "so 1", "stop": "eos", "claimed": None},
        {"id": "p02", "sample": 0, "text": "hm", "stop": "length", "claimed": "wrong"},
        {"id": "p03", "sample": 0, "text": None, "correct": 1, "drawn": 2},
    ]
    traces = table([{**dict.fromkeys(TRACE), **same, **row} for row in rows], TRACE).drop("rejected")
    found = gather.from_traces(traces, "open")
    assert found.select("id", "teacher", "origin", "stop", "claimed").rows() == [
        ("p01", "open", "import:0", None, "correct"),
        ("p02", "open", "import:0", "length", "wrong"),
    ]
    assert set(found.select("author", "author_kind", "chain_revision", "chain_licence").rows()) == {
        ("R1", "model", "c0ffee", "Apache-2.0")
    }


def test_worked_solutions_of_every_row_become_chains():
    pool = table([problem(1, [("terse", "so 1"), ("stepwise", "first 1"), ("checked", "so 1")]), problem(2)], POOL)
    found = gather.from_solutions(pool, NONE)
    assert found.select("id", "teacher", "origin", "chain").rows() == [
        ("p01", "solutions", "solution:terse", "so 1"),
        ("p01", "solutions", "solution:stepwise", "first 1"),
    ]
    assert found["seed"].to_list() == [None, None]
    assert set(found["stop"]) == {"eos"}


def test_only_correct_attempts_become_chains_and_the_lowest_sample_of_a_text_stays():
    rows = [
        attempt("p01", 10, "same"),
        attempt("p01", 2, "same"),
        attempt("p01", 3, "other"),
        attempt("p01", 4, "no", "wrong"),
        attempt("p02", 1, "same"),
    ]
    found = gather.from_attempts(table(rows, ATTEMPT))
    assert found.select("id", "origin", "seed", "teacher").rows() == [
        ("p01", "sample:2", 1002, "tiny"),
        ("p01", "sample:3", 1003, "tiny"),
        ("p02", "sample:1", 1001, "tiny"),
    ]


def test_samples_keep_wrong_and_cut_completions_for_check_to_judge():
    rows = [attempt("p01", 0, "a", "wrong"), attempt("p01", 1, "b", stop="length")]
    found = gather.from_samples(table(rows, ATTEMPT), "tutor", 0)
    assert found.select("teacher", "stop").rows() == [("tutor", "eos"), ("tutor", "length")]


def test_an_empty_attempts_table_gives_an_empty_chain_table():
    assert gather.from_samples(table([], ATTEMPT), "tutor", 0).schema == CHAIN


def test_the_same_text_for_two_problems_is_two_chains():
    assert gather.chain_id("p01", "so 1") != gather.chain_id("p02", "so 1")
    assert len(gather.chain_id("p01", "so 1")) == 16


def test_merge_keeps_the_first_teacher_of_a_shared_text():
    pool = table([problem(1, [("terse", "so 1")])], POOL)
    sampled = gather.from_samples(table([attempt("p01", 0, "so 1"), attempt("p01", 1, "hm 1")], ATTEMPT), "tutor", 0)
    in_order = [chains.sort("chain_id").iter_slices(1) for chains in (gather.from_solutions(pool, NONE), sampled)]
    found = pl.concat(rounds.merged(in_order))
    assert sorted(found.select("teacher", "chain").rows()) == [("solutions", "so 1"), ("tutor", "hm 1")]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "y", "z"])), max_size=30))
def test_distinct_chains_are_the_distinct_pairs_of_problem_and_text(pairs):
    rows = [attempt(identifier, number, text) for number, (identifier, text) in enumerate(pairs)]
    found = gather.from_samples(table(rows, ATTEMPT), "tutor", 0)
    assert sorted(found.select("id", "chain").rows()) == sorted(set(pairs))


def test_check_judges_each_chain_against_its_own_problem():
    pool = table([problem(1, [("terse", "so 1")]), problem(2, [("terse", "so 1")])], POOL)
    asked = []

    def verify(items):
        asked.extend(items)
        return [
            Verdict("correct" if item.gold in item.response else "wrong", item.response[-1], "spelling")
            for item in items
        ]

    checked = check(gather.from_solutions(pool, NONE), pool.rows_by_key("id", named=True, unique=True), verify)
    assert [(item.gold, item.response, item.stop) for item in asked] == [("1", "so 1", "eos"), ("2", "so 1", "eos")]
    assert all(item.question for item in asked)
    assert checked["rule"].to_list() == ["spelling", "spelling"]
    assert checked["verdict"].to_list() == ["correct", "wrong"]
    assert checked["extracted"].to_list() == ["1", "1"]


def test_check_names_a_chain_without_a_problem():
    stray = gather.from_samples(table([attempt("gone", 0, "x")], ATTEMPT), "tutor", 0)
    with pytest.raises(ValueError, match=r"teacher tutor is for problem gone.*dvc repro"):
        check(stray, {"p01": problem(1)}, lambda items: [])


def test_frames_are_chain_frames():
    assert frame([], CHAIN).schema == gather.from_solutions(table([problem(1)], POOL), NONE).schema
