from pathlib import Path

from limo import params, tables, timing
from limo.generation import attempts, task


def main() -> None:
    """Let a small model try every pool problem: those it solves are too easy."""
    p = params.load()
    pool = tables.read("data/pool.parquet", tables.POOL)
    with timing.record("screen") as counts:
        table, drawn = attempts.decide(pool, task.screen(p), p.screen, p, Path("data/screen_attempts.parquet"))
        counts.update(drawn)
        tables.write(table, "data/screened.parquet", tables.SCREENED, ["id"])


if __name__ == "__main__":
    main()
