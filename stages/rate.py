from limo import params, tables, timing
from limo.generation import attempts


def main() -> None:
    """Let a stronger reasoner draw answers to what the screen left: its pass count must fall in the band."""
    p = params.load()
    screened = tables.kept(tables.read("data/screened.parquet", tables.SCREENED))
    with timing.record("rate") as counts:
        drawn, table, found = attempts.decide(screened, "rate", p.rate, p)
        counts.update(found)
        tables.write(drawn, "data/rate_attempts.parquet", tables.ATTEMPT, ["id", "sample"])
        tables.write(table, "data/rated.parquet", tables.RATED, ["id"])


if __name__ == "__main__":
    main()
