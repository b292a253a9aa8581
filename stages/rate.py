"""What the screen left → pass counts of a reasoner, and the problems in the band, in data/rated.parquet."""

from pathlib import Path

from limo import params
from limo.base import tables, timing
from limo.generation import attempts, task
from limo.graph import outs


def main() -> None:
    """Let a stronger reasoner draw answers to what the screen left: its pass count must fall in the band."""
    p = params.load()
    with timing.record("rate") as counts:
        problems, drawn = tables.kept(outs.read(outs.SCREENED)), Path(outs.RATE_ATTEMPTS.path)
        decided, tally = attempts.decide(problems, task.rate(p), p.rate, p, drawn)
        outs.write(outs.RATED, decided)
        counts.update(tally)


if __name__ == "__main__":
    main()
