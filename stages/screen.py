from pathlib import Path

from limo import params
from limo.base import tables, timing
from limo.generation import attempts, task
from limo.graph import schemas


def main() -> None:
    """Let a small model try every pool problem: those it solves are too easy."""
    p = params.load()
    pool = tables.read("data/pool.parquet", schemas.POOL)
    with timing.record("screen") as counts:
        table, drawn = attempts.decide(pool, task.screen(p), p.screen, p, Path("data/screen_attempts.parquet"))
        counts.update(drawn)
        tables.write(table, "data/screened.parquet", schemas.SCREENED, ["id"])


if __name__ == "__main__":
    main()
