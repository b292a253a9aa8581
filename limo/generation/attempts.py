from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from limo import models, params
from limo.answers import Case, Verdict, Verifier
from limo.generation import sampler
from limo.generation.engines import numerics, open_engine
from limo.generation.request import Completion, Request, draw_seed
from limo.generation.store import open_store
from limo.tables import ATTEMPT, frame


def draw(
    problems: pl.DataFrame,
    folder: str | Path,
    name: str,
    engine: params.Engine,
    sampling: Callable[[str], tuple[int, params.Sampling]],
    system: str,
    answers: params.Answers,
    seed: int,
    settled: Callable[[Sequence[str]], bool],
    lookahead: int,
    label: str,
) -> tuple[pl.DataFrame, sampler.Tally]:
    """Draw and judge answers of one model to problems with columns `id`, `question`, `answer`.

    `sampling(id)` gives a problem's number of draws and its settings; `settled(verdicts so far)` ends it early.
    Returns the ATTEMPT table of exactly the draws that count, and what the run cost.
    """
    model = models.fingerprint(folder)
    tokenizer = models.load_tokenizer(folder)
    unit = numerics(engine)
    gold = {row["id"]: row for row in problems.select("id", "question", "answer").iter_rows(named=True)}
    todo = []
    for row in problems.sort("id").iter_rows(named=True):
        turns = models.turns(system, row["question"])
        ids = tuple(models.prompt_ids(tokenizer, turns))
        draws, settings = sampling(row["id"])
        requests = [Request(ids, turns, settings, draw_seed(seed, model, row["id"], i)) for i in range(draws)]
        todo.append(sampler.Problem(row["id"], requests, [request.key(model, unit) for request in requests]))
    with Verifier(answers) as verifier, open_store(model) as store:

        def judge(identifier: str, completion: Completion) -> Verdict:
            row = gold[identifier]
            return verifier.verify(
                Case(row["answer"], response=completion.text, question=row["question"], stop=completion.stop)
            )

        tally = sampler.run(
            todo,
            lambda: open_engine(folder, engine),
            store,
            judge,
            lambda judged: settled([verdict.verdict for verdict in judged]),
            lookahead,
            label,
        )
    return frame((row for problem in todo for row in _rows(problem, name, unit)), ATTEMPT), tally


def band(attempts: pl.DataFrame, problems: pl.DataFrame, rule: params.Draws, stage: str) -> pl.DataFrame:
    """Add pass counts to `problems` and reject those outside the band min_correct..max_correct (paper 2.1).

    Adds `STAGE_correct`, `STAGE_drawn`, `STAGE_stopped` (True where sampling ended early, so the counts are censored)
    and `rejected`.
    """
    correct, drawn = f"{stage}_correct", f"{stage}_drawn"
    counts = attempts.group_by("id", maintain_order=True).agg(
        (pl.col("verdict") == "correct").sum().cast(pl.Int64).alias(correct), pl.len().cast(pl.Int64).alias(drawn)
    )
    table = problems.join(counts, on="id", how="left", maintain_order="left")
    # A band that no draw could leave, such as 0 to `draws`, is decided before the first one.
    decided = sampler.decided([], rule.draws, rule.min_correct, rule.max_correct)
    assert decided or table[drawn].null_count() == 0, f"{stage}: a problem has no attempt"
    table = table.with_columns(pl.col(correct, drawn).fill_null(0))
    easy = pl.col(correct) > rule.max_correct
    hard = pl.col(correct) < rule.min_correct
    count = pl.format("{} correct of {} drawn", pl.col(correct), pl.col(drawn))
    return table.with_columns(
        (pl.col(drawn) < rule.draws).alias(f"{stage}_stopped"),
        pl.when(easy)
        .then(pl.format("too easy: {}", count))
        .when(hard)
        .then(pl.format("too hard: {}", count))
        .alias("rejected"),
    )


def _rows(problem: sampler.Problem, model: str, unit: str) -> list[Mapping[str, Any]]:
    return [
        {
            "id": problem.id,
            "model": model,
            "sample": index,
            "seed": problem.requests[index].seed,
            "key": problem.keys[index],
            "text": completion.text,
            "tokens": completion.tokens,
            "stop": completion.stop,
            "extracted": verdict.extracted,
            "verdict": verdict.verdict,
            "rule": verdict.rule,
            "numerics": unit,
        }
        for index, (completion, verdict) in enumerate(zip(problem.answers, problem.judged, strict=True))
    ]


def decide(
    problems: pl.DataFrame, stage: str, rule: params.Draws, p: params.Params
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """Draw a stage's attempts and keep the problems whose pass count lies in its band.

    Returns the ATTEMPT table, `problems` with the stage's counts and `rejected`, and the counts for the stage's line.
    """
    drawn, tally = draw(
        problems,
        f"models/base/{rule.model}",
        rule.model,
        p.engines[rule.engine],
        lambda _: (rule.draws, rule.sampling),
        rule.system,
        p.answers,
        p.seed,
        lambda verdicts: sampler.decided(verdicts, rule.draws, rule.min_correct, rule.max_correct),
        rule.lookahead,
        stage,
    )
    table = band(drawn, problems, rule, stage)
    refused = table["rejected"].drop_nulls().len()
    return drawn, table, {"in": table.height, "kept": table.height - refused, "rejected": refused, **asdict(tally)}
