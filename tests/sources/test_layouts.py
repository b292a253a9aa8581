import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from limo import params
from limo.sources import benchmarks
from limo.sources import rows as sources

FRAME = (
    "Solve the following math problem step by step. The last line of your response should be of the form Answer: "
    "$Answer (without quotes) where $Answer is the answer to the problem.\n\n%s\n\n"
    'Remember to put your answer on its own line after "Answer:".'
)
BOXED = r"Let's think step by step and output the final answer within \boxed{}."


def spec(path: Path, layout: str, **changes: Any) -> params.FileSource:
    values = {"answer_from": None, "where": {}, "limit": None, "licence": "MIT", **changes}
    return params.FileSource(kind="files", path=str(path), fields=layout, **values)


def read(folder: Path, layout: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return sources.rows("s", spec(path, layout), 1000)


def seen(table: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return table.select(*columns).rows()


def test_numinamath_answers_with_the_last_box_and_names_the_collection(tmp_path: Path) -> None:
    rows = [
        {"source": "olympiads", "problem": "Find 1+1.", "solution": r"\boxed{1}? No: \boxed{2}.", "messages": []},
        {"source": "cn_k12", "problem": "Show that 1 > 0.", "solution": "Clear.", "messages": []},
    ]
    found = read(tmp_path, "numinamath", rows)
    assert seen(found, "source_id", "answer", "domain", "rejected") == [
        ("olympiads line 1", "2", None, None),
        ("cn_k12 line 2", None, None, "no answer"),
    ]


def test_deepscaler_may_lack_solutions(tmp_path: Path) -> None:
    rows = [{"problem": "1+1?", "answer": "2", "solution": ""}, {"problem": "2+2?", "answer": "4", "solution": "So 4."}]
    found = read(tmp_path, "deepscaler", rows)
    assert [len(solutions) for solutions in found["solutions"]] == [0, 1]


def test_aime_of_benchmark_years_is_dropped_in_both_of_its_layouts(tmp_path: Path) -> None:
    table = tmp_path / "aime.csv"
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ID", "Year", "Problem Number", "Question", "Answer", "Part"])
        for year in (1983, 2023, 2024, 2025):
            writer.writerow([f"{year}-II-1", year, 1, f"Find\n{year}.", "007", "II"])
    found = sources.rows("s", spec(table, "aime"), 1000)
    assert seen(found, "source_id", "answer", "level", "rejected") == [
        ("1983-II-1", "007", 6, None),
        ("2023-II-1", "007", 6, None),
        ("2024-II-1", "007", 6, "AIME 2024: a benchmark"),
        ("2025-II-1", "007", 6, "AIME 2025: a benchmark"),
    ]
    rows = [
        {"problem": "1+1?", "solution": "2", "answer": "2", "year": 1999, "aime_number": 1, "problem_number": 4},
        {"problem": "2+2?", "solution": "4", "answer": "4", "year": 2024, "aime_number": 2, "problem_number": 5},
        {"problem": "3+3?", "solution": "6", "answer": "6", "year": None, "aime_number": 2, "problem_number": 5},
    ]
    found = read(tmp_path, "aime", rows)
    assert seen(found, "source_id", "rejected")[0] == ("1999-1-4", None)
    assert found["rejected"].to_list()[1:] == ["AIME 2024: a benchmark", "AIME of unknown year None"]


def test_math_refuses_its_test_split_row_by_row(tmp_path: Path) -> None:
    plain = {"problem": "1+1?", "level": "Level 1", "type": "Algebra", "solution": r"\boxed{2}"}
    verl = {
        "prompt": [{"role": "user", "content": f"2+2? {BOXED}"}],
        "reward_model": {"ground_truth": {"target": "", "solution": r"So \boxed{\text{four}}."}},
        "extra_info": {"index": 3, "split": "train"},
        "level": "Level 2",
        "type": "Algebra",
    }
    rows = [
        plain,
        {**plain, "unique_id": "test/algebra/7.json"},
        {**plain, "split": "test"},
        verl,
        {**verl, "extra_info": {"index": 3, "split": "test"}},
    ]
    found = read(tmp_path, "math", rows)
    refused = "row of a test split"
    assert found["rejected"].to_list() == [None, refused, refused, None, refused]
    columns = ("source_id", "question", "answer", "level")
    assert seen(found, *columns)[3] == ("train-3", "2+2?", r"\text{four}", 2)


def test_harp_keeps_all_solutions_and_drops_options_and_benchmarks(tmp_path: Path) -> None:
    row = {"year": "1999", "contest": "AMC_12A", "number": 10, "level": 3, "subject": "algebra", "problem": "1+1?"}
    row |= {"answer": "$2$", "multiple_choice_only": False, "num_solutions": 11, "solution_2": "b", "solution_10": "c"}
    row |= {"solution_1": "a"}
    rows = [row, {**row, "multiple_choice_only": True, "number": 11}, {**row, "contest": "AIME_I", "year": "2024"}]
    found = read(tmp_path, "harp", rows)
    assert found["rejected"].to_list() == [
        None,
        "multiple choice: the answer needs its options",
        "AIME 2024: a benchmark",
    ]
    assert found["source_id"][0] == "1999-AMC_12A-10"
    assert [solution["text"] for solution in found["solutions"][0]] == ["a", "b", "c"]


def test_verl_prompts_lose_the_words_around_a_problem(tmp_path: Path) -> None:
    texts = [
        FRAME % "1+1?",
        "Let's think step by step and output the final answer within \\boxed{}.\n\n1+1?",
        "Think step by step about 1+1?",
    ]
    rows = [
        {
            "prompt": [{"role": "user", "content": text}],
            "reward_model": {"ground_truth": "2", "style": "rule"},
            "extra_info": {"index": f"u{number}", "split": "train"},
        }
        for number, text in enumerate(texts)
    ]
    found = read(tmp_path, "verl", rows)
    assert found["question"].to_list() == ["1+1?", "1+1?", "Think step by step about 1+1?"]
    assert found["source_id"].to_list() == ["train-u0", "train-u1", "train-u2"]
    assert found["rejected"][2].startswith("prompt in unknown words")


def verl_row(prompt: Any = "1+1?", truth: Any = "2", **info: Any) -> dict[str, Any]:
    return {"prompt": prompt, "reward_model": {"ground_truth": truth}, "extra_info": info}


def test_a_prompt_may_be_a_text_or_turns_of_which_the_users_last_one_asks(tmp_path: Path) -> None:
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"}]
    shot = [{"role": "user", "content": "0+1?"}, {"role": "assistant", "content": "1"}, turns[1]]
    prompts = ["1+1?", turns, shot, json.dumps(turns), turns[1], FRAME % "1+1?"]
    found = read(tmp_path, "verl", [verl_row(prompt, index=n) for n, prompt in enumerate(prompts)])
    assert seen(found, "question", "rejected") == [("1+1?", None)] * len(prompts)
    found = read(tmp_path, "verl", [verl_row(), verl_row([]), verl_row(7)])
    assert found["rejected"].to_list() == [None, "not text: question", "not text: question"]


def test_a_truth_in_several_spellings_is_one_answer_and_different_ones_are_none(tmp_path: Path) -> None:
    truths = ['["34"]', ["34"], r'["\\frac{1}{2}", "0.5"]', r'["\frac{1}{2}"]', [2, 3], '["2", "3"]', "[2, 3]", "[]"]
    found = read(tmp_path, "verl", [verl_row("1+1?", truth, index=n) for n, truth in enumerate(truths)])
    differ = "several answers that differ: 2 | 3"
    half = r"\frac{1}{2}"
    assert found["answer"].to_list()[:4] == ["34", "34", half, half]
    assert found["rejected"].to_list() == [None, None, None, None, differ, differ, None, None]
    assert found["answer"].to_list()[6:] == ["[2, 3]", "[]"]


def test_an_id_is_made_of_the_parts_that_are_there(tmp_path: Path) -> None:
    rows = [verl_row(index=0), verl_row(index=0, split="train"), verl_row(split="train"), verl_row()]
    assert read(tmp_path, "verl", rows)["source_id"].to_list() == ["0", "train-0", "line 3", "line 4"]
    rows = [{**verl_row(index=0, split="train"), "data_source": name} for name in ("one", "two")]
    found = read(tmp_path, "verl", rows)
    assert seen(found, "source_id", "rejected") == [("one-train-0", None), ("two-train-0", None)]
    rows = [{"problem": "1+1?", "answer": "2", "year": 1999, "problem_number": n} for n in (4, None)]
    assert read(tmp_path, "aime", rows)["source_id"].to_list() == ["1999-4", "line 2"]


def test_numinamath_states_its_answer_and_what_it_doubts_since_1_5(tmp_path: Path) -> None:
    row = {
        "problem": "1+1?",
        "solution": r"So \boxed{3}.",
        "answer": "2",
        "problem_type": "Algebra",
        "source": "amc_aime",
    }
    row |= {"problem_is_valid": "Yes", "solution_is_valid": "Yes", "question_type": "math-word-problem"}
    changes: list[dict[str, Any]] = [
        {},
        {"answer": None},
        {"answer": "notfound"},
        {"problem_is_valid": "Incomplete"},
        {"solution_is_valid": "Problem not solved"},
        {"solution_is_valid": None, "problem_is_valid": True},
        {"question_type": "proof", "answer": "proof"},
        {"uuid": "u-7"},
    ]
    found = read(tmp_path, "numinamath", [{**row, **change} for change in changes])
    assert seen(found, "answer", "rejected") == [
        ("2", None),
        ("3", None),
        ("notfound", "no answer: notfound"),
        ("2", "problem_is_valid: Incomplete"),
        ("2", "solution_is_valid: Problem not solved"),
        ("2", None),
        ("proof", "proof"),
        ("2", None),
    ]
    assert (found["domain"][0], found["source_id"][0], found["source_id"][7]) == ("Algebra", "amc_aime line 1", "u-7")


def test_a_file_of_arrays_of_turns_has_their_places_as_columns(tmp_path: Path) -> None:
    row = [{"from": "human", "value": "1+1?"}, {"from": "assistant", "ground_truth": {"value": "2", "pass": 0.5}}]
    path = tmp_path / "turns.json"
    path.write_text(json.dumps([row, row[:1], ["1+1?"], []]))
    found = sources.rows("s", spec(path, "open_reasoner_zero"), 1000)
    assert seen(found, "question", "answer", "rejected")[0] == ("1+1?", "2", None)
    assert found["rejected"].to_list()[1:] == [
        "no column 1: not a row of layout open_reasoner_zero",
        "malformed row: turns.json row 3 (a list, no object)",
        "malformed row: turns.json row 4 (a list, no object)",
    ]
    names = params.Fields(
        question="0.value", answer="1.ground_truth.value", id=None, solution=None, domain=None, level=None
    )
    by_name = spec(path, "verl").model_copy(update={"fields": names, "answer_from": "field"})
    assert sources.rows("s", by_name, 1000)["answer"][0] == "2"


@pytest.mark.parametrize(
    ("layout", "row"),
    [
        ("verl", verl_row(index=1, split="test")),
        ("math", {"problem": "1+1?", "solution": r"\boxed{2}", "answer": "2", "unique_id": "test/algebra/1.json"}),
        ("aime", {"problem": "1+1?", "answer": "2", "year": 2024, "problem_number": 1}),
    ],
)
def test_a_test_split_is_refused_as_a_source_and_read_as_a_benchmark(
    tmp_path: Path, layout: str, row: dict[str, Any]
) -> None:
    assert read(tmp_path, layout, [row])["rejected"][0] in ("row of a test split", "AIME 2024: a benchmark")
    exam = params.Benchmark(
        source=spec(tmp_path / "rows.jsonl", layout),
        max_characters=1000,
        repairs=None,
        options="as_written",
        published=None,
    )
    table = benchmarks.read({"exam": exam}, 1)
    assert seen(table, "question", "answer") == [("1+1?", "2")]


def test_olympiadbench_rows_that_need_more_than_a_text_are_rejected(tmp_path: Path) -> None:
    row = {
        "id": 1606,
        "question": "Find x.",
        "context": "Let x+1=2.",
        "solution": ["So 1."],
        "final_answer": ["$1$"],
        "subject": "Math",
        "subfield": "Algebra",
        "modality": "Text-only",
        "question_type": "Open-ended",
        "is_multiple_answer": False,
    }
    changes: list[dict[str, Any]] = [
        {},
        {"subject": "Physics"},
        {"question_type": "Theorem proof", "final_answer": None},
        {"modality": "Multimodal"},
        {"image_1": "bytes"},
        {"final_answer": ["1", "2"]},
    ]
    found = read(tmp_path, "olympiadbench", [{**row, **change, "id": n} for n, change in enumerate(changes)])
    figure = "needs a figure"
    assert found["rejected"].to_list() == [None, "subject Physics", "proof", figure, figure, None]
    assert found["question"][0] == "Let x+1=2.\nFind x."
    assert (found["domain"][0], found["answer"][5]) == ("Algebra", "1, 2")


def test_a_row_of_another_layout_is_rejected_and_a_whole_file_of_them_is_an_error(tmp_path: Path) -> None:
    good, bad = {"problem": "1+1?", "answer": "2"}, {"question": "1+1?", "answer": "2"}
    found = read(tmp_path, "deepscaler", [good, bad])
    assert found["rejected"][1] == "no column problem: not a row of layout deepscaler"
    message = (
        "source s: none of 1 rows has the layout 'deepscaler': no column problem.*The first row has question, answer"
    )
    with pytest.raises(ValueError, match=message):
        read(tmp_path, "deepscaler", [bad])


def test_a_layout_knows_its_answers(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="answer_from must be null: layout aime knows"):
        spec(tmp_path / "a.csv", "aime", answer_from="field")


def test_a_csv_row_with_other_columns_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("problem,answer,solution\n1+1?,2,\n2+2?,4\n3+3?,6,a,b\n")
    found = sources.rows("s", spec(path, "deepscaler"), 1000)
    reason = "malformed row: rows.csv row %d (other columns than the header)"
    assert found["rejected"].to_list() == [None, reason % 2, reason % 3]
