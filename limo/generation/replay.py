"""Problems and a record → judged ATTEMPT rows and counts, nobody being asked; used by screen and rate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.answers.verify import Case, Verdict, Verifier
from limo.base import tables
from limo.base.scratch import scratch
from limo.graph.schemas import ATTEMPT, TRACE

_PIECE = 500  # problems whose texts are in memory at once


def replay(
    problems: pl.DataFrame, rater: params.RecordedRater, p: params.Answers, out: Path
) -> tuple[pl.DataFrame, dict[str, int | float]]:
    """Judge what a record holds for problems with columns `id`, `question` and `answer`, its first `draws` texts each.

    The publisher's verdict stands beside ours and decides nothing. Counts alone are taken as they are, `claimed`. Where
    a text comes with a summary, both must be read as the same verdict, else it is undecided.

    Args:
        problems: those to look up.
        rater: where the record is, and how many draws count.
        p: how answers are read and compared.
        out: where the ATTEMPT table is written: no rows for counts alone.

    Returns:
        Columns id, correct, drawn and claimed of every problem that has a draw, and counts for the stage's line.

    Raises:
        FileNotFoundError: the record is not there.
        ValueError: there are more counted draws than `draws`: a count cannot be cut.
    """
    if not Path(rater.path).is_file():
        raise FileNotFoundError(f"{rater.path} is missing: run `dvc repro recorded@{rater.name}`")
    usable = pl.scan_parquet(rater.path, schema=TRACE).filter(pl.col("rejected").is_null())
    with scratch() as folder, Verifier(p) as verifier:
        pieces = [
            _written(judged, folder / f"{number:06}.parquet")
            for number, judged in enumerate(_judged(problems, usable, rater.draws, verifier))
        ]
        attempts = pl.scan_parquet(pieces) if pieces else tables.frame([], ATTEMPT).lazy()
        tables.sink(attempts, out, ATTEMPT)
    table = pl.scan_parquet(out)
    own = table.group_by("id").agg(
        correct=(pl.col("verdict") == "correct").sum().cast(pl.Int64), drawn=pl.len().cast(pl.Int64), claimed=False
    )
    given = _given(problems, usable, rater).lazy().join(own, on="id", how="anti")
    differ = table.filter((pl.col("verdict") == "correct") != (pl.col("claimed") == "correct"))
    counts = {
        "judged": table.select(pl.len()).collect().item(),
        "claimed": given.select(pl.len()).collect().item(),
        "other than claimed": differ.select(pl.len()).collect().item(),
    }
    return pl.concat([own, given]).sort("id").collect(), counts


def _judged(problems: pl.DataFrame, usable: pl.LazyFrame, draws: int, verifier: Verifier) -> Iterator[pl.DataFrame]:
    """ATTEMPT rows by id and sample, of a piece of the problems at a time."""
    for piece in problems.select("id", "question", "answer").sort("id").iter_slices(_PIECE):
        found = (
            usable.filter(pl.col("text").is_not_null() & pl.col("id").is_in(piece["id"].implode()))
            .drop("question")
            .sort("id", "sample")
            .with_columns(sample=pl.int_range(pl.len(), dtype=pl.Int64).over("id"))
            .filter(pl.col("sample") < draws)
            .collect()
            .join(piece, on="id", how="left", maintain_order="left")
        )
        if found.height:
            yield tables.frame(_attempts(found, verifier), ATTEMPT)


def _attempts(found: pl.DataFrame, verifier: Verifier) -> list[dict[str, Any]]:
    rows = found.to_dicts()
    texts = verifier.verify_many(Case(r["answer"], r["text"], question=r["question"], stop=r["stop"]) for r in rows)
    summed = [row for row in rows if row["summary"] is not None]
    endings = iter(verifier.verify_many(Case(r["answer"], r["summary"], question=r["question"]) for r in summed))
    verdicts = [
        text if row["summary"] is None else _agreed(text, next(endings)) for row, text in zip(rows, texts, strict=True)
    ]
    return [_attempt(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)]


def _agreed(text: Verdict, summary: Verdict) -> Verdict:
    if text.verdict in (summary.verdict, "truncated"):
        return text
    return Verdict("undecided", text.extracted, "the summary reads otherwise")


def _attempt(row: dict[str, Any], judged: Verdict) -> dict[str, Any]:
    return {
        "id": row["id"],
        "model": row["author"],
        "fingerprint": row["source_revision"],
        "sample": row["sample"],
        "seed": None,
        "key": None,
        "text": row["text"],
        "tokens": None,
        "stop": row["stop"],
        "extracted": judged.extracted,
        "verdict": judged.verdict,
        "rule": judged.rule,
        "numerics": "recorded",
        "claimed": row["claimed"],
        "licence": row["licence"],
    }


def _given(problems: pl.DataFrame, usable: pl.LazyFrame, rater: params.RecordedRater) -> pl.DataFrame:
    """The counts that the publisher gives of these problems."""
    ids = problems["id"].implode()
    given = (
        usable.filter(pl.col("correct").is_not_null() & pl.col("id").is_in(ids))
        .select("id", "correct", "drawn", claimed=True)
        .collect()
    )
    most = given.filter(pl.col("drawn") > rater.draws)
    if most.height:
        row = most.row(0, named=True)
        raise ValueError(
            f"{rater.path} counts {row['drawn']} draws of problem {row['id']}, and the band is for {rater.draws}: a "
            f"count cannot be cut, so set draws to {row['drawn']} and the band within it"
        )
    return given


def _written(rows: pl.DataFrame, path: Path) -> Path:
    rows.write_parquet(path, compression="lz4")
    return path
