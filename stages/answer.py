"""A candidate and the benchmarks → its judged answers, in data/answers."""

import click

from limo import params
from limo.base import timing
from limo.generation import exam
from limo.graph import outs


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let candidate NAME answer every benchmark under its protocol (paper 7.2)."""
    with timing.record(f"answer@{name}") as counts:
        table, answered = exam.answer(outs.read(outs.BENCHMARKS), name, params.load())
        outs.write(outs.answers(name), table)
        counts.update(answered)


if __name__ == "__main__":
    main()
