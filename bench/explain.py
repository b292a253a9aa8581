"""Seconds and memory of `limo explain` and `limo funnel` as whole processes, over tables of many problems.

Usage: python bench/explain.py [--problems 100000] [--repeats 5] [--folder FOLDER]

Every table of the graph is made in a temporary folder under the repository's params.yaml: problems of 40 words in five
sources, a tenth of which come twice; of each two screen attempts, and of two in three six rate attempts of 30 words and
three chains of 60. Seconds are medians, GiB the most of a process. The last line is JSON, explain_seconds of the
slowest way to name a problem that is there.
"""

import json
import multiprocessing
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import polars as pl

from limo import params
from limo.base import tables
from limo.chains.gather import chain_id
from limo.graph import outs, schemas
from limo.problems.canonical import problem_ids

ROOT = Path(__file__).parents[1]
WORDS = (
    "the of a number integer sum product find let be triangle circle radius area value positive such that how many "
    "real x y n equation solve digits prime divides remainder when is equal to apples boxes each girl buys tickets"
).split()
UNKNOWN = "How many green parrots does the sailor feed if each of 12 cages holds 7 of them?"


def said(chance: random.Random, words: int) -> str:
    return f"{' '.join(chance.choices(WORDS, k=words))} {chance.randrange(10**9)}"


def make(root: Path, count: int) -> dict[str, list[str]]:
    """All tables; returns how a problem in a dataset can be named."""
    shutil.copy(ROOT / "params.yaml", root)
    os.chdir(root)
    p = params.load()
    chance = random.Random(1)
    chains(filtered(pooled(acquired(p, count, chance), p), chance), p, chance)
    first = pl.read_parquet("data/limo.parquet").row(0, named=True)
    full = first["id"]
    return {
        "id": [full],
        "prefix": [full[:12]],
        "source row": [f"{first['source']}:{first['source_id']}"],
        "row": ["--row", "0"],
        "question": ["--question", first["question"]],
    }


def acquired(p: params.Params, count: int, chance: random.Random) -> pl.DataFrame:
    """Rows of distinct problems, numbered by `n`, spread over the sources."""
    texts = pl.Series([f"{said(chance, 40)}?" for _ in range(count)])
    base = pl.DataFrame({"id": problem_ids(texts), "question": texts}).with_row_index("n")
    names = sorted(p.sources)
    return base.with_columns(
        answer=pl.col("n").cast(pl.String),
        solutions=pl.lit([], dtype=schemas.SOURCE["solutions"]),
        domain=pl.lit("algebra"),
        level=(pl.col("n") % 5).cast(pl.Int64),
        source=pl.Series(names)[(base["n"] % len(names)).to_list()],
        source_id=pl.format("s-{}", "n"),
        source_revision=pl.lit("r"),
        licence=pl.lit("MIT"),
        rejected=pl.lit(None, pl.String),
    )


def pooled(rows: pl.DataFrame, p: params.Params) -> pl.DataFrame:
    """Write the tables of acquire, where a tenth of the problems comes twice, and of the pool, which is returned."""
    copies = rows.filter(pl.col("n") % 10 == 0).with_columns(source_id=pl.col("source_id") + "-again")
    both = pl.concat([rows, copies])
    for name, out in outs.sources(p).items():
        put(both.filter(pl.col("source") == name), out, ["source_id"])
    original = pl.format("{}:{}", "source", pl.col("source_id").str.strip_suffix("-again"))
    fallen = {"rejected": pl.lit("duplicate: exact"), "match": original, "match_score": pl.lit(1.0)}
    put(copies.with_columns(**fallen), outs.POOL_REJECTED, ["source", "source_id"])
    put(pl.DataFrame(schema=schemas.BENCHMARK), outs.BENCHMARKS, ["source_id"])
    again = pl.when(pl.col("n") % 10 == 0).then(pl.concat_list(pl.format("{}:{}-again", "source", "source_id")))
    labels = {"subject": "algebra", "language": "en", "answer_type": "integer"}
    pool = rows.with_columns(
        duplicates=again.otherwise(pl.lit([], dtype=pl.List(pl.String))),
        family=pl.lit(None, pl.String),
        **{name: pl.lit(value) for name, value in labels.items()},
    )
    put(pool, outs.POOL, ["id"])
    return pool


