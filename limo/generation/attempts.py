from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from limo import models, params
from limo.answers import Case, Verifier
from limo.answers.background import BackgroundVerifier
from limo.generation import sampler
from limo.generation.engines import numerics, open_engine
from limo.generation.request import draw_seed, series_key
from limo.generation.store import Store, open_store
from limo.generation.work import Problem, Tally
from limo.scratch import scratch
from limo.tables import ATTEMPT, frame, sink

_PIECE = 1000  # attempts whose texts are in memory at once
# What is kept of an attempt while a stage runs: all but its text, which is in the store.
_JUDGED = pl.Schema({name: ATTEMPT[name] for name in ("id", "sample", "seed", "key", "extracted", "verdict", "rule")})


def draw(
    problems: pl.DataFrame,
    folder: str | Path,
    name: str,
    engine: str,
    sampling: Callable[[str], tuple[int, params.Sampling]],
    system: str,
    p: params.Params,
    settled: Callable[[Sequence[str]], bool],
    lookahead: int,
    stage: str,
    out: Path,
) -> tuple[pl.DataFrame, dict[str, int | float]]:
    """Draw and judge answers of one model to problems with columns `id`, `question`, `answer`.

    Writes the ATTEMPT table of exactly the draws that count to `out`, by id and sample, the same bytes in whatever
    order answers came. Texts are in memory only while their problem is under way and while they are written.

    Args:
        engine: its name in `p.engines`.
        sampling: gives a problem's number of draws and its settings.
        settled: ends a problem early, by its verdicts so far.
        stage: what the draws are for; stages share none.

    Returns:
        Columns id, correct and drawn of every problem that has a draw, and what the run cost (`Tally.counts`).

    Raises:
        WasteError, EngineError, ValueError: as `sampler.run` and the engine; what had ended is stored.
    """
    settings = p.engines[engine]
    model, unit = models.fingerprint(folder), numerics(settings)
    tally = Tally(None if params.empty(p.plan) else p.plan.engines[engine])
    with scratch() as pieces, open_store(model) as store, Verifier(p.answers) as verifier:
        with BackgroundVerifier(verifier) as judges:
            ended = sampler.run(
                asked(problems, folder, settings, sampling, system, stage, p.seed),
                lambda: open_engine(folder, settings),
                store,
                lambda problem, completion: judges.submit(
                    Case(problem.answer, response=completion.text, question=problem.question, stop=completion.stop)
                ),
                settled,
                lookahead,
                p.generation,
                tally,
                f"{stage} {name}",
                problems.height,
            )
            judged = _kept(ended)
        same = {"model": name, "fingerprint": model, "numerics": unit}
        sink(_texts(judged, store, same, pieces / "attempts"), out, ATTEMPT)
    counts = judged.group_by("id", maintain_order=True).agg(
        correct=(pl.col("verdict") == "correct").sum().cast(pl.Int64), drawn=pl.len().cast(pl.Int64)
    )
    return counts, tally.counts()


def asked(
    problems: pl.DataFrame,
    folder: str | Path,
    engine: params.Engine,
    sampling: Callable[[str], tuple[int, params.Sampling]],
    system: str,
    stage: str,
    seed: int,
) -> Iterator[Problem]:
    """All draws that a stage may ask of the model in `folder`, problem by problem in the order of their ids."""
    model, unit, tokenizer = models.fingerprint(folder), numerics(engine), models.load_tokenizer(folder)
    for row in problems.sort("id").iter_rows(named=True):
        draws, settings = sampling(row["id"])
        turns = models.turns(system, row["question"])
        ids = tuple(models.prompt_ids(tokenizer, turns))
        seeds = [draw_seed(seed, stage, model, row["id"], draw) for draw in range(draws)]
        series = series_key(model, unit, ids, settings)
        yield Problem(row["id"], row["question"], row["answer"], ids, turns, settings, seeds, series)


def _kept(ended: Iterable[Problem]) -> pl.DataFrame:
    """The attempts that count, without their texts, by id and sample."""
    rows = (
        {
            "id": problem.id,
            "sample": draw,
            "seed": problem.seeds[draw],
            "key": problem.key(draw),
            "extracted": verdict.extracted,
            "verdict": verdict.verdict,
            "rule": verdict.rule,
        }
        for problem in ended
        for draw, verdict in enumerate(problem.judged)
    )
    return pl.concat([frame([], _JUDGED), *(frame(piece, _JUDGED) for piece in _pieces(rows))]).sort("id", "sample")


def _pieces(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while piece := list(islice(rows, _PIECE)):
        yield piece


def _texts(judged: pl.DataFrame, store: Store, same: Mapping[str, str], folder: Path) -> pl.LazyFrame:
    """The ATTEMPT rows of judged ones: their texts are read from the store again, piece by piece."""
    folder.mkdir()
    for number, piece in enumerate(judged.iter_slices(_PIECE)):
        found = store.get(piece["key"])
        texts = pl.DataFrame(
            [found[key].as_dict() for key in piece["key"]],
            schema={"text": pl.String, "tokens": pl.Int64, "stop": pl.String},
        )
        rows = piece.hstack(texts).with_columns(**{name: pl.lit(value) for name, value in same.items()})
        rows.select(ATTEMPT.names()).write_parquet(folder / f"{number:08}.parquet", compression="lz4")
    return pl.scan_parquet(folder / "*.parquet") if judged.height else frame([], ATTEMPT).lazy()


def band(counts: pl.DataFrame, problems: pl.DataFrame, rule: params.Draws, stage: str) -> pl.DataFrame:
    """Add pass counts to `problems` and reject those outside the band min_correct..max_correct (paper 2.1).

    Adds `STAGE_correct`, `STAGE_drawn`, `STAGE_stopped` (True where sampling ended early, so the counts are censored)
    and `rejected`.

    Args:
        counts: columns id, correct and drawn, as `draw` returns them.
        problems: POOL or SCREENED rows.
        rule: the band.
        stage: what the columns are called after.
    """
    correct, drawn = f"{stage}_correct", f"{stage}_drawn"
    table = problems.join(
        counts.rename({"correct": correct, "drawn": drawn}), on="id", how="left", maintain_order="left"
    )
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


def decide(
    problems: pl.DataFrame, stage: str, rule: params.Draws, p: params.Params, out: Path
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Draw a stage's attempts into `out` and keep the problems whose pass count lies in its band.

    Returns `problems` with the stage's counts and `rejected`, and the counts for the stage's line.
    """
    counts, tally = draw(
        problems,
        f"models/base/{rule.model}",
        rule.model,
        rule.engine,
        lambda _: (rule.draws, rule.sampling),
        rule.system,
        p,
        lambda verdicts: sampler.decided(verdicts, rule.draws, rule.min_correct, rule.max_correct),
        rule.lookahead,
        stage,
        out,
    )
    table = band(counts, problems, rule, stage)
    refused = table["rejected"].drop_nulls().len()
    return table, {"in": table.height, "kept": table.height - refused, "rejected": refused, **tally}
