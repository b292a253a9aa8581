"""BENCHMARK rows and a candidate → its ANSWER rows, under every benchmark's protocol; used by answer."""

import polars as pl

from limo import params
from limo.generation import attempts, budgets, task
from limo.graph.schemas import ANSWER
from limo.models import load


def answer(benchmarks: pl.DataFrame, name: str, p: params.Params) -> tuple[pl.DataFrame, dict[str, int | float]]:
    """Let candidate `name` answer every benchmark problem (paper 7.2).

    Exams that ask one benchmark in the same way share their draws: that of fewer draws has the first of them.

    Args:
        benchmarks: BENCHMARK rows. One `id` may be in two benchmarks, so draws go by EXAM:SOURCE_ID.
        name: its key in `p.candidates`.
        p: all parameters.

    Returns:
        ANSWER rows, and the counts for the stage's line.

    Raises:
        EngineError, ValueError: as `attempts.draw`. Answers that are cut or say nothing are a result: no WasteError.
    """
    exams, taken = params.exams(p.evaluate), task.shares(p)
    asked = task.candidate(p, name)
    labelled = pl.concat(
        benchmarks.filter(benchmark=exams[exam].benchmark).with_columns(
            exam=pl.lit(exam), label=pl.format("{}:{}", pl.lit(exam), "source_id")
        )
        for exam in task.draws(p)
    )
    drawn, tally = attempts.drawn(labelled.select("question", "answer", id="label"), asked, p)
    keys = labelled.select("exam", "label", "benchmark", "source_id", "id", "question", "answer")
    joined = drawn.rename({"id": "label"}).join(keys, on="label", how="left", maintain_order="left")
    cuts = budgets.cuts(joined, load.load_tokenizer(asked.folder), p.evaluate.budgets, p.answers)
    cut = joined.with_columns(cuts=pl.Series(cuts, dtype=ANSWER["cuts"]))
    table = pl.concat(
        cut.filter(pl.col("exam") == taken[one], pl.col("sample") < exam.protocol.draws).with_columns(
            protocol=pl.lit(exam.named)
        )
        for one, exam in exams.items()
    )
    return table.select(ANSWER.names()), {"problems": benchmarks.height, "answers": table.height, **tally}
