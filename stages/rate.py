from pathlib import Path

from limo import params, tables, timing
from limo.generation import attempts, task


def main() -> None:
    """Let a stronger reasoner draw answers to what the screen left: its pass count must fall in the band."""
    p = params.load()
    screened = tables.kept(tables.read("data/screened.parquet", tables.SCREENED))
    with timing.record("rate") as counts:
        table, drawn = attempts.decide(screened, task.rate(p), p.rate, p, Path("data/rate_attempts.parquet"))
        counts.update(drawn)
        tables.write(table, "data/rated.parquet", tables.RATED, ["id"])


if __name__ == "__main__":
    main()
