"""The counts of all raters → the problems that are hard enough, in data/rated.parquet."""

import click

from limo import params
from limo.base import tables, timing
from limo.generation import raters
from limo.graph import outs


@click.command()
def main() -> None:
    """Decide by the rule of `rate` which problems go on, and keep the counts of every rater."""
    p = params.load()
    with timing.record("decide") as counts:
        ratings = {name: outs.read(outs.rated(name)) for name in p.rate.raters}
        rated = raters.decide(tables.kept(outs.read(outs.SCREENED)), ratings, p.rate)
        outs.write(outs.RATED, rated)
        kept = tables.kept(rated).height
        rejected = {"rejected": rated.height - kept, **tables.reasons(rated)}
        counts.update({"in": rated.height, "kept": kept, **rejected, **raters.counts(rated)})


if __name__ == "__main__":
    main()
