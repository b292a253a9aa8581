"""Checked and measured chains → the right ones with their scaled measures and score, in data/scored.parquet."""

from collections.abc import Iterator

import click
import polars as pl

from limo import params
from limo.base import parts, timing
from limo.chains import rounds
from limo.graph import outs, places
from limo.models import load
from limo.quality import score, votes

PART = 512  # chains whose texts are in memory


@click.command()
def main() -> None:
    """Give every correct chain its score."""
    p = params.load()
    with timing.record("score") as counts:
        tokenizer = load.load_counter(places.base_model(p.score.tokenizer).path)
        said = votes.votes([outs.read(outs.voted(name)) for name in sorted(p.chain_judges)])
        measured = rounds.joined(map(outs.read, outs.all_measured(p)))

        def read() -> Iterator[pl.DataFrame]:
            return rounds.merged([parts.read(out.path, out.schema, PART, None) for out in outs.all_checked(p)])

        scored = score.score(read, measured, said, p.score, p.gates.tags, tokenizer)
        parts.write(scored, outs.SCORED.path, outs.SCORED.schema, "chain_id")
        counts.update(score.counts(pl.read_parquet(outs.SCORED.path, columns=["score"])))


if __name__ == "__main__":
    main()
