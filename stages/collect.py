"""A teacher and the chosen questions → its chains, in data/chains."""

import click

from limo import params
from limo.base import tables, timing
from limo.chains import gather
from limo.generation import attempts, task
from limo.graph import outs


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let teacher NAME write chains for every selected question of its sources."""
    p = params.load()
    with timing.record(f"collect@{name}") as counts:
        questions = tables.of_sources(tables.kept(outs.read(outs.QUESTIONS)), p.teachers[name].sources)
        drawn, tally = attempts.drawn(questions, task.teacher(p, name), p)
        chains = gather.from_samples(drawn, name)
        outs.write(outs.taught(name), chains)
        identical = drawn.height - chains.height
        counts.update({"questions": questions.height, "chains": chains.height, "identical": identical, **tally})


if __name__ == "__main__":
    main()
