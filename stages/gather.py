import click
import polars as pl

from limo.base import timing
from limo.base.tables import read, write
from limo.chains import gather
from limo.graph.schemas import ATTEMPT, CHAIN, POOL


@click.command()
def main() -> None:
    """Write the chains that exist already: the sources' worked solutions and the correct attempts of rate."""
    with timing.record("gather") as counts:
        pool = read("data/pool.parquet", POOL)
        attempts = read("data/rate_attempts.parquet", ATTEMPT)
        solutions, correct = gather.from_solutions(pool), gather.from_attempts(attempts)
        write(solutions, "data/chains/solutions.parquet", CHAIN, ["chain_id"])
        write(correct, "data/chains/attempts.parquet", CHAIN, ["chain_id"])
        entered = int(pool["solutions"].list.len().sum()) + attempts.height
        incorrect = attempts.filter(pl.col("verdict") != "correct").height
        identical = entered - incorrect - solutions.height - correct.height
        counts.update({"in": entered, "solutions": solutions.height, "attempts": correct.height})
        counts.update({"not correct": incorrect, "identical": identical})
        assert identical >= 0


if __name__ == "__main__":
    main()
