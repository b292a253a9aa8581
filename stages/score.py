"""Checked and measured chains → the right ones with their scaled measures and score, in data/scored.parquet."""

import click

from limo import params
from limo.base import parts, timing
from limo.chains import rounds
from limo.graph import outs, places
from limo.models import load
from limo.quality import score, votes


@click.command()
def main() -> None:
    """Give every correct chain its score."""
    p = params.load()
    with timing.record("score") as counts:
        tokenizer = load.load_counter(places.base_model(p.score.tokenizer).path)
        said = votes.votes([outs.read(outs.voted(name)) for name in sorted(p.chain_judges)])
        measured = rounds.joined(map(outs.read, outs.all_measured(p)))
        scored = score.score(lambda: rounds.read(outs.all_checked(p)), measured, said, p.score, p.gates.tags, tokenizer)
        parts.write(scored, outs.SCORED.path, outs.SCORED.schema, "chain_id")
        counts.update(score.counts(outs.SCORED.path))


if __name__ == "__main__":
    main()
