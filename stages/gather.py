"""Worked solutions and right attempts → chains, in data/chains."""

import click

from limo.base import timing
from limo.chains import gather
from limo.graph import outs


@click.command()
def main() -> None:
    """Write the chains that exist already: the sources' worked solutions and the correct attempts of rate."""
    with timing.record("gather") as counts:
        pool, attempts = outs.read(outs.POOL), outs.read(outs.RATE_ATTEMPTS)
        solutions, correct = gather.from_solutions(pool), gather.from_attempts(attempts)
        outs.write(outs.SOLUTIONS, solutions)
        outs.write(outs.ATTEMPTS, correct)
        counts.update(gather.counts(pool, attempts, solutions, correct))


if __name__ == "__main__":
    main()
