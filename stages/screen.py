"""The pool → pass counts of a small model, and the problems in the band, in data/screened.parquet."""

from pathlib import Path

from limo import params
from limo.base import timing
from limo.generation import rating
from limo.graph import outs


def main() -> None:
    """Let a small model try every pool problem, or look its tries up: those it solves are too easy."""
    p = params.load()
    with timing.record("screen") as counts:
        screened, tally = rating.screen(outs.read(outs.POOL), p, Path(outs.SCREEN_ATTEMPTS.path))
        outs.write(outs.SCREENED, screened)
        counts.update(tally)


if __name__ == "__main__":
    main()
