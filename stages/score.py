"""Checked and measured chains → the right ones with their scaled measures and score, in data/scored.parquet."""

import click

from limo import params
from limo.base import timing
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
        checked, measured = (rounds.joined(map(outs.read, each(p))) for each in (outs.all_checked, outs.all_measured))
        scored = score.score(checked, measured, said, p.score, p.gates.tags, tokenizer)
        outs.write(outs.SCORED, scored)
        counts.update(score.counts(scored))


if __name__ == "__main__":
    main()