def filtered(pool: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    """Write the tables of screen, rate and select; returns what is left of the pool."""
    for stage, out, attempts, draws in (
        ("screen", outs.SCREENED, outs.SCREEN_ATTEMPTS, 2),
        ("rate", outs.RATED, outs.rate_attempts("smollm2"), 6),
    ):
        counts = {"correct": pl.lit(0, pl.Int64), "drawn": pl.lit(draws, pl.Int64)}
        counts |= dict.fromkeys(("stopped", "claimed"), pl.lit(value=False))
        each = pl.struct(rater=pl.lit("smollm2"), **counts, asked=counts["drawn"])
        pool = pool.with_columns(**{f"{stage}_{key}": value for key, value in counts.items()})
        pool = pool.with_columns(rater=pl.lit("smollm2"), raters=pl.concat_list(each.cast(schemas.RATER)))
        fails = pl.when(pl.col("n") % 3 == 0).then(pl.lit("too easy: 1 correct of 2 drawn"))
        decided = pool.with_columns(rejected=fails if stage == "screen" else pl.lit(None, pl.String))
        put(decided, out, ["id"])
        put(tables.frame(drawn(pool["id"].to_list(), draws, chance), schemas.ATTEMPT), attempts, ["id", "sample"])
        pool = decided.filter(pl.col("rejected").is_null())
    put(pool, outs.QUESTIONS, ["id"])
    return pool


def drawn(ids: list[str], draws: int, chance: random.Random) -> list[dict[str, Any]]:
    same = {"model": "m", "fingerprint": "f", "tokens": 40, "stop": "eos", "numerics": "cpu"}
    same |= dict.fromkeys(("claimed", "licence"))
    judged = {"extracted": "1", "verdict": "wrong", "rule": "integer"}
    return [
        {"id": each, "sample": n, "seed": chance.getrandbits(64), "key": f"{each}{n}", "text": said(chance, 30)}
        | same
        | judged
        for each in ids
        for n in range(draws)
    ]


def chains(pool: pl.DataFrame, p: params.Params, chance: random.Random) -> None:
    known = outs.chains(p, 0)
    facts = dict.fromkeys(("verify_count", "explore_count", "connect_count"), 1)
    facts |= dict.fromkeys(("length_z", "verify_z", "explore_z", "connect_z", "score"), 0.5)
    facts |= {"extracted": "1", "verdict": "correct", "rule": "integer", "tokens": 80, "level": None, "rank": None}
    facts |= {"selected": True, "best": False, "truncated": False, "rejected": None, "seed": None, "stop": "eos"}
    rows = []
    for out in known:
        texts = [(each, said(chance, 60)) for each in pool["id"]]
        made = [
            {"chain_id": chain_id(each, text), "id": each, "chain": text, "origin": "sample:0", **facts}
            | {"teacher": Path(out.path).stem, "round": 0}
            for each, text in texts
        ]
        table = pl.DataFrame(made, schema=schemas.TIERS)
        put(table, out, ["chain_id"])
        rows.append(table)
    whole = pl.concat(rows)
    for out in (outs.checked(0), outs.SCORED, outs.TIERS):
        put(whole, out, ["chain_id"])
    chosen = whole.unique("id").drop("rejected").join(pool.drop("rejected"), on="id", suffix="_")
    chosen = chosen.rename({"chain": "solution", "level": "quality", "level_": "difficulty"})
    chosen = chosen.with_columns(pl.col("quality").alias("level"), decontamination=pl.lit("clean"))
    for out in outs.datasets(p).values():
        put(chosen.head(1000), out, ["id"])


def put(table: pl.DataFrame, out: outs.Out, key: list[str]) -> None:
    tables.write(table.select(out.schema.names()).cast(dict(out.schema)), out.path, out.schema, key)


def timed(options: list[str], code: int) -> tuple[float, float]:
    """Seconds of a whole process and the most memory that it held, in GiB."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "limo.cli", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == code, options
    return seconds, usage.ru_maxrss / 2**20


@click.command()
@click.option("--problems", default=100_000, show_default=True)
@click.option("--repeats", default=5, show_default=True)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where tables are made and removed.")
def main(problems: int, repeats: int, folder: Path | None) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as made:
        # In a process of its own: what a parent holds when it starts a process counts as that one's peak.
        with multiprocessing.get_context("spawn").Pool(1) as maker:
            named = maker.apply(make, (Path(made), problems))
        os.chdir(made)
        runs = {f"explain {way}": (["explain", *options], 0) for way, options in named.items()}
        runs |= {"explain --full": (["explain", *named["id"], "--full"], 0), "funnel": (["funnel"], 0)}
        runs |= {"explain unknown": (["explain", "--question", UNKNOWN], 2)}
        click.echo(f"{'command':20} {'seconds':>8} {'GiB':>6}")
        medians, peaks = {}, {}
        for name, (options, code) in runs.items():
            taken = [timed(options, code) for _ in range(repeats)]
            medians[name] = statistics.median(seconds for seconds, _ in taken)
            peaks[name] = max(peak for _, peak in taken)
            click.echo(f"{name:20} {medians[name]:8.2f} {peaks[name]:6.3f}")
        os.chdir(ROOT)
    known = [seconds for name, seconds in medians.items() if name not in {"funnel", "explain unknown"}]
    figures = {
        "problems": problems,
        "explain_seconds": round(max(known), 2),
        "unknown_seconds": round(medians["explain unknown"], 2),
        "funnel_seconds": round(medians["funnel"], 2),
        "peak_gib": round(max(peaks.values()), 3),
    }
    click.echo(json.dumps(figures))


if __name__ == "__main__":
    main()
