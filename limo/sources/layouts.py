"""Rows as publishers write them → the values of a record; used by acquire and benchmarks."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from limo.answers.boxes import last_boxed
from limo.sources import exams
from limo.sources.prompts import asked, unframed
from limo.sources.values import listed, nested, one_of

FIRST_BENCHMARK_YEAR = 2024  # AIME 2024 and later are benchmarks (paper 4.2)
ABOVE_MATH = 6  # the level of AIME, whose publishers give none, over MATH's five

Values = dict[str, Any]


class Layout(NamedTuple):
    """How one publisher writes its rows.

    Attributes:
        columns: those that every row must have; of a tuple, one.
        values: gives of a row what `Fields` would name (but several `solutions`), why it is `rejected`, if it is, why
            it is `held_out`, which bars it from a source and not from a benchmark, the `collection` that goes before
            the place of a row without an id, and the `origin` that a benchmark names.
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
    """NuminaMath-CoT, whose answer is the solution's last box; 1.5 and OpenR1-Math state it, and what they doubt."""
    solution = row["solution"]
    proof = "proof" in str(row.get("question_type")).lower()
    return {
        "id": row.get("uuid"),
        "collection": row.get("source"),  # cn_k12, olympiads, …: where the row comes from, not what it is about
        "question": row["problem"],
        "answer": row["answer"] if row.get("answer") is not None else _boxed(solution),
        "solutions": [solution],
        "domain": row.get("problem_type"),
        "rejected": _doubted(row, "problem_is_valid", "solution_is_valid") or ("proof" if proof else None),
    }


def _doubted(row: Mapping[str, Any], *flags: str) -> str | None:
    """The first flag that does not say yes; one that is absent or null says nothing."""
    given = {flag: row[flag] for flag in flags if row.get(flag) is not None}
    return next((f"{flag}: {said}" for flag, said in given.items() if str(said).strip().lower() not in _YES), None)


def _boxed(solution: Any) -> str | None:
    return last_boxed(solution) if isinstance(solution, str) else None


def _deepscaler(row: Mapping[str, Any]) -> Values:
    return {"question": row["problem"], "answer": row["answer"], "solutions": [row.get("solution")]}


def _aime(row: Mapping[str, Any]) -> Values:
    """The hub's table (Year, Problem Number, Question, Answer, Part) or the JSON of DeepScaleR's authors."""
    known = {key.lower().replace(" ", "_"): value for key, value in row.items()}
    year, paper = known.get("year"), known.get("part") or known.get("aime_number") or ""
    return {
        "id": known.get("id") or _joined(year, paper, known.get("problem_number")),
        "question": known.get("question") or known.get("problem"),
        "answer": known.get("answer"),
        "solutions": [known.get("solution")],
        "level": ABOVE_MATH,
        "held_out": _recent(year),
    }


def _math(row: Mapping[str, Any]) -> Values:
    """MATH as first published, or as verl's preprocessing writes it; its test split is held out."""
    if "prompt" in row:
        return _verl(row) | {"domain": row.get("type"), "level": row.get("level")}
    solution, name = row["solution"], str(row.get("unique_id") or "")
    test = name.startswith("test/") or row.get("split") == "test"
    return {
        "id": name or None,
        "question": row["problem"],
        "answer": row["answer"] if row.get("answer") is not None else _boxed(solution),
        "solutions": [solution],
        "domain": row.get("type") or row.get("subject"),
        "level": row.get("level"),
        "held_out": _TEST if test else None,
    }


def _harp(row: Mapping[str, Any]) -> Values:
    solutions = sorted((key for key in row if re.fullmatch(r"solution_\d+", key)), key=lambda key: int(key[9:]))
    aime = str(row["contest"]).startswith("AIME")
    options = "multiple choice: the answer needs its options" if row.get("multiple_choice_only") else None
    return {
        "id": _joined(row["year"], row["contest"], row["number"]),
        "question": row["problem"],
        "answer": row.get("answer"),
        "solutions": [row[key] for key in solutions],
        "domain": row.get("subject"),
        "level": row.get("level"),
        "rejected": options,
        "held_out": _recent(row["year"]) if aime else None,
    }


def _verl(row: Mapping[str, Any]) -> Values:
    """Rows as verl preprocesses them, those of DAPO-Math and Skywork-OR1 among them: fixed words of a prompt stand
    around the problem, and a list of answers, also as JSON text, says the same in several ways."""
    truth = listed(nested(row, "reward_model.ground_truth"))
    split, index = nested(row, "extra_info.split"), nested(row, "extra_info.index")
    question, fault = unframed(asked(row["prompt"]))
    solution = truth.get("solution") if isinstance(truth, Mapping) else None
    answer = truth.get("target") if isinstance(truth, Mapping) else truth
    if answer == "" and isinstance(solution, str):  # lost by a preprocessing that cannot read every box
        answer = last_boxed(solution)
    if isinstance(answer, list) and len(answer) > 1:
        answer, fault = one_of(answer), fault or (None if one_of(answer) is not None else _several(answer))
    return {
        "id": _joined(row.get("data_source"), split, index),  # publishers count anew in each of their collections
        "question": question,
        "answer": answer,
        "solutions": [solution],
        "rejected": fault,
        "held_out": _TEST if split == "test" else None,
    }


def _several(answers: list[Any]) -> str:
    return f"several answers that differ: {' | '.join(map(str, answers))}"


def _open_reasoner_zero(row: Mapping[str, Any]) -> Values:
    """A row is an array of turns, read as columns 0 and 1: the question, and the reply with the answer to it."""
    question, fault = unframed(asked([row["0"]]))
    return {"question": question, "answer": nested(row, "1.ground_truth.value"), "rejected": fault}


def _joined(*parts: Any) -> str | None:
    """An id of the parts that there are, none without the last."""
    return None if parts[-1] is None else "-".join(str(part) for part in parts if part not in (None, ""))


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


def _recent(year: Any) -> str | None:
    if not re.fullmatch(r"\d{4}", str(year)):
        return f"AIME of unknown year {year!r}"
    return f"AIME {year}: a benchmark" if int(year) >= FIRST_BENCHMARK_YEAR else None


_TEST = "row of a test split"
_YES = {"yes", "true", "1"}
LAYOUTS = {
    "numinamath": Layout(("problem", "solution"), _numinamath),
    "deepscaler": Layout(("problem", "answer"), _deepscaler),
    "aime": Layout((("Question", "problem"), ("Answer", "answer"), ("Year", "year")), _aime),
    "math": Layout((("problem", "prompt"), ("solution", "reward_model")), _math),
    "harp": Layout(("problem", "year", "contest", "number"), _harp),
    "verl": Layout(("prompt", "reward_model"), _verl),
    "open_reasoner_zero": Layout(("0", "1"), _open_reasoner_zero),
    "olympiadbench": Layout(("id", "question", "final_answer"), _olympiadbench),
    **{name: Layout(*layout) for name, layout in exams.LAYOUTS.items()},
}
