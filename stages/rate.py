from pathlib import Path

from limo import params
from limo.base import tables, timing
from limo.generation import attempts, task
from limo.graph import schemas


def main() -> None:
    """Let a stronger reasoner draw answers to what the screen left: its pass count must fall in the band."""
    p = params.load()
    screened = tables.kept(tables.read("data/screened.parquet", schemas.SCREENED))
    with timing.record("rate") as counts:
        table, drawn = attempts.decide(screened, task.rate(p), p.rate, p, Path("data/rate_attempts.parquet"))
        counts.update(drawn)
        tables.write(table, "data/rated.parquet", schemas.RATED, ["id"])


if __name__ == "__main__":
    main()
