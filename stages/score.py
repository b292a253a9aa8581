"""Checked and measured chains → the right ones with their scaled measures and score, in data/scored.parquet."""

import click

from limo import params
from limo.base import timing
from limo.graph import outs, places
from limo.models import load
from limo.quality import score, votes


@click.command()
def main() -> None:
    """Give every correct chain its score."""
    p = params.load()
    with timing.record("score") as counts:
        tokenizer = load.load_tokenizer(places.base_model(p.score.tokenizer).path)
        said = votes.votes([outs.read(outs.voted(name)) for name in sorted(p.chain_judges)])
        measured = outs.read(outs.MEASURED)
        scored = score.score(outs.read(outs.CHECKED), measured, said, p.score, p.gates.tags, tokenizer)
        outs.write(outs.SCORED, scored)
        given = scored["score"].count()
        counts.update({"in": scored.height, "scored": given, "not correct": scored.height - given})


if __name__ == "__main__":
    main()
