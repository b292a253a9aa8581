"""A benchmark's problem and the tables → what candidates answered, as plain values and text; used by `limo explain`."""

from pathlib import Path
from typing import Any

import click
import polars as pl

from limo import params
from limo.base.columns import aligned
from limo.explain.columns import cell, labelled
from limo.explain.find import UnknownError
from limo.graph import outs

Story = dict[str, Any]
DRAW = ("sample", "seed", "tokens", "stop", "extracted", "verdict", "rule", "judge", "text")
LETTERS = {"correct": "c", "wrong": "w", "undecided": "u", "truncated": "t"}


def of_benchmark(identity: str, p: params.Params) -> bool:
    """Whether EXAM:SOURCE_ID names a benchmark's problem; a source of the same name goes first."""
    exam, colon, _ = identity.partition(":")
    return bool(colon) and exam not in p.sources and bool(p.candidates) and exam in params.exams(p.evaluate)


def story(identity: str, candidate: str | None, p: params.Params, root: Path) -> Story:
    """What candidates answered to the problem EXAM:SOURCE_ID; EXAM is BENCHMARK or BENCHMARK/PROTOCOL.

    Args:
        candidate: the only one that is told of; None for all.

    Returns:
        exam, source_id, protocol, question, answer; candidates: name, correct, and `DRAW` of every draw, where `judge`
        is what the benchmark's judge said of it, null where it was not asked; not_built: out and remedy of tables that
        are not there.

    Raises:
        UnknownError: there is no such problem or candidate.
        FileNotFoundError: the benchmarks' table is not there.
    """
    name, _, source_id = identity.partition(":")
    exam = params.exams(p.evaluate)[name]
    if candidate is not None and candidate not in p.candidates:
        raise UnknownError(f"there is no candidate {candidate}: params.yaml has {', '.join(p.candidates)}")
    if not outs.built(outs.BENCHMARKS, root):
        raise FileNotFoundError(f"{outs.BENCHMARKS.path} is not built: run {outs.BENCHMARKS.remedy}")
    here = (pl.col("benchmark") == exam.benchmark) & (pl.col("source_id") == source_id)
    rows = outs.rows(outs.BENCHMARKS, root, here)
    if not rows:
        raise UnknownError(f"{exam.benchmark} has no problem with source_id {source_id}")
    asked = here & (pl.col("protocol") == exam.named)
    judge = next((outs.judged(judge) for judge, spec in p.judges.items() if exam.benchmark in spec.benchmarks), None)
    said = {
        (row["candidate"], row["sample"]): row["judgement"] for row in (outs.rows(judge, root, asked) if judge else [])
    }
    tables = {one: outs.answers(one) for one in ([candidate] if candidate else p.candidates)}
    read = [*tables.values(), *([judge] if judge else [])]
    return {
        "exam": name,
        "source_id": source_id,
        "protocol": exam.named,
        "question": rows[0]["question"],
        "answer": rows[0]["answer"],
        "candidates": [
            _answered(one, outs.rows(table, root, asked), said)
            for one, table in tables.items()
            if outs.built(table, root)
        ],
        "not_built": [{"out": out.path, "remedy": out.remedy} for out in read if not outs.built(out, root)],
    }


def page(told: Story, *, full: bool) -> str:
    """A story as text: a line of the grid for each candidate, or of one candidate every draw."""
    problem = [labelled(key, told[key], full=full, indent=2) for key in ("protocol", "question", "answer")]
    blocks = [[click.style(f"{told['exam']}:{told['source_id']}", bold=True), *problem]]
    if len(told["candidates"]) == 1:
        blocks.append(_draws(told["candidates"][0], full=full))
    elif told["candidates"]:
        lines = [
            (each["candidate"], str(each["correct"]), "".join(LETTERS[draw["verdict"]] for draw in each["draws"]))
            for each in told["candidates"]
        ]
        legend = ", ".join(f"{letter} {verdict}" for verdict, letter in LETTERS.items())
        blocks.append([*aligned([("candidate", "correct", "draws"), *lines], left=3, indent=2), f"  {legend}"])
    blocks += [[f"  {row['out']} is not built: run {row['remedy']}" for row in told["not_built"]]]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _answered(candidate: str, rows: outs.Rows, said: dict[tuple[str, int], str]) -> Story:
    draws = [{**row, "judge": said.get((candidate, row["sample"]))} for row in rows]
    return {
        "candidate": candidate,
        "correct": sum(row["verdict"] == "correct" for row in rows),
        "draws": [{key: draw[key] for key in DRAW} for draw in draws],
    }


def _draws(answered: Story, *, full: bool) -> list[str]:
    head = DRAW[:-1]
    table = [head, *([cell(draw[key], full=full) for key in head] for draw in answered["draws"])]
    texts = [labelled(f"sample {draw['sample']}", draw["text"], full=full, indent=2) for draw in answered["draws"]]
    title = f"  {answered['candidate']}: {answered['correct']} correct of {len(answered['draws'])}"
    return [title, *aligned(table, left=len(head), indent=2), *texts]
