"""Candidates' answers and a judge → its judgements, as a table; used by judge."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.answers.verify import Case, Verdict
from limo.base.files import digest
from limo.base.tables import frame
from limo.graph import places
from limo.graph.schemas import JUDGED
from limo.own import judge

_SCALE = 16**15


def judged(answers: Mapping[str, pl.DataFrame], benchmarks: pl.DataFrame, name: str, p: params.Params) -> pl.DataFrame:
    """Ask judge `name` about every answer that rules leave undecided, and about a share of the others.

    Only benchmarks that the judge names are looked at, and of an answer only what was extracted is shown.

    Args:
        answers: the ANSWER rows of every candidate.
        benchmarks: BENCHMARK rows.
        name: its key in `p.judges`.
        p: all parameters.

    Returns:
        JUDGED rows. The verdicts of the rules stand: what follows from a judgement is `metrics.judged`'s.

    Raises:
        ValueError, EngineError: as `judge.open_judge` and the engine.
    """
    spec = p.judges[name]
    asked = benchmarks.filter(pl.col("benchmark").is_in(spec.benchmarks)).select(
        "benchmark", "source_id", "question", "answer"
    )
    rows, graded = [], []
    for candidate, table in sorted(answers.items()):
        for row in _wanted(table.join(asked, on=["benchmark", "source_id"]), candidate, spec.share, p.seed):
            label = f"{candidate} {row['benchmark']}:{row['source_id']}/{row['sample']}"
            case = Case(row["answer"], answer=row["extracted"], question=row["question"])
            rows.append({"candidate": candidate, **row})
            graded.append((label, case, Verdict(row["verdict"], row["extracted"], row["rule"])))
    folder = Path(places.base_model(spec.model).path)
    with judge.open_judge(folder, p.engines[spec.engine], spec.max_tokens) as opened:
        judgements = judge.ask(opened, graded)
    told = [
        {
            **{
                key: row[key]
                for key in ("candidate", "benchmark", "protocol", "source_id", "sample", "shared", "extracted")
            },
            "rules": said.rules,
            "rule": said.rule,
            "judgement": said.judgement,
            "text": said.text,
            "model": spec.model,
            "fingerprint": said.model,
            "prompt": said.prompt,
            "key": said.key,
        }
        for row, said in zip(rows, judgements, strict=True)
    ]
    return frame(told, JUDGED)


def _wanted(table: pl.DataFrame, candidate: str, share: float, seed: int) -> Iterator[dict[str, Any]]:
    """The rows that are judged, in a fixed order, each with `shared`: whether the hash chose it."""
    for row in table.sort("benchmark", "protocol", "source_id", "sample").iter_rows(named=True):
        drawn = digest(f"judge {seed} {candidate} {row['benchmark']} {row['source_id']} {row['sample']}")
        shared = int(drawn[:15], 16) < share * _SCALE
        if row["extracted"] is not None and (shared or row["verdict"] == "undecided"):
            yield {**row, "shared": shared}
