"""The file of CHECKED rows and the pool → MEASURED rows, a batch at a time; used by measure."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import polars as pl
from tqdm import tqdm

from limo.base import parts
from limo.base.tables import frame
from limo.graph.schemas import CHECKED, MEASURED
from limo.quality import form
from limo.quality.measures import Measures, measure

_BATCH = 256  # chains in memory of each process
Asked = tuple[str, str, str | None, str]  # a chain's text, its question, the answer read in it, `gates.tags`


def measured(checked: Path, pool: pl.DataFrame, tags: str, workers: int) -> pl.DataFrame:
    """Measure every chain of a table: CHECKED rows of a file to as many MEASURED rows.

    Only the texts of a batch are in memory, and of what is read ahead of it.

    Args:
        checked: path of the CHECKED table.
        pool: POOL rows; they hold the questions.
        tags: `gates.tags`; a chain is measured in the form in which it is stored.
        workers: processes; their number changes no row.

    Raises:
        ValueError: a chain belongs to no problem of the pool.
    """
    questions = dict(pool.select("id", "question").iter_rows())
    total = pl.scan_parquet(checked).select(pl.len()).collect().item()
    batches = parts.read(checked, CHECKED, _BATCH, ["chain_id", "id", "chain", "extracted"])
    tables = []
    with tqdm(total=total, desc="measure", unit="chain") as progress:
        for identities, found in _done(_asked(batches, questions, tags), workers):
            rows = [{"chain_id": identity, **row} for identity, row in zip(identities, found, strict=True)]
            tables.append(frame(rows, MEASURED))
            progress.update(len(rows))
    return pl.concat(tables) if tables else frame([], MEASURED)


def one(asked: Asked) -> Measures:
    """The MEASURED values of one chain."""
    chain, question, answer, tags = asked
    stored = form.stored(chain, tags)
    return {"thought": stored.thought, **measure(stored.text, question, answer)}


def _asked(
    batches: Iterable[pl.DataFrame], questions: dict[str, str], tags: str
) -> Iterator[tuple[list[str], list[Asked]]]:
    for batch in batches:
        if unknown := set(batch["id"]) - questions.keys():
            raise ValueError(f"chains are for problem {min(unknown)}, which is not in the pool: run `dvc repro check`")
        asked = [(chain, questions[i], answer, tags) for i, chain, answer in batch.drop("chain_id").iter_rows()]
        yield batch["chain_id"].to_list(), asked


def _done(asked: Iterator[tuple[list[str], list[Asked]]], workers: int) -> Iterator[tuple[list[str], list[Measures]]]:
    if workers == 1:
        for identities, batch in asked:
            yield identities, [one(chain) for chain in batch]
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for identities, batch in asked:
            yield identities, list(pool.map(one, batch, chunksize=max(1, len(batch) // (4 * workers))))
