"""Rows as publishers write them → the values of a record; used by acquire and benchmarks."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from limo.answers.boxes import last_boxed
from limo.sources.values import nested

FIRST_BENCHMARK_YEAR = 2024  # AIME 2024 and later are benchmarks (paper 4.2)
ABOVE_MATH = 6  # the level of AIME, whose publishers give none, over MATH's five

# What publishers of verl files put before and after every problem.
_BOXED = r"Let's think step by step and output the final answer within \boxed{}."
_LAST_LINE = (
    "Solve the following math problem step by step. The last line of your response should be of the form Answer: "
    "$Answer (without quotes) where $Answer is the answer to the problem."
)
_FRAMES = [
    (_LAST_LINE, 'Remember to put your answer on its own line after "Answer:".'),
    (_BOXED, ""),
    ("", _BOXED),
]
Values = dict[str, Any]


class Layout(NamedTuple):
    """How one publisher writes its rows.

    Attributes:
        columns: those that every row must have; of a tuple, one.
        values: gives of a row what `Fields` would name (but several `solutions`), why it is `rejected`, if it is, and
            the `collection` that goes before the place of a row without an id.
    """

    columns: tuple[str | tuple[str, ...], ...]
    values: Callable[[Mapping[str, Any]], Values]


def missing(row: Mapping[str, Any], layout: str) -> str | None:
    """Why a row is none of this layout, None where it is one."""
    for wanted in LAYOUTS[layout].columns:
        names = (wanted,) if isinstance(wanted, str) else wanted
        if not any(name in row for name in names):
            return f"no column {' or '.join(names)}: not a row of layout {layout}"
    return None


def _numinamath(row: Mapping[str, Any]) -> Values:
    solution = row["solution"]
    answer = last_boxed(solution) if isinstance(solution, str) else None
    collection = row.get("source")  # cn_k12, olympiads, …: where the row comes from, not what it is about
    return {"collection": collection, "question": row["problem"], "answer": answer, "solutions": [solution]}


def _deepscaler(row: Mapping[str, Any]) -> Values:
    return {"question": row["problem"], "answer": row["answer"], "solutions": [row.get("solution")]}


def _aime(row: Mapping[str, Any]) -> Values:
    """The hub's table (Year, Problem Number, Question, Answer, Part) or the JSON of DeepScaleR's authors."""
    known = {key.lower().replace(" ", "_"): value for key, value in row.items()}
    year, paper = known.get("year"), known.get("part") or known.get("aime_number") or ""
    return {
        "id": known.get("id") or f"{year}-{paper}-{known.get('problem_number')}",
        "question": known.get("question") or known.get("problem"),
        "answer": known.get("answer"),
        "solutions": [known.get("solution")],
        "level": ABOVE_MATH,
        "rejected": _held_out(year),
    }


def _math(row: Mapping[str, Any]) -> Values:
    """MATH as first published, or as verl's preprocessing writes it; rows of its test split are refused."""
    if "prompt" in row:
        return _verl(row) | {"domain": row.get("type"), "level": row.get("level")}
    solution, name = row["solution"], str(row.get("unique_id") or "")
    test = name.startswith("test/") or row.get("split") == "test"
    return {
        "id": name or None,
        "question": row["problem"],
        "answer": last_boxed(solution) if isinstance(solution, str) else None,
        "solutions": [solution],
        "domain": row.get("type") or row.get("subject"),
        "level": row.get("level"),
        "rejected": _TEST if test else None,
    }


def _harp(row: Mapping[str, Any]) -> Values:
    solutions = sorted((key for key in row if re.fullmatch(r"solution_\d+", key)), key=lambda key: int(key[9:]))
    aime = str(row["contest"]).startswith("AIME")
    options = "multiple choice: the answer needs its options" if row.get("multiple_choice_only") else None
    return {
        "id": f"{row['year']}-{row['contest']}-{row['number']}",
        "question": row["problem"],
        "answer": row.get("answer"),
        "solutions": [row[key] for key in solutions],
        "domain": row.get("subject"),
        "level": row.get("level"),
        "rejected": (_held_out(row["year"]) if aime else None) or options,
    }


def _verl(row: Mapping[str, Any]) -> Values:
    """Rows as verl preprocesses them, DAPO-Math's among them: fixed words of a prompt stand around the problem."""
    truth = nested(row, "reward_model.ground_truth")
    split, index = nested(row, "extra_info.split"), nested(row, "extra_info.index")
    question, fault = _unframed(nested(row, "prompt.0.content"))
    solution = truth.get("solution") if isinstance(truth, Mapping) else None
    answer = truth.get("target") if isinstance(truth, Mapping) else truth
    if answer == "" and isinstance(solution, str):  # lost by a preprocessing that cannot read every box
        answer = last_boxed(solution)
    return {
        "id": None if index is None else f"{split}-{index}",
        "question": question,
        "answer": answer,
        "solutions": [solution],
        "rejected": _TEST if split == "test" else fault,
    }


def _unframed(content: Any) -> tuple[Any, str | None]:
    if not isinstance(content, str):
        return content, None
    for before, after in _FRAMES:
        text = content.strip()
        if text.startswith(before) and text.endswith(after):
            return text.removeprefix(before).removesuffix(after).strip(), None
    return content, "prompt in unknown words: write the words around its problem into limo/sources/layouts.py"


def _olympiadbench(row: Mapping[str, Any]) -> Values:
    return {
        "id": row["id"],
        "question": "\n".join(text for text in (row.get("context"), row["question"]) if text),
        "answer": row["final_answer"],
        "solutions": row["solution"] if isinstance(row.get("solution"), list) else [row.get("solution")],
        "domain": row.get("subfield"),
        "rejected": next(_refusals(row), None),
    }


def _refusals(row: Mapping[str, Any]) -> Iterator[str]:
    if row.get("subject") not in ("Math", "Maths", None):
        yield f"subject {row['subject']}"
    if "proof" in str(row.get("question_type")).lower():
        yield "proof"
    if str(row.get("modality")).lower().startswith("multi") or any(row.get(f"image_{k}") for k in range(1, 10)):
        yield "needs a figure"


def _held_out(year: Any) -> str | None:
    if not re.fullmatch(r"\d{4}", str(year)):
        return f"AIME of unknown year {year!r}"
    return f"AIME {year}: a benchmark" if int(year) >= FIRST_BENCHMARK_YEAR else None


_TEST = "row of a test split"
LAYOUTS = {
    "numinamath": Layout(("problem", "solution"), _numinamath),
    "deepscaler": Layout(("problem", "answer"), _deepscaler),
    "aime": Layout((("Question", "problem"), ("Answer", "answer"), ("Year", "year")), _aime),
    "math": Layout((("problem", "prompt"), ("solution", "reward_model")), _math),
    "harp": Layout(("problem", "year", "contest", "number"), _harp),
    "verl": Layout(("prompt", "reward_model"), _verl),
    "olympiadbench": Layout(("id", "question", "final_answer"), _olympiadbench),
}
