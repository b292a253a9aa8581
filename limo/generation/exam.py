"""BENCHMARK rows and a candidate → its ANSWER rows, under every benchmark's protocol; used by answer."""

import polars as pl

from limo import params
from limo.generation import attempts, budgets, task
from limo.graph.schemas import ANSWER
from limo.models import load


def answer(benchmarks: pl.DataFrame, name: str, p: params.Params) -> tuple[pl.DataFrame, dict[str, int | float]]:
    """Let candidate `name` answer every benchmark problem (paper 7.2).

    Args:
        benchmarks: BENCHMARK rows. One `id` may be in two benchmarks, so draws go by BENCHMARK:SOURCE_ID.
        name: its key in `p.candidates`.
        p: all parameters.

    Returns:
        ANSWER rows, and the counts for the stage's line.

    Raises:
        EngineError, ValueError: as `attempts.draw`. Answers that are cut or say nothing are a result: no WasteError.
    """
    label = pl.format("{}:{}", pl.col("benchmark"), pl.col("source_id"))
    labelled = benchmarks.with_columns(label=label)
    problems = labelled.select(pl.col("label").alias("id"), "question", "answer")
    asked = task.candidate(p, name)
    drawn, tally = attempts.drawn(problems, asked, p)
    keys = labelled.select("label", "benchmark", "source_id", "id", "question", "answer")
    joined = drawn.rename({"id": "label"}).join(keys, on="label", how="left", maintain_order="left")
    cuts = budgets.cuts(joined, load.load_tokenizer(asked.folder), p.evaluate.budgets, p.answers)
    table = joined.with_columns(cuts=pl.Series(cuts, dtype=ANSWER["cuts"]))
    return table.select(ANSWER.names()), {"problems": benchmarks.height, "answers": table.height, **tally}
