"""Worked solutions and right attempts → chains, in data/chains/0."""

import click
import polars as pl

from limo import params
from limo.base import timing
from limo.chains import gather
from limo.graph import outs
from limo.problems.known import merged


@click.command()
def main() -> None:
    """Write the chains that exist already: the sources' worked solutions and the correct attempts of rate."""
    with timing.record("gather") as counts:
        pool, attempts = outs.read(outs.POOL), pl.concat(map(outs.read, outs.attempts(params.load())))
        duplicates = merged(pool.lazy(), outs.read(outs.POOL_REJECTED).lazy()).collect()
        solutions, correct = gather.from_solutions(pool, duplicates), gather.from_attempts(attempts)
        outs.write(outs.SOLUTIONS, solutions)
        outs.write(outs.ATTEMPTS, correct)
        counts.update(gather.counts(pool, duplicates, attempts, solutions, correct))


if __name__ == "__main__":
    main()
