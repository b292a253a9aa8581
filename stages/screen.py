"""The pool → pass counts of a small model, and the problems in the band, in data/screened.parquet."""

from pathlib import Path

from limo import params
from limo.base import timing
from limo.generation import attempts, task
from limo.graph import outs


def main() -> None:
    """Let a small model try every pool problem: those it solves are too easy."""
    p = params.load()
    with timing.record("screen") as counts:
        problems, drawn = outs.read(outs.POOL), Path(outs.SCREEN_ATTEMPTS.path)
        decided, tally = attempts.decide(problems, task.screen(p), p.screen, p, drawn)
        outs.write(outs.SCREENED, decided)
        counts.update(tally)


if __name__ == "__main__":
    main()
