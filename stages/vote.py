"""Pairs of chains and a judge → which of two it prefers, and what that is worth."""

import click

from limo import params
from limo.base import timing
from limo.base.files import write_json
from limo.graph import outs, places
from limo.metrics import ballots
from limo.own import jury
from limo.sources.champ_labels import labelled


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Try judge NAME on chains that humans have marked, and let it compare chains of the pool if it agrees."""
    p = params.load()
    with timing.record(f"vote@{name}") as counts:
        table = jury.voted(outs.read(outs.PAIRS), outs.all_checked(p), outs.read(outs.POOL), list(labelled()), name, p)
        outs.write(outs.voted(name), table)
        write_json(ballots.figures(table, p.chain_judges[name].min_agreement), places.voted(name).path)
        counts.update(table["asked"].value_counts().sort("asked").iter_rows())


if __name__ == "__main__":
    main()
