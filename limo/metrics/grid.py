"""Answers of all candidates, problem by problem → the grid that the report shows, and the samples behind it."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from limo.metrics.comparisons import Problems

Row = dict[str, Any]

OPENED = 4  # problems of a benchmark whose samples are shown: those on which candidates differ the most
SHOWN = 1_000  # characters of an answer's text that are shown: the end, where its result stands
READ = 80  # characters of an answer that was read


def grid(answered: Mapping[str, Problems], benchmarks: pl.DataFrame) -> list[Row]:
    """Of every exam how often each candidate solved each problem, and some samples.

    Args:
        answered: as `evaluation.by_problem` has it.
        benchmarks: BENCHMARK rows.

    Returns:
        Rows of exam, benchmark, candidates, draws; problems: source_id and the correct draws of each candidate; opened:
        source_id, question, answer and of each candidate its `draws` (verdict and what was read), and of the first draw
        the end of the text with the number of characters `more` before it.
    """
    if not answered:
        return []
    texts = {(row["benchmark"], row["source_id"]): row for row in benchmarks.iter_rows(named=True)}
    return [_exam(name, answered, texts) for name in next(iter(answered.values()))]


def _exam(name: str, answered: Mapping[str, Problems], texts: Mapping[tuple[str, str], Row]) -> Row:
    tables = {candidate: problems[name] for candidate, problems in answered.items()}
    first = next(iter(tables.values()))
    correct = {
        candidate: [verdicts.count("correct") for verdicts in table["verdict"].to_list()]
        for candidate, table in tables.items()
    }
    names, benchmark = first["source_id"].to_list(), first["benchmark"][0]
    problems = [[names[at], *(counts[at] for counts in correct.values())] for at in range(len(names))]
    most = sorted(range(len(names)), key=lambda at: (min(problems[at][1:]) - max(problems[at][1:]), at))[:OPENED]
    return {
        "exam": name,
        "benchmark": benchmark,
        "candidates": list(tables),
        "draws": len(first["verdict"][0]),
        "problems": problems,
        "opened": [
            {
                "source_id": names[at],
                "question": texts[benchmark, names[at]]["question"],
                "answer": texts[benchmark, names[at]]["answer"],
                "candidates": [_sample(candidate, table.row(at, named=True)) for candidate, table in tables.items()],
            }
            for at in sorted(most)
        ],
    }


def _sample(candidate: str, row: Row) -> Row:
    text = row["text"][0]
    return {
        "candidate": candidate,
        "draws": [
            [verdict, None if read is None else read[:READ]]
            for verdict, read in zip(row["verdict"], row["extracted"], strict=True)
        ],
        "text": text[-SHOWN:],
        "more": max(0, len(text) - SHOWN),
    }
