"""Checked chains → the right ones with their features and score, in data/scored.parquet."""

import click

from limo import params
from limo.base import timing
from limo.chains import score
from limo.graph import outs, places
from limo.models import load


@click.command()
def main() -> None:
    """Give every correct chain its rule score."""
    p = params.load().score
    with timing.record("score") as counts:
        tokenizer = load.load_tokenizer(places.base_model(p.tokenizer).path)
        scored = score.score(outs.read(outs.CHECKED), p, tokenizer)
        outs.write(outs.SCORED, scored)
        given = scored["score"].count()
        counts.update({"in": scored.height, "scored": given, "not correct": scored.height - given})


if __name__ == "__main__":
    main()
