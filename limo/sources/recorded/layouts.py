"""Rows of records as publishers write them → what they hold; used by recorded and import."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from limo.sources.recorded.record import PassCount, Said, TraceRow, of_share, stopped, verdict
from limo.sources.values import nested

Row = Mapping[str, Any]


class TraceLayout(NamedTuple):
    """How one publisher writes its rows: the columns that each must have, and what a row holds."""

    columns: tuple[str, ...]
    record: Callable[[Row], TraceRow]


def missing(row: Row, layout: str) -> str | None:
    """Why a row is none of this layout, None where it is one."""
    absent = next((name for name in LAYOUTS[layout].columns if name not in row), None)
    return None if absent is None else f"no column {absent}: not a row of layout {layout}"


def _openr1_math(row: Row) -> TraceRow:
    """Several answers of DeepSeek-R1 a row; a finish reason is missing where reasoning was checked in its place."""
    generations = row["generations"] or []
    marks = _aligned(row.get("correctness_math_verify"), len(generations))
    reasons = _aligned(row.get("finish_reasons"), len(generations))
    whole = _aligned(row.get("is_reasoning_complete"), len(generations))
    said = [
        Said(text, verdict(mark), "length" if complete is False else stopped(reason))
        for text, mark, reason, complete in zip(generations, marks, reasons, whole, strict=True)
    ]
    return TraceRow(row.get("uuid"), row["problem"], said, [])


def _openmathreasoning(row: Row) -> TraceRow:
    """One text a row by `generation_model`, and the share of 32 draws that Qwen2.5-Math-72B-Instruct solved by code."""
    said = [Said(row["generated_solution"], author=row.get("generation_model"))]
    share = of_share(row.get("pass_rate_72b_tir"), 32, "Qwen2.5-Math-72B-Instruct")
    return TraceRow(row.get("id"), row["problem"], said, [share])


def _skywork_or1(row: Row) -> TraceRow:
    """Of 16 draws of each model how many failed."""
    failures = nested(row, "extra_info.model_difficulty") or {}
    counted = [
        PassCount(16 - failed, 16, model)
        if isinstance(failed, int) and 0 <= failed <= 16
        else PassCount(None, None, model, f"no count: difficulty {failed!r} is not 0 to 16")
        for model, failed in failures.items()
    ]
    return TraceRow(nested(row, "extra_info.index"), nested(row, "prompt.0.content"), [], counted)


def _numinamath(row: Row) -> TraceRow:
    faulty = [key for key in ("problem_is_valid", "solution_is_valid") if row.get(key) not in (None, "Yes")]
    fault = f"{faulty[0]}: {row[faulty[0]]}" if faulty else None
    return TraceRow(row.get("id"), row["problem"], [Said(row["solution"], fault=fault)], [])


def _s1k(row: Row) -> TraceRow:
    thought, attempt = row["gemini_thinking_trajectory"], row["gemini_attempt"]
    text = f"<think>\n{thought}\n</think>\n\n{attempt}" if thought and attempt else thought or attempt
    return TraceRow(None, row["question"], [Said(text)], [])


def _big_math(row: Row) -> TraceRow:
    return TraceRow(None, row["problem"], [], [of_share(row["llama8b_solve_rate"], 64)])


def _deepscaler(row: Row) -> TraceRow:
    return TraceRow(row.get("id"), row["problem"], [], [of_share(row["offline_pass_rate"], 64)])


def _aligned(values: Any, count: int) -> list[Any]:
    """A list beside the texts: nulls where the publisher left it out.

    Raises:
        ValueError: it has another length.
    """
    if values is None:
        return [None] * count
    if len(values) != count:
        raise ValueError(f"{len(values)} values stand beside {count} texts")
    return list(values)


LAYOUTS = {
    "openr1_math": TraceLayout(("problem", "generations"), _openr1_math),
    "openmathreasoning": TraceLayout(("problem", "generated_solution"), _openmathreasoning),
    "skywork_or1": TraceLayout(("prompt", "extra_info"), _skywork_or1),
    "numinamath_1.5": TraceLayout(("problem", "solution", "problem_is_valid", "solution_is_valid"), _numinamath),
    "s1k": TraceLayout(("question", "gemini_thinking_trajectory", "gemini_attempt"), _s1k),
    "big_math": TraceLayout(("problem", "llama8b_solve_rate"), _big_math),
    "deepscaler": TraceLayout(("problem", "offline_pass_rate"), _deepscaler),
}
